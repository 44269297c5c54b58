"""Probe score against strength, a panel per dataset and a line per modality."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from alignsweep.figures.panels import (
    Tables,
    by_modality,
    draw_line,
    label_axes,
    make_panels,
    modalities,
    of_datasets,
    place_legend,
    score_curve,
    score_label,
    scores_of,
    titles,
    where,
)


def draw(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw the curves.

    Uses ``gains``, ``optimum`` and ``datasets``. Bands are 95 % intervals of the gain over strength
    0, whose score is a dotted line; the optimum, chosen on validation, has a star; a dashed line is
    the Bayes ceiling, where it is known.
    """
    gains, optimum = (scores_of(tables[name], datasets) for name in ("gains", "optimum"))
    ceilings = of_datasets(where(tables["datasets"], fact="bayes_accuracy"), datasets)
    named = modalities(gains, datasets)
    figure, panels = make_panels(datasets)
    for dataset, axes in zip(datasets, panels, strict=False):
        for modality, rows in by_modality(gains, dataset):
            colour = named[modality]
            curve = score_curve(rows)
            draw_line(axes, curve, colour, marker="o")
            axes.axhline(curve["mean"].iloc[0], color=colour, linestyle=":", linewidth=0.8)
            # the score at the optimum is read off the curve, so that no star is beside it
            best = where(optimum, dataset=dataset, modality=modality)["optimum"]
            star = score_curve(rows[rows["strength"].isin(best)])
            axes.plot(star.index, star["mean"], "*", color=colour, markersize=8, zorder=4)
            for value in where(ceilings, dataset=dataset, modality=modality)["value"]:
                axes.axhline(value, color=colour, linestyle="--", linewidth=0.8)
        axes.set_title(titles(datasets)[dataset])
    label_axes(figure, "alignment strength", score_label(gains))
    handles = [Line2D([], [], color=c, marker="o") for c in named.values()]
    handles.append(Line2D([], [], color="0.3", marker="*", linestyle="", markersize=8))
    names = [*(f"modality {m}" for m in named), "optimum (chosen on validation)"]
    handles.append(Line2D([], [], color="0.3", linestyle=":", linewidth=0.8))
    names.append("at strength 0")
    if len(ceilings):
        handles.append(Line2D([], [], color="0.3", linestyle="--", linewidth=0.8))
        names.append("Bayes ceiling")
    place_legend(figure, panels, len(datasets), handles, names)
    return figure
