"""What the two modalities of each dataset tell about its label.

Inputs: <results>/{dataset}/data.safetensors. Outputs: <results>/{dataset}/information.json.
"""


rule estimate_information:
    """Decompose the information of a dataset: exactly where it is known, and from samples."""
    input:
        data="<results>/{dataset}/data.safetensors",
    output:
        information="<results>/{dataset}/information.json",
    log:
        "<logs>/{dataset}/estimate_information.log",
    benchmark:
        "<benchmarks>/{dataset}/estimate_information.tsv"
    conda:
        "../../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=grows(1000, per_mb=6),
        runtime=grows(30, per_mb=0.5),
    params:
        code=code("information/*.py", "data/store.py", "data/synthetic.py"),
        kind=lookup(dpath="{dataset}/kind", within=DATASETS),
        data_options=lookup(dpath="{dataset}/options", within=DATASETS),
        options=lookup(dpath="{dataset}/information", within=DATASETS),
    message:
        "Decomposing the information of {wildcards.dataset}"
    script:
        "../scripts/estimate_information.py"
