"""Encoders of every alignment, strength and seed.

Inputs: data.safetensors. Outputs: encoders.safetensors, history.csv of all cells (or of one) of a seed block.
"""

# What every rule that trains depends on: entries of registries, and options.
TRAINED = ["datasets", "encoders", "objectives"]
OF_TRAINING = {
    "device": STUDY["device"],
    **{option: of_dataset(option) for option in ("encoder", "training", "alignments")},
}
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
        **OF_TRAINING,
        code=code("train_encoders", *TRAINED),
        cells=lambda wildcards: (
            [(wildcards.alignment, wildcards.strength)] if APART else CELLS
        ),
        seeds=lambda wildcards: list(study.seeds_of(wildcards.seeds)),
    message:
        "Training {wildcards.dataset}: seeds {wildcards.seeds}"
    script:
        "../scripts/train_encoders.py"
