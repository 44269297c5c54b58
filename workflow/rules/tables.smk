"""Tables of all datasets: what each dataset has of its own, one below the other, and the paper's claims.

Inputs: <results>/{dataset}/*. Outputs: <results>/tables/{table}.csv.
"""

# table -> the file of a dataset, and where in it the rows are
PARTS = {
    "probe": ("scores.csv", None),
    "datasets": ("facts.csv", None),
    "gains": ("gains.csv", None),
    "optimum": ("optimum.csv", None),
    "uses": ("uses.csv", None),
    **({} if ADAPTIVE else {"alignment": ("alignment.csv", None)}),
    **({"information": ("information.json", "table")} if INFORMED else {}),
    **(
        {name: (f"{name}.csv", None) for name in ("features", "predictions")}
        if STUDY["features"]
        else {}
    ),
}


use rule collect_cells as collect_table with:
    input:
        parts=lambda wildcards: expand(
            "<results>/{dataset}/{file}",
            file=PARTS[wildcards.table][0],
            dataset=INFORMED if wildcards.table == "information" else DATASETS,
        ),
    output:
        table="<results>/tables/{table}.csv",
    log:
        "<logs>/tables/{table}.log",
    benchmark:
        "<benchmarks>/tables/{table}.tsv"
    wildcard_constraints:
        table=only(PARTS),
    params:
        code=code("collect_tables"),
        asked=study.asked(STUDY, DATASETS),
        key=lambda wildcards: PARTS[wildcards.table][1],
    message:
        "Collecting the table {wildcards.table}"


rule check_claims:
    """Hold what the paper claims of synthetic data, and what is claimed here, against the tables."""
    input:
        datasets="<results>/tables/datasets.csv",
        alignment="<results>/tables/alignment.csv",
        probe="<results>/tables/probe.csv",
    output:
        claims="<results>/tables/claims.csv",
    log:
        "<logs>/tables/claims.log",
    benchmark:
        "<benchmarks>/tables/claims.tsv"
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        code=code("check_claims"),
        asked=study.asked(STUDY, DATASETS),
        objectives={
            name: a["objective"]
            for d in DATASETS.values()
            for name, a in d["alignments"].items()
        },
    message:
        "Checking the claims"
    script:
        "../scripts/check_claims.py"


rule tables:
    """All tables; an adaptive search leaves no encoders behind whose alignment could be measured."""
    input:
        expand("<results>/tables/{table}.csv", table=PARTS),
        [] if ADAPTIVE or not SYNTHETIC else rules.check_claims.output,
