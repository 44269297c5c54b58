"""The best strength of each dataset and modality: from the whole grid, or searched with few models.

Inputs: <results>/{dataset}/scores.csv, or for a search data.safetensors.
Outputs: <results>/{dataset}/gains.csv, optimum.csv; of a search also scores.csv and search.json.
"""


rule search_strength:
    """Train where it matters until the optimum is known well enough, then measure its gain (search: adaptive)."""
    input:
        data="<results>/{dataset}/data.safetensors",
    output:
        scores="<results>/{dataset}/scores.csv",
        search="<results>/{dataset}/search.json",
    log:
        "<logs>/{dataset}/search_strength.log",
    benchmark:
        "<benchmarks>/{dataset}/search_strength.tsv"
    wildcard_constraints:
        dataset=only(DATASETS if ADAPTIVE else []),
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=grows(1500, per_mb=8),
        runtime=grows(120, per_mb=1),
    params:
        code=code("search_strength", "encoders", "objectives", "probes"),
        strengths=STRENGTHS,
        seeds=STUDY["seeds"],
        device=STUDY["device"],
        encoder=of_dataset("encoder"),
        training=of_dataset("training"),
        alignments=of_dataset("alignments"),
        probe=of_dataset("probe"),
        options=of_dataset("adaptive"),
    message:
        "Searching the optimum of {wildcards.dataset}"
    script:
        "../scripts/search_strength.py"


rule select_strength:
    """Compare every strength with strength 0, paired by seed, and name the optimum."""
    input:
        scores="<results>/{dataset}/scores.csv",
        search=branch(ADAPTIVE, then="<results>/{dataset}/search.json", otherwise=[]),
    output:
        gains="<results>/{dataset}/gains.csv",
        optimum="<results>/{dataset}/optimum.csv",
    log:
        "<logs>/{dataset}/select_strength.log",
    benchmark:
        "<benchmarks>/{dataset}/select_strength.tsv"
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        code=code("select_strength"),
        margin=STUDY["margin"],
    message:
        "Selecting the strength of {wildcards.dataset}"
    script:
        "../scripts/select_strength.py"
