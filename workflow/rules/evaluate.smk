"""What the encoders know, and how alike they are.

Inputs: data.safetensors and the encoders.safetensors of every strength of a seed block.
Outputs: probe.csv and alignment.csv of every strength, for that seed block.
"""


rule probe_linear:
    """Fit linear probes to the frozen encoders of a seed block."""
    input:
        data="<results>/{dataset}/data.safetensors",
        encoders=per_strength("encoders.safetensors"),
    output:
        probe=per_strength("probe.csv"),
    log:
        "<logs>/{dataset}/seeds={seeds}/probe_linear.log",
    benchmark:
        "<benchmarks>/{dataset}/seeds={seeds}/probe_linear.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=grows(1000, per_mb=8),
        runtime=grows(30, per_mb=0.5),
    params:
        code=code(
            "probe/*.py",
            "models.py",
            "encoders/*.py",
            "stack.py",
            "data/store.py",
            "tables.py",
        ),
        strengths=STRENGTHS,
        options=lookup(dpath="{dataset}/probe", within=DATASETS),
    message:
        "Probing the encoders of {wildcards.dataset}, seeds {wildcards.seeds}"
    script:
        "../scripts/probe_linear.py"


rule measure_alignment:
    """Measure how similar the two modalities' embeddings of test pairs are."""
    input:
        data="<results>/{dataset}/data.safetensors",
        encoders=per_strength("encoders.safetensors"),
    output:
        alignment=per_strength("alignment.csv"),
    log:
        "<logs>/{dataset}/seeds={seeds}/measure_alignment.log",
    benchmark:
        "<benchmarks>/{dataset}/seeds={seeds}/measure_alignment.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=grows(1000, per_mb=8),
        runtime=grows(30, per_mb=0.5),
    params:
        code=code(
            "metrics/*.py",
            "models.py",
            "encoders/*.py",
            "stack.py",
            "data/store.py",
            "tables.py",
        ),
        strengths=STRENGTHS,
        options=lookup(dpath="{dataset}/alignment", within=DATASETS),
    message:
        "Measuring the alignment of {wildcards.dataset}, seeds {wildcards.seeds}"
    script:
        "../scripts/measure_alignment.py"
