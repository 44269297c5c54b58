"""The one home of what things look like: colours, markers, line styles, and the scale of gains.

The same thing looks the same in every figure of a study. No look is told by its colour alone, so
that figures are read by the colour-blind and in grey.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from typing import Any

import matplotlib as mpl
import pandas as pd
from matplotlib.colors import SymLogNorm

# Okabe and Ito's palette, told apart by colour-blind readers. Blue and vermilion are modalities, in
# whatever figure; what else has colours takes them from `OTHERS`.
BLUE, VERMILION = "#0072B2", "#D55E00"
OTHERS = ("#000000", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
DASHES = ("-", (0, (4, 1.5)), (0, (1, 1)))
MARKERS = "os^Dv<>"

#: Colour and marker of a pair's first modality, and of its second.
SIDES: tuple[dict[str, Any], ...] = (
    {"color": BLUE, "marker": "o"},
    {"color": VERMILION, "marker": "s", "markerfacecolor": "white"},
)
#: atom -> its colour; what one modality alone tells has the colour of that modality
ATOMS = dict(
    zip(
        ("redundancy", "unique_a", "unique_b", "synergy"),
        ("#009E73", BLUE, VERMILION, "#CC79A7"),
        strict=True,
    )
)

#: The strength-0 line, and other lines that are not data.
ZERO: dict[str, Any] = {"color": "0.3", "linewidth": 0.6, "zorder": 1}
CEILING: dict[str, Any] = {"color": "0.3", "linestyle": (0, (4, 1.5)), "linewidth": 0.8}
CHANCE: dict[str, Any] = {"color": "0.3", "linestyle": ":", "linewidth": 0.8}
OPTIMUM: dict[str, Any] = {"marker": "*", "markersize": 8, "linestyle": "", "zorder": 4}

#: Colours of gains, of all maps of all studies: linear within a point, logarithmic up to 30.
GAINS: dict[str, Any] = {"cmap": "PuOr_r", "norm": SymLogNorm(1, vmin=-30, vmax=30, base=10)}


def modalities(names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return a look for every modality of a source, in the order in which they are met."""
    further = ({"color": c, "marker": m} for c, m in zip(OTHERS, MARKERS[2:], strict=True))
    return dict(zip(dict.fromkeys(names), itertools.cycle((*SIDES, *further)), strict=False))


def metrics(names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return a look for every alignment metric."""
    return _kinds(names, OTHERS[::-1])


def alignments(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return a look for every alignment of a study, of any of its tables that has them all."""
    return _kinds(table["alignment"], OTHERS)


def _kinds(names: Iterable[str], colours: Sequence[str]) -> dict[str, dict[str, Any]]:
    pairs = itertools.product(DASHES, zip(colours, MARKERS, strict=False))
    return {
        name: {"color": color, "marker": marker, "linestyle": dashes}
        for name, (dashes, (color, marker)) in zip(
            dict.fromkeys(names), itertools.cycle(pairs), strict=False
        )
    }


def ordered(names: Sequence[Any]) -> dict[Any, dict[str, Any]]:
    """Return a look for every name, from dark to light, in an order that means something."""
    last = max(1, len(names) - 1)
    shades = [0.85 * i / last for i in range(len(names))]  # the end is too pale for a line
    return {
        name: {"color": mpl.colormaps["viridis"](shade), "marker": marker}
        for name, shade, marker in zip(names, shades, itertools.cycle(MARKERS), strict=False)
    }
