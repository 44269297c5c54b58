"""Estimates against the exact atoms, a panel per atom, for datasets of known distribution."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from alignsweep.atoms import ATOMS
from alignsweep.figures import looks
from alignsweep.figures.atoms import not_estimated
from alignsweep.figures.panels import (
    Tables,
    error_bars,
    label_axes,
    lines_of,
    make_panels,
    of_datasets,
    place_legend,
    where,
)

TRUTH: dict[str, Any] = {"color": "0.5", "linewidth": 0.8, "zorder": 1}


def draw(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw a point per dataset and method; on the line the estimate is the truth.

    Uses ``information``, null removed, with 95 % intervals. Both axes of a panel are one scale.
    """
    table = of_datasets(tables["information"], datasets)
    known = where(table, method="exact")["dataset"].unique()
    table = of_datasets(table, known)
    methods = [m for m in table["method"].unique() if m != "exact"]
    if not methods:
        return not_estimated()
    markers = dict(zip(methods, itertools.cycle(looks.MARKERS), strict=False))
    figure, panels = make_panels(list(ATOMS), columns=len(ATOMS), sharex=False)
    for (atom, name), axes in zip(ATOMS.items(), panels, strict=False):
        rows = where(table, atom=atom).set_index("dataset")
        exact = where(rows, method="exact")["bits"]
        for method, marker in markers.items():
            own = where(rows, method=method)
            bits = own["corrected_bits"]
            bars = error_bars(bits, own["low_bits"], own["high_bits"])
            axes.errorbar(exact[own.index], bits, bars, fmt=marker, color=looks.ATOMS[atom])
        axes.axline((0, 0), slope=1, **TRUTH)
        ends = rows[["corrected_bits", "low_bits", "high_bits"]].to_numpy()
        low, high = min(0, np.nanmin(ends)), np.nanmax(ends)
        room = 0.05 * (high - low)
        axes.set(xlim=(low - room, high + room), ylim=(low - room, high + room), aspect="equal")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_locator(MaxNLocator(4))
        axes.set_title(textwrap.fill(name, 16))
    label_axes(figure, "exact (bits)", "estimated, null removed (bits)")
    marks = {m: {"color": "0.3", "marker": k, "linestyle": ""} for m, k in markers.items()}
    place_legend(figure, panels, len(ATOMS), lines_of({**marks, "estimate = truth": TRUTH}))
    return figure
