"""The best strength of each dataset and modality.

Inputs: <results>/tables/{probe,alignment,datasets}.csv.
Outputs: <results>/tables/{gains,optimum,claims}.csv.
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


rule check_claims:
    """Hold what the paper claims of synthetic data against the tables."""
    input:
        datasets="<results>/tables/datasets.csv",
        gains="<results>/tables/gains.csv",
        optimum="<results>/tables/optimum.csv",
        alignment="<results>/tables/alignment.csv",
        library=library("claims.py", "recommend.py", "tables.py"),
    output:
        claims="<results>/tables/claims.csv",
    log:
        "<logs>/tables/claims.log",
    benchmark:
        "<benchmarks>/tables/claims.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    message:
        "Checking the paper's claims"
    script:
        "../scripts/check_claims.py"


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
                "claims",
            ],
        ),
