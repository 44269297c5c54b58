"""The change at strength 1 as a map of redundancy and shared nuisance, one per alignment."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from alignsweep.figures.maps import add_scale, draw_map
from alignsweep.figures.panels import Tables, both_encoders, label_axes, make_panels, where

#: The strength that is used by habit; else the one tried that is nearest.
USUAL = 1.0


def draw(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw a square per dataset whose redundancy and shared nuisance are known.

    Uses ``gains`` and ``datasets``: the mean gain of both encoders over strength 0, in points; bold
    where its 95 % interval excludes 0. Where several datasets have the same, their mean.
    """
    gains = both_encoders(tables["gains"], datasets)
    tried = [s for s in gains["strength"].unique() if float(s) > 0]
    strength = min(tried, key=lambda s: (abs(float(s) - USUAL), float(s)))
    gains = where(gains, strength=strength).merge(_known(tables["datasets"]), on="dataset")
    gains["sure"] = (gains["gain_low"] > 0) | (gains["gain_high"] < 0)
    names = list(gains["alignment"].unique())
    figure, panels = make_panels(names or [""], sharey=True)
    image = None
    for axes, name in zip(panels, names, strict=False):
        own = where(gains, alignment=name)
        image = draw_map(axes, 100 * _grid(own, gains, "gain"), _grid(own, gains, "sure") == 1)
        axes.set_title(name)
    label_axes(figure, "bits of shared nuisance", "redundancy R (bits)")
    if image is not None:
        add_scale(figure, image, panels, f"gain at strength {strength} (points)")
    return figure


def _grid(own: pd.DataFrame, gains: pd.DataFrame, value: str) -> pd.DataFrame:
    """Spread a column over redundancy, the largest on top, and nuisance: all levels of `gains`."""
    spread = own.assign(value=own[value].astype(float)).pivot_table(
        index="redundancy", columns="nuisance", values="value"
    )
    redundancy, nuisance = (sorted(gains[c].unique()) for c in ("redundancy", "nuisance"))
    return spread.reindex(index=redundancy[::-1], columns=nuisance)


def _known(facts: pd.DataFrame) -> pd.DataFrame:
    """Return redundancy and nuisance of the datasets whose are known."""
    own = facts[facts["fact"].isin(["redundancy", "nuisance"])]
    spread = own.pivot_table(index="dataset", columns="fact", values="value")
    return spread.reindex(columns=["redundancy", "nuisance"]).dropna().reset_index()
