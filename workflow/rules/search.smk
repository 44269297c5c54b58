"""The optimum of each dataset with few models, in place of the whole grid (search: adaptive).

Inputs: <results>/{dataset}/data.safetensors. Outputs: <results>/{dataset}/search/{probe,optimum}.csv, rounds.json.
"""


rule search_strength:
    """Train where it matters until the optimum is known well enough, then measure its gain."""
    input:
        data="<results>/{dataset}/data.safetensors",
    output:
        probe="<results>/{dataset}/search/probe.csv",
        optimum="<results>/{dataset}/search/optimum.csv",
        rounds="<results>/{dataset}/search/rounds.json",
    log:
        "<logs>/{dataset}/search_strength.log",
    benchmark:
        "<benchmarks>/{dataset}/search_strength.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=grows(1500, per_mb=8),
        runtime=grows(120, per_mb=1),
    params:
        code=code(
            "search.py",
            "trials.py",
            "recommend.py",
            "sweep.py",
            "models.py",
            "memory.py",
            "encoders/*.py",
            "objectives.py",
            "stack.py",
            "probe/*.py",
            "data/store.py",
            "tables.py",
        ),
        strengths=STRENGTHS,
        seeds=STUDY["seeds"],
        device=STUDY["device"],
        encoder=lookup(dpath="{dataset}/encoder", within=DATASETS),
        training=lookup(dpath="{dataset}/training", within=DATASETS),
        probe=lookup(dpath="{dataset}/probe", within=DATASETS),
        options=lookup(dpath="{dataset}/adaptive", within=DATASETS),
    message:
        "Searching the optimum of {wildcards.dataset}"
    script:
        "../scripts/search_strength.py"
