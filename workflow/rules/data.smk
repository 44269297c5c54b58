"""Data of every dataset, in one form.

Inputs: none, downloads, or a file of the user's. Outputs: resources/{file}, <results>/{dataset}/data.safetensors.
"""


rule download_dataset:
    """Bring a file from its official place, or from data_mirror, and verify it."""
    output:
        # not deleted before the job: a file that is there is verified, never fetched again
        file=update("resources/{file}"),
    log:
        "logs/resources/{file}.log",
    benchmark:
        "benchmarks/resources/{file}.tsv"
    wildcard_constraints:
        file=only(sorted({re.escape(f) for own in DOWNLOADS.values() for f in own})),
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=grows(500),
        runtime=grows(240),
    message:
        "Fetching {wildcards.file}"
    script:
        "../scripts/download_dataset.py"


rule generate_synthetic:
    """Sample a synthetic dataset whose information about the label is known exactly."""
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
        mem_mb=grows(500),
        runtime=grows(5),
    params:
        code=code("data/synthetic.py", "data/store.py"),
        kind=lookup(dpath="{dataset}/kind", within=DATASETS),
        options=lookup(dpath="{dataset}/options", within=DATASETS),
    message:
        "Sampling {wildcards.dataset}"
    script:
        "../scripts/make_dataset.py"


rule prepare_dataset:
    """Bring a real dataset into the common form."""
    input:
        files=lambda wildcards: [f"resources/{f}" for f in DOWNLOADS[wildcards.dataset]],
        own=lambda wildcards: DATASETS[wildcards.dataset]["options"].get("path", []),
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
        mem_mb=grows(1000, per_mb=10),
        runtime=grows(60),
    params:
        code=code_of,
        kind=lookup(dpath="{dataset}/kind", within=DATASETS),
        options=lookup(dpath="{dataset}/options", within=DATASETS),
    message:
        "Preparing {wildcards.dataset}"
    script:
        "../scripts/make_dataset.py"
