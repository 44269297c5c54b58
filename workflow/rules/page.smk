"""The study's page. (It is also written after every run, of what is there then.)

Inputs: all tables, figures and answers, plane.csv of each dataset. Outputs: <results>/explorer.html, index.html.
"""


rule make_explorer:
    """Make the explorer: score, alignment and pairs in a plane, by strength; all of JavaScript inlined."""
    input:
        gains="<results>/tables/gains.csv",
        alignment="<results>/tables/alignment.csv",
        planes=[f"<results>/{d}/seeds={SEED_BLOCKS[0]}/plane.csv" for d in DATASETS],
    output:
        html="<results>/explorer.html",
    log:
        "<logs>/make_explorer.log",
    benchmark:
        "<benchmarks>/make_explorer.tsv"
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        code=code("make_explorer"),
    message:
        "Making the explorer"
    script:
        "../scripts/make_explorer.py"


rule write_page:
    """Write the study's page: answers, claims, explorer, figures, tables, provenance."""
    input:
        rules.recommend.input,
        rules.tables.input,
        [] if ADAPTIVE else rules.make_explorer.output,
        expand("<results>/figures/{stem}.svg", stem=CAPTIONS),
    output:
        html="<results>/index.html",
    log:
        "<logs>/write_page.log",
    benchmark:
        "<benchmarks>/write_page.tsv"
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        code=code("write_page"),
        study={
            "study": STUDY["study"],
            "search": STUDY["search"],
            "datasets": list(DATASETS),
        },
        results=lambda wildcards, output: str(Path(output.html).parent),
        logs=LOGS,
        captions={stem: list(caption) for stem, caption in CAPTIONS.items()},
    message:
        "Writing the page"
    script:
        "../scripts/write_page.py"
