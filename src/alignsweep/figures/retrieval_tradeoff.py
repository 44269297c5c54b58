"""What retrieval costs the encoders alone: gain against recall, with the Pareto front."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from alignsweep.figures import looks
from alignsweep.figures.panels import (
    LEAST_GAIN,
    Tables,
    at_least,
    both_encoders,
    draw_path,
    gain_label,
    gain_of,
    label_axes,
    lines_of,
    make_panels,
    of_datasets,
    of_gains,
    place_legend,
    score_curve,
    where,
)
from alignsweep.scores import RETRIEVAL, headline

FRONT: dict[str, Any] = {"color": "0.8", "linewidth": 5, "zorder": 1, "solid_capstyle": "round"}


def draw(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw a dot per alignment and strength, joined in the order of strengths.

    Uses ``gains``: recall at 1, mean of both directions, and the mean gain of both encoders alone,
    with 95 % intervals. On the front, no other dot is better in one without being worse in the
    other.
    """
    gains = both_encoders(tables["gains"], datasets)
    found = of_datasets(headline(tables["gains"], RETRIEVAL), datasets)
    found = found[found["modality"].str.contains("<>")]
    named = looks.alignments(tables["gains"])
    figure, panels = make_panels(datasets, sharey=True)
    for dataset, axes in of_gains(panels, datasets):
        dots = []
        for name, look in named.items():
            cell = {"dataset": dataset, "alignment": name}
            x, y = 100 * score_curve(where(found, **cell)), gain_of(where(gains, **cell))
            draw_path(axes, x, y, look)
            dots.append(pd.DataFrame({"x": x["mean"], "y": y["mean"]}))
        front = pareto(pd.concat(dots).dropna())
        axes.plot(front["x"], front["y"], **FRONT)
    at_least(panels[0], LEAST_GAIN)
    label_axes(figure, "recall at 1 (%), test pairs", gain_label(gains))
    entries = lines_of({**named, "Pareto front": FRONT})
    place_legend(figure, panels, len(datasets), entries)
    return figure


def pareto(dots: pd.DataFrame) -> pd.DataFrame:
    """Return the dots that none is better than in x without being worse in y, by falling x."""
    ordered = dots.astype(float).sort_values(["x", "y"], ascending=False)
    return ordered[ordered["y"] > ordered["y"].cummax().shift(fill_value=-float("inf"))]
