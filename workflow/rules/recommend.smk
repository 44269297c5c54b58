"""The best strength of each dataset and modality.

Inputs: <results>/tables/probe.csv. Outputs: <results>/tables/{gains,optimum}.csv.
"""


rule select_strength:
    """Compare every strength with strength 0, paired by seed, and name the optimum."""
    input:
        probe="<results>/tables/probe.csv",
        library=library("recommend.py", "tables.py"),
    output:
        gains="<results>/tables/gains.csv",
        optimum="<results>/tables/optimum.csv",
    log:
        "<logs>/tables/optimum.log",
    benchmark:
        "<benchmarks>/tables/optimum.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    message:
        "Selecting strengths"
    script:
        "../scripts/select_strength.py"


rule tables:
    """All tables."""
    input:
        expand(
            "<results>/tables/{table}.csv",
            table=[
                "probe",
                "alignment",
                "datasets",
                "information",
                "gains",
                "optimum",
            ],
        ),
