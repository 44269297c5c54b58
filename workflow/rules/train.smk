"""Encoders of every alignment, strength and seed.

Inputs: data.safetensors. Outputs: encoders.safetensors, history.csv of all cells (or of one) of a seed block.
"""

APART = STUDY["strengths_per_job"] == 1
MADE = [CELL] if APART else CELL_PATHS
JOB = f"{'alignment={alignment}/strength={strength}/' if APART else ''}seeds={{seeds}}"


rule train_encoders:
    """Train the encoders of a seed block: each alignment's strengths (or one of them) as one stack."""
    input:
        data="<results>/{dataset}/data.safetensors",
    output:
        encoders=expand("{cell}/encoders.safetensors", cell=MADE),
        history=expand("{cell}/history.csv", cell=MADE),
    log:
        f"<logs>/{{dataset}}/{JOB}/train_encoders.log",
    benchmark:
        f"<benchmarks>/{{dataset}}/{JOB}/train_encoders.tsv"
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=grows(1500, per_mb=5),
        runtime=grows(60, per_mb=1),
    params:
        code=code("train_encoders", "encoders", "objectives"),
        cells=lambda wildcards: (
            [(wildcards.alignment, wildcards.strength)] if APART else CELLS
        ),
        seeds=lambda wildcards: list(study.seeds_of(wildcards.seeds)),
        device=STUDY["device"],
        encoder=of_dataset("encoder"),
        training=of_dataset("training"),
        alignments=of_dataset("alignments"),
    message:
        "Training {wildcards.dataset}: seeds {wildcards.seeds}"
    script:
        "../scripts/train_encoders.py"
