"""What the encoders know, and how alike they are.

Inputs: data.safetensors, encoders.safetensors.
Outputs: probe.csv, alignment.csv of each cell, and of the dataset; plane.csv of the dataset.
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
    """Measure how similar the two modalities' embeddings of test pairs are."""
    input:
        data="<results>/{dataset}/data.safetensors",
        encoders=expand("{cell}/encoders.safetensors", cell=CELL_PATHS),
    output:
        tables=expand("{cell}/alignment.csv", cell=CELL_PATHS),
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


rule lay_out_pairs:
    """Lay out some test pairs in a plane, by the models of one seed, for the explorer."""
    input:
        data="<results>/{dataset}/data.safetensors",
        encoders=expand(
            [f"{cell}/encoders.safetensors" for cell in CELL_PATHS],
            seeds=SEED_BLOCKS[0],
            allow_missing=True,
        ),
    output:
        table="<results>/{dataset}/plane.csv",
    log:
        "<logs>/{dataset}/lay_out_pairs.log",
    benchmark:
        "<benchmarks>/{dataset}/lay_out_pairs.tsv"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=grows(1000, per_mb=8),
        runtime=grows(30, per_mb=0.5),
    params:
        code=code("lay_out_pairs", "datasets", "encoders"),
    message:
        "Laying out pairs of {wildcards.dataset}"
    script:
        "../scripts/lay_out_pairs.py"


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
