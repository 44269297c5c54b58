"""Data of every dataset, in one form, and the facts known of it.

Inputs: none, downloads, or a file of the user's.
Outputs: resources/{file}, <results>/{dataset}/data.safetensors, facts.csv.
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
        file=only(sorted({f for own in DOWNLOADS.values() for f in own})),
    localrule: True
    conda:
        "../../envs/data.yaml"
    message:
        "Fetching {wildcards.file}"
    script:
        "../scripts/download_dataset.py"


rule prepare_dataset:
    """Bring a real dataset into the common form."""
    input:
        files=lambda wildcards: [f"resources/{f}" for f in DOWNLOADS[wildcards.dataset]],
        own=lambda wildcards: DATASETS[wildcards.dataset]["options"].get("path", []),
    output:
        data="<results>/{dataset}/data.safetensors",
        facts="<results>/{dataset}/facts.csv",
    log:
        "<logs>/{dataset}/prepare_dataset.log",
    benchmark:
        "<benchmarks>/{dataset}/prepare_dataset.tsv"
    wildcard_constraints:
        dataset=only(REAL),
    conda:
        "../../envs/data.yaml"
    resources:
        mem_mb=grows(1000, per_mb=10),
        runtime=grows(60),
    params:
        code=code("prepare_dataset", "datasets"),
        kind=of_dataset("kind"),
        options=of_dataset("options"),
    message:
        "Preparing {wildcards.dataset}"
    script:
        "../scripts/prepare_dataset.py"


use rule prepare_dataset as generate_synthetic with:
    wildcard_constraints:
        dataset=only(MADE_UP),
    localrule: True
