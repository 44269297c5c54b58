"""What the encoders know, and how alike they are.

Inputs: data.safetensors, encoders.safetensors.
Outputs: probe.csv, alignment.csv of each cell, and of the dataset; <results>/{dataset}/seeds={seeds}/plane.csv.
"""


rule probe_encoders:
    """Probe the frozen encoders of a seed block."""
    input:
        data="<results>/{dataset}/data.safetensors",
        encoders=expand("{cell}/encoders.safetensors", cell=CELL_PATHS),
    output:
        tables=expand("{cell}/probe.csv", cell=CELL_PATHS),
        samples=expand("{cell}/samples.safetensors", cell=CELL_PATHS),
    log:
        "<logs>/{dataset}/seeds={seeds}/probe_encoders.log",
    benchmark:
        "<benchmarks>/{dataset}/seeds={seeds}/probe_encoders.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: side_by_side(len(DATASETS) * len(SEED_BLOCKS), STUDY["seeds_per_job"])
    resources:
        mem_mb=grows(1000, per_mb=8),
        runtime=grows(30, per_mb=0.5),
    params:
        code=code("probe_encoders", "datasets", "encoders", "probes"),
        cells=CELLS,
        options=of_dataset("probe"),
        uses=STUDY["uses"],
    message:
        "Probing the encoders of {wildcards.dataset}, seeds {wildcards.seeds}"
    script:
        "../scripts/probe_encoders.py"


rule measure_alignment:
    """Measure how similar the two modalities' embeddings of test pairs are; lay some out in a plane."""
    input:
        data="<results>/{dataset}/data.safetensors",
        encoders=expand("{cell}/encoders.safetensors", cell=CELL_PATHS),
    output:
        tables=expand("{cell}/alignment.csv", cell=CELL_PATHS),
        plane="<results>/{dataset}/seeds={seeds}/plane.csv",
    log:
        "<logs>/{dataset}/seeds={seeds}/measure_alignment.log",
    benchmark:
        "<benchmarks>/{dataset}/seeds={seeds}/measure_alignment.tsv"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=grows(1000, per_mb=8),
        runtime=grows(30, per_mb=0.5),
    params:
        code=code("measure_alignment", "datasets", "encoders", "metrics"),
        cells=CELLS,
        options=of_dataset("metrics"),
    message:
        "Measuring the alignment of {wildcards.dataset}, seeds {wildcards.seeds}"
    script:
        "../scripts/measure_alignment.py"


rule collect_cells:
    """Put the scores (or the alignment) of all models of a dataset into one table."""
    input:
        parts=lambda wildcards: expand(
            f"{CELL}/{{file}}.csv",
            file={"scores": "probe", "alignment": "alignment"}[wildcards.table],
            dataset=wildcards.dataset,
            alignment=ALIGNMENTS,
            strength=STRENGTHS,
            seeds=SEED_BLOCKS,
        ),
    output:
        table="<results>/{dataset}/{table}.csv",
    log:
        "<logs>/{dataset}/collect_{table}.log",
    benchmark:
        "<benchmarks>/{dataset}/collect_{table}.tsv"
    wildcard_constraints:
        table=only([] if ADAPTIVE else ["scores", "alignment"]),
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        code=code("collect_tables"),
        asked=lambda wildcards: study.asked(
            STUDY, [wildcards.dataset], metrics=wildcards.table == "alignment"
        ),
    message:
        "Collecting {wildcards.table} of {wildcards.dataset}"
    script:
        "../scripts/collect_tables.py"
