"""Figures of the information structure, over all datasets of a study."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from alignsweep.figures.panels import (
    PANEL,
    Tables,
    colours,
    label_axes,
    make_panels,
    of_datasets,
    place_legend,
    title,
    where,
)
from alignsweep.tables import headline

ATOMS = ("redundancy", "unique_a", "unique_b", "synergy")
NAMES = {
    "redundancy": "redundancy",
    "unique_a": "unique to the first modality",
    "unique_b": "unique to the second",
    "synergy": "synergy",
}


def information(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw the four atoms of each dataset as stacked bars, a group of bars per dataset.

    Uses ``information``: one bar per method with the null removed, and beside an estimate its
    null, paler. Atoms below 0 after the null is removed are drawn downwards.
    """
    table = of_datasets(tables["information"], datasets)
    bars = []
    for dataset in datasets:
        own = where(table, dataset=dataset)
        for method in dict.fromkeys(own["method"]):
            atoms = where(own, method=method).set_index("atom").loc[list(ATOMS)]
            name = f"{title(dataset)}\n{method}"
            bars.append((name, atoms["corrected_bits"], 1.0))
            if atoms["null_bits"].notna().all():
                bars.append(("null", atoms["null_bits"], 0.35))
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
    axes.set_ylabel("information about the label (bits)")
    handles = [Patch(color=c) for c, _ in zip(colours(), ATOMS, strict=False)]
    figure.legend(handles, [NAMES[a] for a in ATOMS], loc="outside upper center", ncols=2)
    return figure


def information_truth(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw estimates against the exact atoms, for the datasets whose distribution is known.

    Uses ``information``; a panel per atom, null removed, with 95 % intervals. On the line the
    estimate is the truth.
    """
    table = of_datasets(tables["information"], datasets)
    exact = where(table, method="exact").set_index(["dataset", "atom"])["bits"]
    methods = [m for m in dict.fromkeys(table["method"]) if m != "exact"]
    figure, panels = make_panels(ATOMS, sharex=False)
    for atom, axes in zip(ATOMS, panels, strict=False):
        known = [d for d in datasets if (d, atom) in exact.index]
        for colour, marker, method in zip(colours(), "os^", methods, strict=False):
            rows = where(table, method=method, atom=atom).set_index("dataset").reindex(known)
            error = [
                rows["corrected_bits"] - rows["low_bits"],
                rows["high_bits"] - rows["corrected_bits"],
            ]
            axes.errorbar(
                [exact[d, atom] for d in known],
                rows["corrected_bits"],
                yerr=error,
                fmt=marker,
                color=colour,
                linewidth=0.8,
            )
        limit = max([exact[d, atom] for d in known], default=1.0)
        axes.plot([0, limit], [0, limit], color="0.5", linewidth=0.8, zorder=1)
        axes.set_title(NAMES[atom])
    label_axes(figure, "exact (bits)", "estimated, null removed (bits)")
    handles = [
        Line2D([], [], color=c, marker=m, linestyle="")
        for c, m, _ in zip(colours(), "os^", methods, strict=False)
    ]
    handles.append(Line2D([], [], color="0.5", linewidth=0.8))
    place_legend(figure, panels, len(ATOMS), handles, [*methods, "estimate = truth"])
    return figure


def optimum_vs_redundancy(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw the measured optimum and its gain against the share of redundancy, R / (R + U + S).

    Uses ``information`` and ``optimum``; a point per dataset and modality. The share is exact where
    the distribution is known, else of the first estimate, null removed. Optima have the range of
    those found with one seed left out, gains 95 % intervals.
    """
    share = redundancy_share(tables["information"])
    optimum = of_datasets(headline(tables["optimum"]), datasets)
    optimum = optimum[optimum["dataset"].isin(share.index)]
    figure, (left, right) = plt.subplots(1, 2, figsize=(2 * PANEL[0] + 0.8, PANEL[1] + 0.5))
    looks = zip(colours(), "os", (0, 1), strict=False)
    for colour, marker, side in looks:
        rows = optimum.groupby("dataset", sort=False).nth(side)
        x = share.reindex(rows["dataset"]).to_numpy() + 0.006 * (2 * side - 1)
        best, low, high = (
            rows[c].astype(float) for c in ("optimum", "optimum_low", "optimum_high")
        )
        spread = [(best - low).clip(lower=0), (high - best).clip(lower=0)]
        left.errorbar(x, best, np.array(spread), fmt=marker, color=colour)
        error = [rows["gain"] - rows["gain_low"], rows["gain_high"] - rows["gain"]]
        right.errorbar(x, 100 * rows["gain"], 100 * np.array(error), fmt=marker, color=colour)
    right.axhline(0, color="0.3", linewidth=0.6)
    left.set(xlabel="redundancy share", ylabel="optimal strength")
    right.set(xlabel="redundancy share", ylabel="gain over strength 0 (points)")
    handles = [
        Line2D([], [], color=c, marker=m, linestyle="")
        for c, m in zip(colours()[:2], "os", strict=True)
    ]
    figure.legend(
        handles, ["first modality", "second modality"], loc="outside upper center", ncols=2
    )
    return figure


def redundancy_share(table: pd.DataFrame) -> pd.Series:
    """Return R / (R + U1 + U2 + S) of each dataset, exact where known; atoms below 0 count as 0."""
    shares = {}
    for dataset, own in table.groupby("dataset", sort=False):
        methods = list(dict.fromkeys(own["method"]))
        method = "exact" if "exact" in methods else methods[0]
        bits = where(own, method=method).set_index("atom")["corrected_bits"].clip(lower=0)
        total = bits[list(ATOMS)].sum()
        shares[dataset] = bits["redundancy"] / total if total > 0 else np.nan
    return pd.Series(shares, dtype=float)
