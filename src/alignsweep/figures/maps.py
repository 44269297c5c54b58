"""Maps of gains: numbers on colours, which are the same in all of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from alignsweep.figures import looks

TICKS = (-30, -10, -3, -1, 0, 1, 3, 10, 30)


def draw_map(axes: Axes, gains: pd.DataFrame, sure: pd.DataFrame) -> Any:
    """Draw a table of gains in points, bold where they are sure; cells that are missing are blank.

    Returns what `add_scale` takes.
    """
    image = axes.imshow(gains, aspect="auto", **looks.GAINS)
    for (row, column), gain in np.ndenumerate(gains.to_numpy()):
        if not np.isnan(gain):
            axes.text(
                column,
                row,
                signed(gain),
                ha="center",
                va="center",
                fontsize=7,
                fontweight="bold" if sure.iloc[row, column] else "normal",
                color="white" if _dark(image.to_rgba(gain)) else "black",
            )
    for ticks, names in ((axes.set_xticks, gains.columns), (axes.set_yticks, gains.index)):
        ticks(range(len(names)), [n if isinstance(n, str) else f"{n:g}" for n in names])
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    return image


def add_scale(figure: Figure, image: Any, panels: Sequence[Axes], label: str) -> None:
    """Put the scale of colours beside the panels."""
    bar = figure.colorbar(image, ax=list(panels), extend="both", pad=0.02, aspect=25)
    bar.set_ticks(TICKS, labels=[signed(t, 0) for t in TICKS])
    bar.ax.minorticks_off()
    bar.outline.set_linewidth(0.4)
    bar.set_label(label, fontsize=7)


def _dark(colour: Any) -> bool:
    """Whether white is read better on a colour than black (Rec. 709 luma)."""
    return float(np.dot(colour[:3], (0.2126, 0.7152, 0.0722))) < 0.52


def signed(value: float, digits: int = 1) -> str:
    """Write a number with its sign; what rounds to 0 has none."""
    value = round(value, digits)
    return f"{value:+.{digits}f}".replace("-", "\N{MINUS SIGN}") if value else f"{0:.{digits}f}"
