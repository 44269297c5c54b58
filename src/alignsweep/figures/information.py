"""The atoms of each dataset as bars, a panel per atom, a group of rows per dataset."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from alignsweep.atoms import ATOMS
from alignsweep.figures import looks
from alignsweep.figures.atoms import not_estimated
from alignsweep.figures.panels import (
    TWO,
    Tables,
    error_bars,
    label_axes,
    legend_above,
    letter,
    of_datasets,
    titles,
    where,
)

#: Gap between the rows of two datasets, in rows.
GAP = 0.6
#: Opacity of estimates.
PALE = 0.45
NULL: dict[str, Any] = {
    "color": "0.15",
    "marker": "|",
    "markersize": 7,
    "markeredgewidth": 1.2,
    "linestyle": "",
}


def draw(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw the bars.

    Uses ``information``: a row per method with the null removed, paler where it is an estimate,
    with its 95 % interval; a mark is what the null is, which was removed.
    """
    table = of_datasets(tables["information"], datasets)
    rows = _rows(table, datasets)
    if not rows:
        return not_estimated()
    height = 0.9 + 0.15 * (rows[-1][0] + 1)
    figure, panels = plt.subplots(1, len(ATOMS), figsize=(TWO, height), sharex=True, sharey=True)
    letter(panels)
    for axes, (atom, label) in zip(panels, ATOMS.items(), strict=True):
        axes.axvline(0, **looks.ZERO)
        axes.set_title(textwrap.fill(label, 16))
        axes.grid(axis="y", visible=False)
        for place, _, method, atoms in rows:
            own = atoms.loc[atom]
            bits, exact = own["corrected_bits"], method == "exact"
            axes.barh(place, bits, 0.8, color=looks.ATOMS[atom], alpha=1 if exact else PALE)
            if not exact:
                ends = (pd.Series([own[c]]) for c in ("corrected_bits", "low_bits", "high_bits"))
                axes.errorbar(
                    bits, place, xerr=error_bars(*ends), fmt="none", ecolor="0.15", elinewidth=0.8
                )
                axes.plot(own["null_bits"], place, **NULL)
    panels[0].set_yticks([place for place, *_ in rows], [name for _, name, *_ in rows])
    panels[0].invert_yaxis()
    label_axes(figure, "information about the label (bits)", "")
    entries = {
        "exact": Patch(color="0.4"),
        "estimate, null removed": Patch(color="0.4", alpha=PALE),
        "95 % interval": Line2D([], [], color="0.15", linewidth=0.8),
        "null (labels shuffled)": Line2D([], [], **NULL),
    }
    legend_above(figure, entries)
    return figure


def _rows(
    table: pd.DataFrame, datasets: Sequence[str]
) -> list[tuple[float, str, str, pd.DataFrame]]:
    """Return place, name, method and atoms of each row."""
    rows: list[tuple[float, str, str, pd.DataFrame]] = []
    for dataset, title in titles(datasets).items():
        own = where(table, dataset=dataset)
        start = rows[-1][0] + GAP if rows else -1.0
        for i, method in enumerate(own["method"].unique()):
            name = method if i else f"{title}, {method}"
            atoms = where(own, method=method).set_index("atom")
            rows.append((start + 1 + i, name, method, atoms))
    return rows
