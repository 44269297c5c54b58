"""Tables of all datasets.

Inputs: probe.csv and alignment.csv of every dataset, strength and seed block; the datasets and their information.json.
Outputs: <results>/tables/{probe,alignment,datasets,information}.csv.
"""


rule collect_probes:
    """Put all probe scores into one table."""
    input:
        parts=branch(
            ADAPTIVE,
            then=expand("<results>/{dataset}/search/probe.csv", dataset=DATASETS),
            otherwise=expand(
                "<results>/{dataset}/strength={strength}/seeds={seeds}/probe.csv",
                dataset=DATASETS,
                strength=STRENGTHS,
                seeds=SEED_BLOCKS,
            ),
        ),
    output:
        table="<results>/tables/probe.csv",
    log:
        "<logs>/tables/probe.log",
    benchmark:
        "<benchmarks>/tables/probe.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=grows(500),
        runtime=grows(5),
    params:
        code=code("tables.py"),
    message:
        "Collecting probe scores"
    script:
        "../scripts/collect.py"


rule collect_alignment:
    """Put all alignment scores into one table."""
    input:
        parts=expand(
            "<results>/{dataset}/strength={strength}/seeds={seeds}/alignment.csv",
            dataset=DATASETS,
            strength=STRENGTHS,
            seeds=SEED_BLOCKS,
        ),
    output:
        table="<results>/tables/alignment.csv",
    log:
        "<logs>/tables/alignment.log",
    benchmark:
        "<benchmarks>/tables/alignment.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=grows(500),
        runtime=grows(5),
    params:
        code=code("tables.py"),
    message:
        "Collecting alignment scores"
    script:
        "../scripts/collect.py"


rule collect_datasets:
    """Put sizes and known facts of all datasets into one table."""
    input:
        parts=expand("<results>/{dataset}/data.safetensors", dataset=DATASETS),
    output:
        table="<results>/tables/datasets.csv",
    log:
        "<logs>/tables/datasets.log",
    benchmark:
        "<benchmarks>/tables/datasets.tsv"
    conda:
        "../../envs/data.yaml"
    threads: 1
    resources:
        mem_mb=grows(500, per_mb=3),
        runtime=grows(5),
    params:
        code=code("tables.py", "data/store.py"),
    message:
        "Collecting facts of the datasets"
    script:
        "../scripts/collect_datasets.py"


rule collect_information:
    """Put the information structure of all datasets into one table."""
    input:
        parts=expand("<results>/{dataset}/information.json", dataset=DATASETS),
    output:
        table="<results>/tables/information.csv",
    log:
        "<logs>/tables/information.log",
    benchmark:
        "<benchmarks>/tables/information.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=grows(500),
        runtime=grows(5),
    params:
        code=code("tables.py"),
    message:
        "Collecting the information structure"
    script:
        "../scripts/collect_information.py"
