"""Figures, one of each for every source of data.

Inputs: <results>/tables/*.csv. Outputs: <results>/figures/{figure}-{source}.{pdf,png,svg}.
"""


rule plot_strength_curve:
    """Draw probe accuracy against strength, a panel per dataset."""
    input:
        probe="<results>/tables/probe.csv",
        optimum="<results>/tables/optimum.csv",
        datasets="<results>/tables/datasets.csv",
    output:
        pdf="<results>/figures/strength_curve-{source}.pdf",
        png="<results>/figures/strength_curve-{source}.png",
        svg=report(
            "<results>/figures/strength_curve-{source}.svg",
            caption="../report/strength_curve.rst",
            category="Accuracy",
            labels={"figure": "Probe accuracy against strength", "data": "{source}"},
        ),
    log:
        "<logs>/figures/strength_curve-{source}.log",
    benchmark:
        "<benchmarks>/figures/strength_curve-{source}.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=grows(800),
        runtime=grows(5),
    params:
        code=code("figures/*", "tables.py"),
        figure="strength_curve",
        datasets=datasets_of,
    message:
        "Drawing accuracy against strength ({wildcards.source})"
    script:
        "../scripts/plot.py"


rule plot_alignment_curve:
    """Draw the alignment metrics against strength, a panel per dataset."""
    input:
        alignment="<results>/tables/alignment.csv",
    output:
        pdf="<results>/figures/alignment_curve-{source}.pdf",
        png="<results>/figures/alignment_curve-{source}.png",
        svg=report(
            "<results>/figures/alignment_curve-{source}.svg",
            caption="../report/alignment_curve.rst",
            category="Alignment",
            labels={"figure": "Alignment against strength", "data": "{source}"},
        ),
    log:
        "<logs>/figures/alignment_curve-{source}.log",
    benchmark:
        "<benchmarks>/figures/alignment_curve-{source}.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=grows(800),
        runtime=grows(5),
    params:
        code=code(
            "figures/*",
            "tables.py",
            "metrics/metric.py",
            "metrics/table.py",
        ),
        figure="alignment_curve",
        datasets=datasets_of,
    message:
        "Drawing alignment against strength ({wildcards.source})"
    script:
        "../scripts/plot.py"


rule plot_alignment_metrics:
    """Draw the alignment metrics against strength, a panel per metric."""
    input:
        alignment="<results>/tables/alignment.csv",
    output:
        pdf="<results>/figures/alignment_metrics-{source}.pdf",
        png="<results>/figures/alignment_metrics-{source}.png",
        svg=report(
            "<results>/figures/alignment_metrics-{source}.svg",
            caption="../report/alignment_metrics.rst",
            category="Alignment",
            labels={"figure": "Every metric against strength", "data": "{source}"},
        ),
    log:
        "<logs>/figures/alignment_metrics-{source}.log",
    benchmark:
        "<benchmarks>/figures/alignment_metrics-{source}.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=grows(800),
        runtime=grows(5),
    params:
        code=code(
            "figures/*",
            "tables.py",
            "metrics/metric.py",
            "metrics/table.py",
        ),
        figure="alignment_metrics",
        datasets=datasets_of,
    message:
        "Drawing every alignment metric ({wildcards.source})"
    script:
        "../scripts/plot.py"


rule plot_alignment_tradeoff:
    """Draw accuracy against alignment, with strength as colour."""
    input:
        probe="<results>/tables/probe.csv",
        alignment="<results>/tables/alignment.csv",
    output:
        pdf="<results>/figures/alignment_tradeoff-{source}.pdf",
        png="<results>/figures/alignment_tradeoff-{source}.png",
        svg=report(
            "<results>/figures/alignment_tradeoff-{source}.svg",
            caption="../report/alignment_tradeoff.rst",
            category="Alignment",
            labels={"figure": "Accuracy against alignment", "data": "{source}"},
        ),
    log:
        "<logs>/figures/alignment_tradeoff-{source}.log",
    benchmark:
        "<benchmarks>/figures/alignment_tradeoff-{source}.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=grows(800),
        runtime=grows(5),
    params:
        code=code(
            "figures/*",
            "tables.py",
            "metrics/metric.py",
            "metrics/table.py",
        ),
        figure="alignment_tradeoff",
        datasets=datasets_of,
    message:
        "Drawing accuracy against alignment ({wildcards.source})"
    script:
        "../scripts/plot.py"


rule plot_gain_heatmap:
    """Draw the gain over strength 0 as a heat map of datasets and strengths."""
    input:
        gains="<results>/tables/gains.csv",
    output:
        pdf="<results>/figures/gain_heatmap-{source}.pdf",
        png="<results>/figures/gain_heatmap-{source}.png",
        svg=report(
            "<results>/figures/gain_heatmap-{source}.svg",
            caption="../report/gain_heatmap.rst",
            category="Accuracy",
            labels={"figure": "Gain over strength 0", "data": "{source}"},
        ),
    log:
        "<logs>/figures/gain_heatmap-{source}.log",
    benchmark:
        "<benchmarks>/figures/gain_heatmap-{source}.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=grows(800),
        runtime=grows(5),
    params:
        code=code("figures/*", "tables.py"),
        figure="gain_heatmap",
        datasets=datasets_of,
    message:
        "Drawing the gain over strength 0 ({wildcards.source})"
    script:
        "../scripts/plot.py"


rule plot_information:
    """Draw the atoms of every dataset as stacked bars."""
    input:
        information="<results>/tables/information.csv",
    output:
        pdf="<results>/figures/information-{source}.pdf",
        png="<results>/figures/information-{source}.png",
        svg=report(
            "<results>/figures/information-{source}.svg",
            caption="../report/information.rst",
            category="Information",
            labels={"figure": "Information structure", "data": "{source}"},
        ),
    log:
        "<logs>/figures/information-{source}.log",
    benchmark:
        "<benchmarks>/figures/information-{source}.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=grows(800),
        runtime=grows(5),
    params:
        code=code("figures/*", "tables.py"),
        figure="information",
        datasets=datasets_of,
    message:
        "Drawing the information structure ({wildcards.source})"
    script:
        "../scripts/plot.py"


rule plot_information_truth:
    """Draw estimates against the exact atoms."""
    input:
        information="<results>/tables/information.csv",
    output:
        pdf="<results>/figures/information_truth-{source}.pdf",
        png="<results>/figures/information_truth-{source}.png",
        svg=report(
            "<results>/figures/information_truth-{source}.svg",
            caption="../report/information_truth.rst",
            category="Information",
            labels={"figure": "Estimates against the truth", "data": "{source}"},
        ),
    log:
        "<logs>/figures/information_truth-{source}.log",
    benchmark:
        "<benchmarks>/figures/information_truth-{source}.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=grows(800),
        runtime=grows(5),
    params:
        code=code("figures/*", "tables.py"),
        figure="information_truth",
        datasets=datasets_of,
    message:
        "Drawing estimates against the truth ({wildcards.source})"
    script:
        "../scripts/plot.py"


rule plot_optimum_vs_redundancy:
    """Draw optimum and gain against the share of redundancy."""
    input:
        information="<results>/tables/information.csv",
        optimum="<results>/tables/optimum.csv",
    output:
        pdf="<results>/figures/optimum_vs_redundancy-{source}.pdf",
        png="<results>/figures/optimum_vs_redundancy-{source}.png",
        svg=report(
            "<results>/figures/optimum_vs_redundancy-{source}.svg",
            caption="../report/optimum_vs_redundancy.rst",
            category="Information",
            labels={"figure": "Optimum against redundancy", "data": "{source}"},
        ),
    log:
        "<logs>/figures/optimum_vs_redundancy-{source}.log",
    benchmark:
        "<benchmarks>/figures/optimum_vs_redundancy-{source}.tsv"
    conda:
        "../../envs/figures.yaml"
    threads: 1
    resources:
        mem_mb=grows(800),
        runtime=grows(5),
    params:
        code=code("figures/*", "tables.py"),
        figure="optimum_vs_redundancy",
        datasets=datasets_of,
    message:
        "Drawing the optimum against redundancy ({wildcards.source})"
    script:
        "../scripts/plot.py"


rule figures:
    """All figures."""
    input:
        expand(
            "<results>/figures/{figure}-{source}.{format}",
            figure=[
                "strength_curve",
                "gain_heatmap",
                *(
                    []
                    if ADAPTIVE
                    else ["alignment_curve", "alignment_metrics", "alignment_tradeoff"]
                ),
            ],
            source=SOURCES,
            format=["pdf", "png", "svg"],
        ),
        expand(
            "<results>/figures/{figure}-{source}.{format}",
            figure=[
                "information",
                "optimum_vs_redundancy",
                *(["information_truth"] if SYNTHETIC else []),
            ],
            source=EVERY,
            format=["pdf", "png", "svg"],
        ),
