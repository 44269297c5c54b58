"""The answer for each dataset. (All of them on one page: page.smk.)

Inputs: <results>/{dataset}/{scores,gains,optimum,uses,facts,baseline}.csv, and information.json unless it is off.
Outputs: <results>/{dataset}/recommendation.{json,md,svg,html}.
"""


rule recommend_dataset:
    """Answer for one dataset, on one page: align or not, how strongly, what it gains, how sure that is."""
    input:
        scores="<results>/{dataset}/scores.csv",
        gains="<results>/{dataset}/gains.csv",
        optimum="<results>/{dataset}/optimum.csv",
        uses="<results>/{dataset}/uses.csv",
        facts="<results>/{dataset}/facts.csv",
        baseline="<results>/{dataset}/baseline.csv",
        information=lambda wildcards: [
            f"<results>/{d}/information.json"
            for d in INFORMED
            if d == wildcards.dataset
        ],
        predictions=PREDICTED,
    output:
        json="<results>/{dataset}/recommendation.json",
        page="<results>/{dataset}/recommendation.md",
        figure="<results>/{dataset}/recommendation.svg",
        html=report(
            "<results>/{dataset}/recommendation.html",
            caption="../report/recommendation.rst",
            category="Answers",
            labels={"dataset": "{dataset}"},
        ),
    log:
        "<logs>/{dataset}/recommend_dataset.log",
    benchmark:
        "<benchmarks>/{dataset}/recommend_dataset.tsv"
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        code=code("recommend_dataset"),
        asked=lambda wildcards: study.asked(STUDY, [wildcards.dataset]),
    message:
        "Answering for {wildcards.dataset}"
    script:
        "../scripts/recommend_dataset.py"


rule recommend:
    """The answers for all datasets."""
    input:
        answers(DATASETS),
