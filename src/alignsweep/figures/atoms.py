"""What the figures of information share: the atoms, and the share that is redundant."""

from __future__ import annotations

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from alignsweep.atoms import preferred, shares
from alignsweep.figures.panels import HIGH, ONE


def redundancy_share(information: pd.DataFrame) -> pd.Series:
    """Return R / (R + U1 + U2 + S) of each dataset; atoms below 0 count as 0."""
    datasets = information["dataset"].unique()
    return pd.Series(
        {d: shares(preferred(information, d))["redundancy"] for d in datasets},
        dtype=float,
    )


def not_estimated() -> Figure:
    """Return a figure for datasets none of which has what it would show."""
    figure, axes = plt.subplots(figsize=(ONE, HIGH))
    axes.set_axis_off()
    axes.text(0.5, 0.5, "not estimated", ha="center", va="center", transform=axes.transAxes)
    return figure
