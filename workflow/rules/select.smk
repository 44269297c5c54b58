"""The best strength of each dataset and modality: from the whole grid, or searched with few models.

Inputs: data.safetensors, and of the grid scores.csv, samples.safetensors.
Outputs: <results>/{dataset}/gains.csv, optimum.csv, uses.csv, controls.csv; of a search also scores.csv, search.json
and, of the strengths 0 and the chosen one, alignment={alignment}/encoders.safetensors.
"""

JUDGED = {
    "data": "<results>/{dataset}/data.safetensors",
    "scores": "<results>/{dataset}/scores.csv",
    "samples": (
        "<results>/{dataset}/samples.safetensors"
        if ADAPTIVE
        else expand(
            [f"{cell}/samples.safetensors" for cell in CELL_PATHS],
            seeds=SEED_BLOCKS,
            allow_missing=True,
        )
    ),
    "search": "<results>/{dataset}/search.json" if ADAPTIVE else [],
}
CONTROLS = [
    "<results>/{dataset}/controls.csv",
    "<results>/{dataset}/controls.safetensors",
]


rule search_strength:
    """Train where it matters until the optimum is known well enough, then measure its gain (search: adaptive)."""
    input:
        data="<results>/{dataset}/data.safetensors",
        predictions=PREDICTED,
    output:
        scores="<results>/{dataset}/scores.csv",
        samples="<results>/{dataset}/samples.safetensors",
        search="<results>/{dataset}/search.json",
        encoders=expand(
            "<results>/{{dataset}}/alignment={alignment}/encoders.safetensors",
            alignment=ALIGNMENTS,
        ),
    log:
        "<logs>/{dataset}/search_strength.log",
    benchmark:
        "<benchmarks>/{dataset}/search_strength.tsv"
    wildcard_constraints:
        dataset=only(DATASETS if ADAPTIVE else []),
    conda:
        "../../envs/torch.yaml"
    threads: side_by_side(len(DATASETS), STUDY["seeds"])
    resources:
        mem_mb=grows(1500, per_mb=8),
        runtime=grows(120, per_mb=1),
    params:
        **OF_TRAINING,
        code=code("search_strength", *TRAINED, "probes"),
        strengths=STRENGTHS,
        seeds=STUDY["seeds"],
        probe=of_dataset("probe"),
        uses=STUDY["uses"],
        options=of_dataset("adaptive"),
    message:
        "Searching the optimum of {wildcards.dataset}"
    script:
        "../scripts/search_strength.py"


rule compare_strengths:
    """Compare every strength with strength 0, paired by seed, and say which may gain."""
    input:
        **JUDGED,
    output:
        gains="<results>/{dataset}/gains.csv",
        candidates="<results>/{dataset}/candidates.json",
    log:
        "<logs>/{dataset}/compare_strengths.log",
    benchmark:
        "<benchmarks>/{dataset}/compare_strengths.tsv"
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        code=code("compare_strengths", "datasets"),
        asked=lambda wildcards: study.asked(STUDY, [wildcards.dataset]),
    message:
        "Comparing the strengths of {wildcards.dataset}"
    script:
        "../scripts/compare_strengths.py"


rule train_controls:
    """Train, at strengths that may gain, with something else than pairs to align: is it the pairing?"""
    input:
        data="<results>/{dataset}/data.safetensors",
        candidates="<results>/{dataset}/candidates.json",
    output:
        scores="<results>/{dataset}/controls.csv",
        samples="<results>/{dataset}/controls.safetensors",
    log:
        "<logs>/{dataset}/train_controls.log",
    benchmark:
        "<benchmarks>/{dataset}/train_controls.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: side_by_side(len(DATASETS), STUDY["seeds"])
    resources:
        mem_mb=grows(1500, per_mb=5),
        runtime=grows(60, per_mb=1),
    params:
        **OF_TRAINING,
        code=code("train_controls", *TRAINED, "probes"),
        probe=of_dataset("probe"),
        uses=STUDY["uses"],
    message:
        "Training controls of {wildcards.dataset}"
    script:
        "../scripts/train_controls.py"


rule select_strength:
    """Name the optimum and give a verdict."""
    input:
        **JUDGED,
        controls=CONTROLS if STUDY["controls"] else [],
    output:
        optimum="<results>/{dataset}/optimum.csv",
        uses="<results>/{dataset}/uses.csv",
    log:
        "<logs>/{dataset}/select_strength.log",
    benchmark:
        "<benchmarks>/{dataset}/select_strength.tsv"
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        code=code("select_strength", "datasets"),
        asked=lambda wildcards: study.asked(STUDY, [wildcards.dataset]),
        margin=STUDY["margin"],
    message:
        "Selecting the strength of {wildcards.dataset}"
    script:
        "../scripts/select_strength.py"
