"""What plain models make of the raw inputs, by which the encoders are measured.

Inputs: data.safetensors. Outputs: <results>/{dataset}/baseline.csv.
"""


rule fit_baseline:
    """Fit a logistic (or ridge) regression to each modality's inputs, and to both."""
    input:
        data="<results>/{dataset}/data.safetensors",
    output:
        table="<results>/{dataset}/baseline.csv",
    log:
        "<logs>/{dataset}/fit_baseline.log",
    benchmark:
        "<benchmarks>/{dataset}/fit_baseline.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: side_by_side(len(DATASETS), STUDY["seeds"])
    resources:
        mem_mb=grows(1000, per_mb=20),
        runtime=grows(30, per_mb=1),
    params:
        code=code("fit_baseline", "datasets"),
        seeds=STUDY["seeds"],
    message:
        "Fitting plain models to {wildcards.dataset}"
    script:
        "../scripts/fit_baseline.py"
