"""Out of the study: the winning encoders in one file, and their embeddings of all samples.

Inputs: data.safetensors, encoders.safetensors, scores.csv, optimum.csv, uses.csv, and the user's file.
Outputs: <results>/{dataset}/encoders.safetensors, embeddings.npz, embeddings.parquet.
"""


rule export_encoders:
    """Write the encoders that the answer speaks of, for use elsewhere, and embed all samples by them."""
    input:
        data="<results>/{dataset}/data.safetensors",
        scores="<results>/{dataset}/scores.csv",
        optimum="<results>/{dataset}/optimum.csv",
        uses="<results>/{dataset}/uses.csv",
        encoders=(
            rules.search_strength.output.encoders
            if ADAPTIVE
            else expand(
                [f"{cell}/encoders.safetensors" for cell in CELL_PATHS],
                seeds=SEED_BLOCKS,
                allow_missing=True,
            )
        ),
        own=lambda wildcards: DATASETS[wildcards.dataset]["options"].get("path", []),
    output:
        encoders="<results>/{dataset}/encoders.safetensors",
        arrays="<results>/{dataset}/embeddings.npz",
        table="<results>/{dataset}/embeddings.parquet",
    log:
        "<logs>/{dataset}/export_encoders.log",
    benchmark:
        "<benchmarks>/{dataset}/export_encoders.tsv"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=grows(1500, per_mb=10),
        runtime=grows(30),
    params:
        code=code("export_encoders", "datasets", "encoders"),
        asked=lambda wildcards: study.asked(STUDY, [wildcards.dataset]),
        kind=of_dataset("kind"),
        options=of_dataset("options"),
    message:
        "Exporting the encoders of {wildcards.dataset}"
    script:
        "../scripts/export_encoders.py"


rule embeddings:
    """The winning encoders, and what they make of all samples, of all datasets."""
    input:
        expand("<results>/{dataset}/embeddings.npz", dataset=DATASETS),
