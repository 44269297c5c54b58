"""Data of every dataset, in one form.

Inputs: none, or files the datasets bring with them. Outputs: <results>/{dataset}/data.safetensors.
"""


rule generate_synthetic:
    """Sample a synthetic dataset whose information about the label is known exactly."""
    input:
        library=library("data/__init__.py", "data/synthetic.py", "data/store.py"),
    output:
        data="<results>/{dataset}/data.safetensors",
    log:
        "<logs>/{dataset}/generate_synthetic.log",
    benchmark:
        "<benchmarks>/{dataset}/generate_synthetic.tsv"
    wildcard_constraints:
        dataset=only(SYNTHETIC),
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        kind=lookup(dpath="{dataset}/kind", within=DATASETS),
        options=lookup(dpath="{dataset}/options", within=DATASETS),
    message:
        "Sampling {wildcards.dataset}"
    script:
        "../scripts/make_dataset.py"


rule prepare_dataset:
    """Bring a real dataset into the common form."""
    input:
        library=library("data/__init__.py", "data/digits.py", "data/store.py"),
    output:
        data="<results>/{dataset}/data.safetensors",
    log:
        "<logs>/{dataset}/prepare_dataset.log",
    benchmark:
        "<benchmarks>/{dataset}/prepare_dataset.tsv"
    wildcard_constraints:
        dataset=only(REAL),
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=500,
        runtime=5,
    params:
        kind=lookup(dpath="{dataset}/kind", within=DATASETS),
        options=lookup(dpath="{dataset}/options", within=DATASETS),
    message:
        "Preparing {wildcards.dataset}"
    script:
        "../scripts/make_dataset.py"
