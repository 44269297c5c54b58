"""Figures: one of each for every source of data, or one over all datasets.

Inputs: <results>/tables/*.csv. Outputs: <results>/figures/{figure}-{source}.{pdf,png,svg}.

A job draws a figure of all sources, since most of its time is its start. A job with all figures of a source would have
to draw all of them anew whenever one is changed, and the report could not tell which caption is whose.
"""

FIGURES = figures.possible(
    alignment=not ADAPTIVE,
    information=bool(INFORMED),
    synthetic=bool(SYNTHETIC),
    widths=len(widths(SYNTHETIC)) > 1,
    nuisance=len({DATASETS[d]["options"]["nuisance"] for d in SYNTHETIC}) > 1,
    alignments=len(ALIGNMENTS) > 1,
    retrieval="retrieval" in STUDY["uses"],
)
# stem of a figure's files -> what the report and the page say of it
CAPTIONS = {
    f"{name}-{source}": overview.Caption(
        figure.label,
        source,
        figure.caption.format(
            source=source, width=", ".join(widths(of_source(source)))
        ),
    )
    for name, figure in FIGURES.items()
    for source in (SOURCES if figure.per_source else [EVERY])
}


# What the paper shows of its experiments: accuracy and alignment against strength, and the information.
OF_PAPER = ["strength_curve", "alignment_curve", "information"]


rule plot_figure:
    """Draw a figure, of each source of data."""
    input:
        unpack(
            lambda wildcards: {
                name: f"<results>/tables/{name}.csv"
                for name in FIGURES[wildcards.figure].tables
            }
        ),
    output:
        pdf=expand("<results>/figures/{{figure}}-{source}.pdf", source=SOURCES),
        png=expand("<results>/figures/{{figure}}-{source}.png", source=SOURCES),
        svg=[shown(source) for source in SOURCES],
    log:
        "<logs>/figures/{figure}.log",
    benchmark:
        "<benchmarks>/figures/{figure}.tsv"
    wildcard_constraints:
        figure=only([name for name, f in FIGURES.items() if f.per_source]),
    localrule: True
    conda:
        "../../envs/figures.yaml"
    params:
        code=code("plot_figure", "figures"),
        asked=study.asked(STUDY, DATASETS),
        caption=captioned(SOURCES),
        datasets=[of_source(source) for source in SOURCES],
    message:
        "Drawing {wildcards.figure}"
    script:
        "../scripts/plot_figure.py"


use rule plot_figure as plot_overview with:
    output:
        pdf=expand("<results>/figures/{{figure}}-{source}.pdf", source=[EVERY]),
        png=expand("<results>/figures/{{figure}}-{source}.png", source=[EVERY]),
        svg=[shown(EVERY)],
    wildcard_constraints:
        figure=only([name for name, f in FIGURES.items() if not f.per_source]),
    params:
        code=code("plot_figure", "figures"),
        asked=study.asked(STUDY, DATASETS),
        caption=captioned([EVERY]),
        datasets=[of_source(EVERY)],


rule figures:
    """All figures, and the study's page."""
    input:
        drawn(CAPTIONS),
        "<results>/index.html",


rule paper:
    """What the paper shows, of the study's datasets: its figures, the answers, and whether its claims hold."""
    input:
        drawn([stem for stem in CAPTIONS if stem.split("-", 1)[0] in OF_PAPER]),
        rules.recommend.input,
        rules.check_claims.output if SYNTHETIC and not ADAPTIVE else [],
