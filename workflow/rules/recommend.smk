"""The best strength of each dataset and modality.

Inputs: <results>/tables/{probe,alignment,datasets,information}.csv.
Outputs: <results>/tables/{gains,optimum,predictions,claims}.csv, <results>/{dataset}/recommendation.{json,md,svg,html}.
"""


rule select_strength:
    """Compare every strength with strength 0, paired by seed, and name the optimum."""
    input:
        probe="<results>/tables/probe.csv",
        searched=searched(DATASETS),
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
        mem_mb=grows(500),
        runtime=grows(5),
    params:
        code=code("recommend.py", "tables.py"),
    message:
        "Selecting strengths"
    script:
        "../scripts/select_strength.py"


rule predict_strength:
    """Predict the optimum from the information structure alone, by the law of the synthetic sweep."""
    input:
        information="<results>/tables/information.csv",
    output:
        predictions="<results>/tables/predictions.csv",
    log:
        "<logs>/tables/predictions.log",
    benchmark:
        "<benchmarks>/tables/predictions.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=grows(500),
        runtime=grows(5),
    params:
        code=code("law.py", "law.csv", "recommend.py", "tables.py"),
    message:
        "Predicting strengths"
    script:
        "../scripts/predict_strength.py"


rule recommend_dataset:
    """Answer for one dataset, on one page: align or not, how strongly, what it gains, how sure that is."""
    input:
        probe="<results>/tables/probe.csv",
        optimum="<results>/tables/optimum.csv",
        datasets="<results>/tables/datasets.csv",
        information="<results>/tables/information.csv",
        predictions="<results>/tables/predictions.csv",
        searched=searched(["{dataset}"]),
    output:
        json="<results>/{dataset}/recommendation.json",
        page="<results>/{dataset}/recommendation.md",
        figure="<results>/{dataset}/recommendation.svg",
        html=report(
            "<results>/{dataset}/recommendation.html",
            caption="../report/recommendation.rst",
            category="Recommendation",
            labels={"dataset": "{dataset}"},
        ),
    log:
        "<logs>/{dataset}/recommend_dataset.log",
    benchmark:
        "<benchmarks>/{dataset}/recommend_dataset.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=grows(500),
        runtime=grows(5),
    params:
        code=code("advice.py", "law.py", "recommend.py", "tables.py", "figures/*"),
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
        mem_mb=grows(500),
        runtime=grows(5),
    params:
        code=code("claims.py", "recommend.py", "tables.py"),
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
                "predictions",
                *([] if ADAPTIVE else ["alignment"]),
                *(["claims"] if SYNTHETIC and not ADAPTIVE else []),
            ],
        ),
