"""Figures of probe scores and alignment: one panel per dataset of a source, or per metric."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, SymLogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from alignsweep.figures.panels import (
    LABELS,
    MARKERS,
    Tables,
    by_modality,
    draw_line,
    label_axes,
    looks,
    make_panels,
    modalities,
    of_datasets,
    over_seeds,
    place_legend,
    score_label,
    title,
    where,
)
from alignsweep.metrics import METRICS
from alignsweep.tables import headline


def strength_curve(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw probe accuracy against strength, a line per modality.

    Uses ``probe``, ``optimum`` and ``datasets``. Bands are 95 % t intervals of the mean over
    seeds; the optimum, chosen on validation, has a star; a dashed line is the Bayes ceiling, where
    it is known.
    """
    probe = of_datasets(where(headline(tables["probe"]), split="test"), datasets)
    optimum = headline(tables["optimum"])
    ceilings = of_datasets(where(tables["datasets"], fact="bayes_accuracy"), datasets)
    named = modalities(probe, datasets)
    figure, panels = make_panels(datasets)
    for dataset, axes in zip(datasets, panels, strict=False):
        for modality, rows in by_modality(probe, dataset):
            colour = named[modality]
            draw_line(axes, over_seeds(rows), colour, marker="o")
            best = where(optimum, dataset=dataset, modality=modality)
            x, y = best["optimum"].astype(float), best["score"]
            axes.plot(x, y, "*", color=colour, markersize=8, zorder=4)
            for value in where(ceilings, dataset=dataset, modality=modality)["value"]:
                axes.axhline(value, color=colour, linestyle="--", linewidth=0.8)
        axes.set_title(title(dataset))
    label_axes(figure, "alignment strength", score_label(probe))
    handles = [Line2D([], [], color=c, marker="o") for c in named.values()]
    handles.append(Line2D([], [], color="0.3", marker="*", linestyle="", markersize=8))
    names = [*(f"modality {m}" for m in named), "optimum (chosen on validation)"]
    if len(ceilings):
        handles.append(Line2D([], [], color="0.3", linestyle="--", linewidth=0.8))
        names.append("Bayes ceiling")
    place_legend(figure, panels, len(datasets), handles, names)
    return figure


def alignment_curve(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw alignment metrics against strength, a line per metric, dotted at its chance level.

    Uses ``alignment``. Only metrics on the common scale from 0, unrelated, to 1, identical; the
    first seven. Bands are 95 % t intervals of the mean over seeds.
    """
    alignment = of_datasets(tables["alignment"], datasets)
    listed = [m for m in dict.fromkeys(alignment["metric"]) if METRICS[m].identity == 1]
    metrics = listed[: len(MARKERS)]
    figure, panels = make_panels(datasets, sharey=True)
    for dataset, axes in zip(datasets, panels, strict=False):
        for look, metric in zip(looks(), metrics, strict=False):
            rows = where(alignment, dataset=dataset, metric=metric)
            draw_line(axes, over_seeds(rows), **look)
            axes.axhline(rows["chance"].mean(), color=look["color"], linestyle=":", linewidth=0.8)
        axes.set_title(title(dataset))
    panels[0].set_ylim(top=1.03)
    label_axes(figure, "alignment strength", "alignment (test pairs)")
    handles = [Line2D([], [], **look) for look, _ in zip(looks(), metrics, strict=False)]
    handles.append(Line2D([], [], color="0.3", linestyle=":", linewidth=0.8))
    names = [*(LABELS[m] for m in metrics), "chance"]
    place_legend(figure, panels, len(datasets), handles, names)
    return figure


def alignment_metrics(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw alignment metrics against strength, a panel per metric and a line per dataset.

    Uses ``alignment``; all metrics, each on its own scale, dotted at the mean chance level. The
    panels of metrics for which lower is more aligned say so.
    """
    alignment = of_datasets(tables["alignment"], datasets)
    metrics = list(dict.fromkeys(alignment["metric"]))
    figure, panels = make_panels(metrics)
    shades = np.linspace(0, 0.85, len(datasets))  # the end of the scale is too pale for a line
    palette = [plt.get_cmap("viridis")(shade) for shade in shades]
    for metric, axes in zip(metrics, panels, strict=False):
        for colour, dataset in zip(palette, datasets, strict=True):
            rows = where(alignment, dataset=dataset, metric=metric)
            draw_line(axes, over_seeds(rows), colour, marker="o")
        if METRICS[metric].depends_on_pairing:
            chance = where(alignment, metric=metric)["chance"].mean()
            axes.axhline(chance, color="0.3", linestyle=":", linewidth=0.8)
        lower = "" if METRICS[metric].higher_is_more_aligned else " (lower: more aligned)"
        axes.set_title(LABELS[metric] + lower)
    label_axes(figure, "alignment strength", "alignment (test pairs)")
    handles = [Line2D([], [], color=c, marker="o") for c in palette]
    handles.append(Line2D([], [], color="0.3", linestyle=":", linewidth=0.8))
    place_legend(figure, panels, len(metrics), handles, [*map(title, datasets), "chance"])
    return figure


def alignment_tradeoff(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw accuracy against alignment, with strength as colour.

    Uses ``probe`` and ``alignment``; means over seeds of test accuracy and of the first alignment
    metric. A line joins the strengths of a modality in order.
    """
    probe = of_datasets(where(headline(tables["probe"]), split="test"), datasets)
    alignment = of_datasets(tables["alignment"], datasets)
    metric = alignment["metric"].iloc[0]
    figure, panels = make_panels(datasets, sharex=False)
    norm = Normalize(0, probe["strength"].astype(float).max())
    named = modalities(probe, datasets)
    markers = dict(zip(named, itertools.cycle("os^vDP"), strict=False))
    for dataset, axes in zip(datasets, panels, strict=False):
        x = over_seeds(where(alignment, dataset=dataset, metric=metric))["mean"]
        for modality, rows in by_modality(probe, dataset):
            y = over_seeds(rows)["mean"].reindex(x.index)
            axes.plot(x, y, color="0.7", linewidth=0.8, zorder=1)
            dots = axes.scatter(x, y, s=18, c=x.index, norm=norm, marker=markers[modality])
            dots.set(cmap="viridis", edgecolors="white", linewidths=0.3, zorder=2)
        axes.set_title(title(dataset))
    label_axes(figure, f"{LABELS[metric]}, test pairs", score_label(probe))
    handles = [Line2D([], [], color="0.3", marker=k, linestyle="") for k in markers.values()]
    names = [f"modality {m}" for m in markers]
    place_legend(figure, panels, len(datasets), handles, names)
    scale = ScalarMappable(norm, "viridis")
    figure.colorbar(scale, ax=list(panels), label="alignment strength", shrink=0.8, aspect=30)
    return figure


def gain_heatmap(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw the gain over strength 0 as a heat map, a row per dataset and modality.

    Uses ``gains``. Numbers are mean paired differences of test accuracy in percentage points (of
    correlation, in hundredths), bold where the Holm-corrected p value is below 0.05. The colour
    scale is linear within one point and logarithmic beyond.
    """
    import seaborn as sns  # slow to import, and no other figure needs it

    gains = of_datasets(headline(tables["gains"]), datasets)
    gains = gains[gains["strength"] != "0"]
    gains = gains.assign(row=gains["dataset"].map(title) + ", " + gains["modality"])
    points = 100 * _grid(gains, "gain")
    p_value = _grid(gains, "p_value")
    figure, axes = plt.subplots(figsize=(1.2 + 0.48 * points.shape[1], 0.7 + 0.2 * points.shape[0]))
    limit = max(1.0, float(np.nanmax(np.abs(points))))
    sns.heatmap(
        points,
        annot=True,
        fmt="+.1f",
        cmap="PuOr_r",
        norm=SymLogNorm(1, vmin=-limit, vmax=limit, base=10),
        linewidths=0.5,
        cbar=False,
        ax=axes,
        annot_kws={"fontsize": 7},
    )
    shown = points.notna().to_numpy()  # a strength at which every seed diverged has no number
    for text, p in zip(axes.texts, p_value.to_numpy()[shown], strict=True):
        text.set_fontweight("bold" if p < 0.05 else "normal")
    axes.set(xlabel="alignment strength", ylabel="")
    measured = score_label(gains).replace(" (test)", "")
    axes.set_title(f"gain in {measured} over strength 0 (points)")
    axes.tick_params(length=0)
    axes.tick_params(axis="y", rotation=0)
    return figure


def _grid(gains: pd.DataFrame, value: str) -> pd.DataFrame:
    """Spread a column over rows and strengths, in the order of the table."""
    order = {"index": gains["row"].unique(), "columns": gains["strength"].unique()}
    return gains.set_index(["row", "strength"])[value].unstack().reindex(**order)  # noqa: PD010
