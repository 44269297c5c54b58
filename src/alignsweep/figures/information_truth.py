"""Estimates against the exact atoms, a panel per atom, for datasets of known distribution."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from alignsweep.atoms import ATOMS
from alignsweep.figures.atoms import not_estimated
from alignsweep.figures.panels import (
    MARKERS,
    Tables,
    colours,
    error_bars,
    label_axes,
    make_panels,
    of_datasets,
    place_legend,
    where,
)


def draw(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw a point per dataset and method; on the line the estimate is the truth.

    Uses ``information``, null removed, with 95 % intervals.
    """
    table = of_datasets(tables["information"], datasets)
    known = where(table, method="exact")["dataset"].unique()
    table = of_datasets(table, known)
    methods = [m for m in table["method"].unique() if m != "exact"]
    if not methods:
        return not_estimated()
    looks = list(zip(methods, itertools.cycle(colours()), itertools.cycle(MARKERS), strict=False))
    figure, panels = make_panels(list(ATOMS), sharex=False)
    for (atom, name), axes in zip(ATOMS.items(), panels, strict=False):
        rows = where(table, atom=atom).set_index("dataset")
        exact = where(rows, method="exact")["bits"]
        for method, colour, marker in looks:
            own = where(rows, method=method)
            bits = own["corrected_bits"]
            bars = error_bars(bits, own["low_bits"], own["high_bits"])
            axes.errorbar(exact[own.index], bits, bars, fmt=marker, color=colour, linewidth=0.8)
        limit = exact.max()
        axes.plot([0, limit], [0, limit], color="0.5", linewidth=0.8, zorder=1)
        axes.set_title(name)
    label_axes(figure, "exact (bits)", "estimated, null removed (bits)")
    handles = [Line2D([], [], color=c, marker=k, linestyle="") for _, c, k in looks]
    handles.append(Line2D([], [], color="0.5", linewidth=0.8))
    place_legend(figure, panels, len(ATOMS), handles, [*methods, "estimate = truth"])
    return figure
