"""Figures: one of each for every source of data, or one over all datasets.

Inputs: <results>/tables/*.csv. Outputs: <results>/figures/{figure}-{source}.{pdf,png,svg}.
"""

FIGURES = figures.possible(
    alignment=not ADAPTIVE,
    information=bool(INFORMED),
    synthetic=bool(SYNTHETIC),
    widths=len(widths(SYNTHETIC)) > 1,
)


rule plot_figure:
    """Draw a figure."""
    input:
        unpack(
            lambda wildcards: {
                name: f"<results>/tables/{name}.csv"
                for name in FIGURES[wildcards.figure].tables
            }
        ),
    output:
        pdf="<results>/figures/{figure}-{source}.pdf",
        png="<results>/figures/{figure}-{source}.png",
        svg=report(
            "<results>/figures/{figure}-{source}.svg",
            caption="../report/figure.rst",
            category=lambda wildcards: FIGURES[wildcards.figure].category,
            labels=lambda wildcards: {
                "figure": FIGURES[wildcards.figure].label,
                "data": wildcards.source,
            },
        ),
    log:
        "<logs>/figures/{figure}-{source}.log",
    benchmark:
        "<benchmarks>/figures/{figure}-{source}.tsv"
    wildcard_constraints:
        figure=only(FIGURES),
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        code=code("plot_figure", "figures"),
        caption=lambda wildcards: FIGURES[wildcards.figure].caption.format(
            source=wildcards.source,
            width=", ".join(widths(of_source(wildcards.source))),
        ),
        datasets=lambda wildcards: of_source(wildcards.source),
    message:
        "Drawing {wildcards.figure} ({wildcards.source})"
    script:
        "../scripts/plot_figure.py"


rule figures:
    """All figures."""
    input:
        [
            f"<results>/figures/{name}-{source}.{ending}"
            for name, figure in FIGURES.items()
            for source in (SOURCES if figure.per_source else [EVERY])
            for ending in ("pdf", "png", "svg")
        ],
