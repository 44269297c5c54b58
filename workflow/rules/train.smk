"""Encoders of every strength and seed.

Inputs: <results>/{dataset}/data.safetensors.
Outputs: encoders.safetensors and history.csv of every strength, for one seed block.
"""


rule train_encoders:
    """Train the encoders of all strengths of a seed block together, as one stack."""
    input:
        data="<results>/{dataset}/data.safetensors",
        library=library(
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
    output:
        encoders=expand(
            "<results>/{{dataset}}/strength={strength}/seeds={{seeds}}/encoders.safetensors",
            strength=STRENGTHS,
        ),
        history=expand(
            "<results>/{{dataset}}/strength={strength}/seeds={{seeds}}/history.csv",
            strength=STRENGTHS,
        ),
    log:
        "<logs>/{dataset}/seeds={seeds}/train_encoders.log",
    benchmark:
        "<benchmarks>/{dataset}/seeds={seeds}/train_encoders.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=1500,
        runtime=30,
    params:
        strengths=STRENGTHS,
        device=STUDY["device"],
        encoder=lookup(dpath="{dataset}/encoder", within=DATASETS),
        training=lookup(dpath="{dataset}/training", within=DATASETS),
    message:
        "Training all strengths of {wildcards.dataset}, seeds {wildcards.seeds}"
    script:
        "../scripts/train_encoders.py"
