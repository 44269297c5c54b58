"""What can be seen of a dataset before training: features, and the decomposition of its information.

Inputs: <results>/{dataset}/data.safetensors. Outputs: <results>/predictor.safetensors, and of each dataset features.csv
and predictions.csv (unless features: false), information.json (unless information: false).
"""

PREDICTED = "<results>/{dataset}/predictions.csv" if STUDY["features"] else []


rule fit_predictor:
    """Learn from simulated datasets, whose gains come with the package, what a dataset's features let expect."""
    output:
        predictor="<results>/predictor.safetensors",
    log:
        "<logs>/fit_predictor.log",
    benchmark:
        "<benchmarks>/fit_predictor.tsv"
    localrule: True
    conda:
        "../../envs/torch.yaml"
    params:
        code=code("fit_predictor"),
    message:
        "Learning from the simulated world"
    script:
        "../scripts/fit_predictor.py"


rule predict_gains:
    """Measure what each modality knows, what both share and how much of it is nuisance; predict what alignment gains."""
    input:
        data="<results>/{dataset}/data.safetensors",
        predictor="<results>/predictor.safetensors",
    output:
        features="<results>/{dataset}/features.csv",
        predictions="<results>/{dataset}/predictions.csv",
    log:
        "<logs>/{dataset}/predict_gains.log",
    benchmark:
        "<benchmarks>/{dataset}/predict_gains.tsv"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=grows(1000, per_mb=6),
        runtime=grows(30, per_mb=0.5),
    params:
        code=code("predict_gains", "datasets"),
        strengths=STRENGTHS,
        encoder=of_dataset("encoder"),
        alignments=of_dataset("alignments"),
    message:
        "Looking at {wildcards.dataset} before training"
    script:
        "../scripts/predict_gains.py"


rule estimate_information:
    """Decompose the information of a dataset: exactly where it is known, and from samples."""
    input:
        data="<results>/{dataset}/data.safetensors",
    output:
        information="<results>/{dataset}/information.json",
    log:
        "<logs>/{dataset}/estimate_information.log",
    benchmark:
        "<benchmarks>/{dataset}/estimate_information.tsv"
    wildcard_constraints:
        dataset=only(INFORMED),
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=grows(1000, per_mb=6),
        runtime=grows(30, per_mb=0.5),
    params:
        code=code("estimate_information", "datasets"),
        kind=of_dataset("kind"),
        data_options=of_dataset("options"),
        options=of_dataset("information"),
    message:
        "Decomposing the information of {wildcards.dataset}"
    script:
        "../scripts/estimate_information.py"
