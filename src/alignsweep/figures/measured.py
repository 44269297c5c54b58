"""What the figures of alignment share: which metrics they draw, and their curves."""

from __future__ import annotations

import pandas as pd

from alignsweep.figures.panels import over_seeds, where, within
from alignsweep.metrics import METRICS

#: The axis of every metric from 0, unrelated, to 1, identical.
COMMON = (-0.05, 1.05)


def shown(alignment: pd.DataFrame) -> list[str]:
    """Return the metrics to draw: of several conventions of one, the first that was measured."""
    names = list(alignment["metric"].unique())
    return [name for name in names if METRICS[name].variant_of not in names]


def measured(alignment: pd.DataFrame, metric: str, /, **cell: str) -> pd.DataFrame:
    """Return the mean of a metric over seeds with its 95 % t interval, within the metric's range.

    Indexed by strength as a number.
    """
    curve = over_seeds(where(alignment, metric=metric, **cell))
    return within(curve, METRICS[metric].low, METRICS[metric].high)


def common(metric: str) -> bool:
    """Return whether a metric is on the scale from 0, unrelated, to 1, identical."""
    return METRICS[metric].identity == 1


def label(metric: str) -> str:
    """Return the label of an axis of a metric."""
    return f"{METRICS[metric].label}, test pairs"
