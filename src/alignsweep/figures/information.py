"""The atoms of each dataset as stacked bars, a group of bars per dataset."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from alignsweep.atoms import ATOMS
from alignsweep.figures.atoms import not_estimated
from alignsweep.figures.panels import PANEL, Tables, colours, of_datasets, titles, where


def draw(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw the bars.

    Uses ``information``: one bar per method with the null removed, and beside an estimate its
    null, paler. Atoms below 0 after the null is removed are drawn downwards.
    """
    table = of_datasets(tables["information"], datasets)
    bars = []
    for dataset, name in titles(datasets).items():
        own = where(table, dataset=dataset)
        for method in own["method"].unique():
            atoms = where(own, method=method).set_index("atom").loc[list(ATOMS)]
            bars.append((f"{name}\n{method}", atoms["corrected_bits"], 1.0))
            if atoms["null_bits"].notna().all():
                bars.append(("null", atoms["null_bits"], 0.35))
    if not bars:
        return not_estimated()
    figure, axes = plt.subplots(figsize=(max(PANEL[0], 0.6 + 0.42 * len(bars)), PANEL[1] + 0.6))
    for place, (_, values, alpha) in enumerate(bars):
        up = down = 0.0
        for colour, value in zip(colours(), values, strict=False):
            bottom = up if value >= 0 else down
            axes.bar(place, value, 0.8, bottom, color=colour, alpha=alpha, linewidth=0)
            up, down = (up + value, down) if value >= 0 else (up, down + value)
    axes.axhline(0, color="0.3", linewidth=0.6)
    axes.set_xticks(range(len(bars)), [name for name, *_ in bars], rotation=90, fontsize=6)
    axes.grid(axis="x", visible=False)
    axes.margins(x=0.02)
    axes.set_ylabel("information about\nthe label (bits)")
    handles = [Patch(color=c) for c, _ in zip(colours(), ATOMS, strict=False)]
    figure.legend(handles, list(ATOMS.values()), loc="outside upper center", ncols=2)
    return figure
