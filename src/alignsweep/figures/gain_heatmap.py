"""The gain over strength 0 as a heat map, a row per dataset and modality."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.colors import SymLogNorm
from matplotlib.figure import Figure

from alignsweep.figures.panels import Tables, scores_of, titles
from alignsweep.scores import SCORES


def draw(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw the gains.

    Uses ``gains``. Numbers are mean paired differences of test scores: accuracies in percentage
    points, others in hundredths, as their rows say. Bold where the Holm-corrected p value is below
    0.05. The colour scale is linear within 1 and logarithmic beyond.
    """
    import seaborn as sns  # slow to import, and no other figure needs it

    gains = scores_of(tables["gains"], datasets)
    gains = gains[gains["strength"] != "0"]
    units = {m: "points" if SCORES[m].counted else "hundredths" for m in gains["metric"].unique()}
    other = gains["metric"].map(lambda m: "" if SCORES[m].counted else f" ({m})")
    row = gains["dataset"].map(titles(datasets)) + ", " + gains["modality"] + other
    hundredths = 100 * _grid(gains, row, "gain")
    p_value = _grid(gains, row, "p_value")
    title = "gain over strength 0 ({})".format("; ".join(f"{m}: {u}" for m, u in units.items()))
    lines, columns = hundredths.shape
    width = 0.8 + 0.05 * row.str.len().max() + 0.48 * columns  # 0.05 inches a letter
    figure, axes = plt.subplots(figsize=(max(width, 0.06 * len(title)), 0.7 + 0.2 * lines))
    limit = max(1.0, hundredths.abs().max().max())
    sns.heatmap(
        hundredths,
        annot=True,
        fmt="+.1f",
        cmap="PuOr_r",
        vmin=-limit,  # as the norm, lest seaborn look for the limits where all is missing
        vmax=limit,
        norm=SymLogNorm(1, vmin=-limit, vmax=limit, base=10),
        linewidths=0.5,
        cbar=False,
        ax=axes,
        annot_kws={"fontsize": 7},
    )
    shown = hundredths.notna().to_numpy()  # a strength at which every seed diverged has no number
    for text, p in zip(axes.texts, p_value.to_numpy()[shown], strict=True):
        text.set_fontweight("bold" if p < 0.05 else "normal")
    axes.set(xlabel="alignment strength", ylabel="")
    figure.suptitle(title, fontsize=8)
    axes.tick_params(length=0)
    axes.tick_params(axis="y", rotation=0)
    return figure


def _grid(gains: pd.DataFrame, row: pd.Series, value: str) -> pd.DataFrame:
    """Spread a column over rows, in the order of the table, and strengths, in that of numbers."""
    strengths = sorted(gains["strength"].unique(), key=float)
    spread = gains.set_index([row, "strength"])[value].unstack()  # noqa: PD010
    return spread.reindex(index=row.unique(), columns=strengths)
