"""Encoders of every strength and seed.

Inputs: <results>/{dataset}/data.safetensors.
Outputs: encoders.safetensors and history.csv of every strength (or of one), for one seed block.
"""

APART = STUDY["strengths_per_job"] == 1
JOB = "strength={strength}/seeds={seeds}" if APART else "seeds={seeds}"


rule train_encoders:
    """Train the encoders of a seed block, of all strengths or of one, as one stack."""
    input:
        data="<results>/{dataset}/data.safetensors",
    output:
        encoders=per_strength("encoders.safetensors", apart=APART),
        history=per_strength("history.csv", apart=APART),
    log:
        f"<logs>/{{dataset}}/{JOB}/train_encoders.log",
    benchmark:
        f"<benchmarks>/{{dataset}}/{JOB}/train_encoders.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=grows(1500, per_mb=5),
        runtime=grows(60, per_mb=1),
    params:
        code=code(
            "sweep.py",
            "study.py",
            "models.py",
            "memory.py",
            "encoders/*.py",
            "objectives.py",
            "stack.py",
            "data/store.py",
            "tables.py",
        ),
        strengths=lambda wildcards: [wildcards.get("strength")] if APART else STRENGTHS,
        device=STUDY["device"],
        encoder=lookup(dpath="{dataset}/encoder", within=DATASETS),
        training=lookup(dpath="{dataset}/training", within=DATASETS),
    message:
        "Training {wildcards.dataset}: strengths {params.strengths}, seeds {wildcards.seeds}"
    script:
        "../scripts/train_encoders.py"
