"""What the two modalities of a dataset tell about its label. Optional (information: false).

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
    wildcard_constraints:
        dataset=only(INFORMED),
    conda:
        "../../envs/torch.yaml"
    resources:
        mem_mb=grows(1000, per_mb=6),
        runtime=grows(30, per_mb=0.5),
    params:
        code=code("estimate_information", "datasets"),
        kind=of_dataset("kind"),
        data_options=of_dataset("options"),
        options=of_dataset("information"),
    message:
        "Decomposing the information of {wildcards.dataset}"
    script:
        "../scripts/estimate_information.py"
