"""The gain over strength 0 as a map, a row per dataset and modality."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from alignsweep.figures.maps import add_scale, draw_map
from alignsweep.figures.panels import ONE, TWO, Tables, gain_label, scores_of, titles
from alignsweep.scores import SCORES

#: More strengths than these take two columns of a journal.
MOST_NARROW = 4


def draw(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw the gains.

    Uses ``gains``. Numbers are mean paired differences of test scores: accuracies in percentage
    points, others in hundredths, as their rows say. Bold where the Holm-corrected p value is below
    0.05.
    """
    gains = scores_of(tables["gains"], datasets)
    gains = gains[gains["strength"] != "0"]
    other = gains["metric"].map(lambda m: "" if SCORES[m].counted else f" ({m})")
    row = gains["dataset"].map(titles(datasets)) + ", " + gains["modality"] + other
    spread = 100 * _grid(gains, row, "gain")
    lines, columns = spread.shape
    width = ONE if columns <= MOST_NARROW else TWO
    figure, axes = plt.subplots(figsize=(width, max(1.9, 0.6 + 0.2 * lines)))
    image = draw_map(axes, spread, _grid(gains, row, "p_value") < 0.05)
    axes.set_xlabel("alignment strength")
    add_scale(figure, image, [axes], gain_label(gains))
    return figure


def _grid(gains: pd.DataFrame, row: pd.Series, value: str) -> pd.DataFrame:
    """Spread a column over rows, in the order of the table, and strengths, in that of numbers."""
    strengths = sorted(gains["strength"].unique(), key=float)
    spread = gains.set_index([row, "strength"])[value].unstack()  # noqa: PD010
    return spread.reindex(index=row.unique(), columns=strengths)
