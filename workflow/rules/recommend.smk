"""The best strength of each dataset and modality.

Inputs: <results>/tables/{probe,alignment,datasets}.csv, <results>/{dataset}/information.json.
Outputs: <results>/tables/{gains,optimum,claims}.csv, <results>/{dataset}/recommendation.{json,md,svg}.
"""


rule select_strength:
    """Compare every strength with strength 0, paired by seed, and name the optimum."""
    input:
        probe="<results>/tables/probe.csv",
        searched=searched(DATASETS),
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


rule recommend_dataset:
    """Answer for one dataset, on one page: align or not, how strongly, what it gains, how sure that is."""
    input:
        probe="<results>/tables/probe.csv",
        optimum="<results>/tables/optimum.csv",
        datasets="<results>/tables/datasets.csv",
        information="<results>/{dataset}/information.json",
        searched=searched(["{dataset}"]),
        library=library("advice.py", "recommend.py", "tables.py", "figures/*"),
    output:
        json="<results>/{dataset}/recommendation.json",
        page=report(
            "<results>/{dataset}/recommendation.md",
            caption="../report/recommendation.rst",
            category="Recommendation",
            labels={"dataset": "{dataset}", "what": "the answer"},
        ),
        figure=report(
            "<results>/{dataset}/recommendation.svg",
            caption="../report/recommendation.rst",
            category="Recommendation",
            labels={"dataset": "{dataset}", "what": "its figure"},
        ),
    log:
        "<logs>/{dataset}/recommend_dataset.log",
    benchmark:
        "<benchmarks>/{dataset}/recommend_dataset.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    message:
        "Answering for {wildcards.dataset}"
    script:
        "../scripts/recommend.py"


rule recommend:
    """The answers for all datasets."""
    input:
        expand("<results>/{dataset}/recommendation.md", dataset=DATASETS),


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
    """All tables; an adaptive search leaves no encoders behind whose alignment could be measured."""
    input:
        expand(
            "<results>/tables/{table}.csv",
            table=[
                "probe",
                "datasets",
                "information",
                "gains",
                "optimum",
                *([] if ADAPTIVE else ["alignment"]),
                *(["claims"] if SYNTHETIC and not ADAPTIVE else []),
            ],
        ),
