"""The figures: each a pure function of tables, one panel per dataset of a source."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("agg")

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, SymLogNorm
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from scipy import stats

from alignsweep.metrics import METRICS

PANEL = (2.3, 1.9)  # inches; three panels make a text width
METRIC = "accuracy"
LABELS = {
    "accuracy": "probe accuracy (test)",
    "cka_debiased": "CKA (debiased)",
    "cka_biased": "CKA (biased)",
    "cka_rbf_debiased": "CKA (RBF, debiased)",
    "svcca_var99": "SVCCA (99 %)",
    "svcca_dim10": "SVCCA (10 directions)",
    "cca_mean": "mean CCA",
    "pwcca": "PWCCA",
    "mutual_knn_k10": "mutual kNN (k = 10)",
    "mutual_knn_k100": "mutual kNN (k = 100)",
    "cycle_knn_k10": "cycle kNN (k = 10)",
    "cknna_k10": "CKNNA (k = 10)",
    "jaccard_knn_k10": "Jaccard kNN (k = 10)",
    "procrustes": "Procrustes",
    "rsa_spearman": "RSA (Spearman)",
    "rsa_pearson": "RSA (Pearson)",
    "recall_at_1": "recall at 1",
    "recall_at_5": "recall at 5",
    "median_rank": "median rank",
    "modality_gap": "modality gap",
    "alignment_loss": "alignment loss",
    "uniformity": "uniformity",
}

MARKERS = "os^Dv<>"

Tables = Mapping[str, pd.DataFrame]


def strength_curve(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw probe accuracy against strength, a line per modality.

    Uses ``probe``, ``optimum`` and ``datasets``. Bands are 95 % t intervals of the mean over
    seeds; the optimum, chosen on validation, has a star; a dashed line is the Bayes ceiling, where
    it is known.
    """
    probe = _where(tables["probe"], split="test", metric=METRIC)
    optimum = _where(tables["optimum"], metric=METRIC)
    ceilings = _where(tables["datasets"], fact="bayes_accuracy")
    ceilings = ceilings[ceilings["dataset"].isin(datasets)]
    figure, panels = _panels(datasets)
    for dataset, axes in zip(datasets, panels, strict=False):
        for colour, (modality, rows) in zip(_colours(), _by_modality(probe, dataset), strict=False):
            _line(axes, _summary(rows), colour, marker="o")
            best = _where(optimum, dataset=dataset, modality=modality)
            x, y = best["optimum"].astype(float), best["score"]
            axes.plot(x, y, "*", color=colour, markersize=8, zorder=4)
            for value in _where(ceilings, dataset=dataset, modality=modality)["value"]:
                axes.axhline(value, color=colour, linestyle="--", linewidth=0.8)
        axes.set_title(_title(dataset))
    _label(figure, "alignment strength", LABELS[METRIC])
    modalities = _modalities(probe, datasets)
    handles = [
        Line2D([], [], color=c, marker="o") for c, _ in zip(_colours(), modalities, strict=False)
    ]
    handles.append(Line2D([], [], color="0.3", marker="*", linestyle="", markersize=8))
    names = [*(f"modality {m}" for m in modalities), "optimum (chosen on validation)"]
    if len(ceilings):
        handles.append(Line2D([], [], color="0.3", linestyle="--", linewidth=0.8))
        names.append("Bayes ceiling")
    _legend(figure, panels, len(datasets), handles, names)
    return figure


def alignment_curve(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw alignment metrics against strength, a line per metric, dotted at its chance level.

    Uses ``alignment``. Only metrics on the common scale from 0, unrelated, to 1, identical; the
    first seven. Bands are 95 % t intervals of the mean over seeds.
    """
    alignment = tables["alignment"]
    listed = dict.fromkeys(alignment["metric"])
    metrics = [m for m in listed if METRICS[m].identity == 1][: len(MARKERS)]
    figure, panels = _panels(datasets, sharey=True)
    for dataset, axes in zip(datasets, panels, strict=False):
        for look, metric in zip(_looks(), metrics, strict=False):
            rows = _where(alignment, dataset=dataset, metric=metric)
            _line(axes, _summary(rows), **look)
            axes.axhline(rows["chance"].mean(), color=look["color"], linestyle=":", linewidth=0.8)
        axes.set_title(_title(dataset))
    panels[0].set_ylim(top=1.03)
    _label(figure, "alignment strength", "alignment (test pairs)")
    handles = [Line2D([], [], **look) for look, _ in zip(_looks(), metrics, strict=False)]
    handles.append(Line2D([], [], color="0.3", linestyle=":", linewidth=0.8))
    names = [*(LABELS[m] for m in metrics), "chance"]
    _legend(figure, panels, len(datasets), handles, names)
    return figure


def alignment_metrics(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw alignment metrics against strength, a panel per metric and a line per dataset.

    Uses ``alignment``; all metrics, each on its own scale, dotted at the mean chance level. The
    panels of metrics for which lower is more aligned say so.
    """
    alignment = tables["alignment"]
    alignment = alignment[alignment["dataset"].isin(datasets)]
    metrics = list(dict.fromkeys(alignment["metric"]))
    figure, panels = _panels(metrics)
    colours = sns.color_palette("viridis", len(datasets) + 1)[:-1]  # its last is too pale a line
    for metric, axes in zip(metrics, panels, strict=False):
        for colour, dataset in zip(colours, datasets, strict=True):
            rows = _where(alignment, dataset=dataset, metric=metric)
            _line(axes, _summary(rows), colour, marker="o")
        if METRICS[metric].depends_on_pairing:
            chance = _where(alignment, metric=metric)["chance"].mean()
            axes.axhline(chance, color="0.3", linestyle=":", linewidth=0.8)
        lower = "" if METRICS[metric].higher_is_more_aligned else " (lower: more aligned)"
        axes.set_title(LABELS[metric] + lower)
    _label(figure, "alignment strength", "alignment (test pairs)")
    handles = [Line2D([], [], color=c, marker="o") for c in colours]
    handles.append(Line2D([], [], color="0.3", linestyle=":", linewidth=0.8))
    _legend(figure, panels, len(metrics), handles, [*map(_title, datasets), "chance"])
    return figure


def alignment_tradeoff(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw accuracy against alignment, with strength as colour.

    Uses ``probe`` and ``alignment``; means over seeds of test accuracy and of the first alignment
    metric. A line joins the strengths of a modality in order.
    """
    probe, alignment = _where(tables["probe"], split="test", metric=METRIC), tables["alignment"]
    metric = alignment["metric"].iloc[0]
    figure, panels = _panels(datasets, sharex=False)
    norm = Normalize(0, probe["strength"].astype(float).max())
    modalities = _modalities(probe, datasets)
    for dataset, axes in zip(datasets, panels, strict=False):
        x = _summary(_where(alignment, dataset=dataset, metric=metric))["mean"]
        for marker, (_, rows) in zip("os^v", _by_modality(probe, dataset), strict=False):
            y = _summary(rows)["mean"].reindex(x.index)
            axes.plot(x, y, color="0.7", linewidth=0.8, zorder=1)
            axes.scatter(
                x, y, c=x.index, cmap="viridis", norm=norm, marker=marker, s=18, zorder=2,
                edgecolors="white", linewidths=0.3,
            )  # fmt: skip
        axes.set_title(_title(dataset))
    _label(figure, f"{LABELS[metric]}, test pairs", LABELS[METRIC])
    handles = [
        Line2D([], [], color="0.3", marker=k, linestyle="")
        for k, _ in zip("os^v", modalities, strict=False)
    ]
    names = [f"modality {m}" for m in modalities]
    _legend(figure, panels, len(datasets), handles, names)
    colours = ScalarMappable(norm, "viridis")
    figure.colorbar(colours, ax=list(panels), label="alignment strength", shrink=0.8, aspect=30)
    return figure


def gain_heatmap(tables: Tables, datasets: Sequence[str]) -> Figure:
    """Draw the gain over strength 0 as a heat map, a row per dataset and modality.

    Uses ``gains``. Numbers are mean paired differences of test accuracy in percentage points, bold
    where the Holm-corrected p value is below 0.05. The colour scale is linear within one point and
    logarithmic beyond.
    """
    gains = _where(tables["gains"], metric=METRIC)
    gains = gains[gains["dataset"].isin(datasets) & (gains["strength"] != "0")]
    gains = gains.assign(row=gains["dataset"].map(_title) + ", " + gains["modality"])
    points = 100 * _grid(gains, "gain")
    p_value = _grid(gains, "p_value")
    figure, axes = plt.subplots(figsize=(1.2 + 0.48 * points.shape[1], 0.7 + 0.2 * points.shape[0]))
    limit = max(1.0, float(np.nanmax(np.abs(points))))
    sns.heatmap(
        points,
        annot=True,
        fmt="+.1f",
        cmap="PuOr_r",
        norm=SymLogNorm(1, vmin=-limit, vmax=limit, base=10),
        linewidths=0.5,
        cbar=False,
        ax=axes,
        annot_kws={"fontsize": 7},
    )
    for text, p in zip(axes.texts, p_value.to_numpy().ravel(), strict=True):
        text.set_fontweight("bold" if p < 0.05 else "normal")
    axes.set(xlabel="alignment strength", ylabel="")
    axes.set_title("gain in probe accuracy over strength 0 (points)")
    axes.tick_params(length=0)
    axes.tick_params(axis="y", rotation=0)
    return figure


#: name of a figure -> (its function, the tables it needs)
FIGURES: dict[str, tuple[Callable[[Tables, Sequence[str]], Figure], tuple[str, ...]]] = {
    "strength_curve": (strength_curve, ("probe", "optimum", "datasets")),
    "alignment_curve": (alignment_curve, ("alignment",)),
    "alignment_metrics": (alignment_metrics, ("alignment",)),
    "alignment_tradeoff": (alignment_tradeoff, ("probe", "alignment")),
    "gain_heatmap": (gain_heatmap, ("gains",)),
}


def plot(name: str, tables: Tables, datasets: Sequence[str], paths: Sequence[str | Path]) -> None:
    """Draw a figure and save it under each path, in the format its ending says.

    Parameters
    ----------
    name
        A key of `FIGURES`.
    tables
        Name -> table, at least those the figure needs.
    datasets
        Datasets to draw, in the order of the panels.
    paths
        Files to write; ``.pdf``, ``.png`` and ``.svg`` are byte-identical from run to run.
    """
    with as_file(files("alignsweep") / "alignsweep.mplstyle") as style, plt.style.context(style):
        figure = FIGURES[name][0](tables, datasets)
        for path in paths:
            dated = {".pdf": {"CreationDate": None}, ".svg": {"Date": None}}
            figure.savefig(path, metadata=dated.get(Path(path).suffix))
        plt.close(figure)


def _panels(
    contents: Sequence[str], *, sharex: bool = True, sharey: bool = False
) -> tuple[Figure, list[Axes]]:
    """Make a grid of at most three columns; panels beyond the contents are blank."""
    columns = min(3, len(contents))
    lines = -(-len(contents) // columns)
    wide = 1.5 if len(contents) == 1 else 1.0
    figure, grid = plt.subplots(
        lines,
        columns,
        figsize=(PANEL[0] * columns * wide, PANEL[1] * lines * wide + 0.3),
        sharex=sharex,
        sharey=sharey,
        squeeze=False,
    )
    panels = list(grid.ravel())
    for axes in panels[len(contents) :]:
        axes.set_axis_off()
    if lines > 1:  # the panel above a blank one keeps its own labels
        for axes in panels[len(contents) - columns : len(contents)]:
            axes.tick_params(labelbottom=True)
    return figure, panels


def _legend(
    figure: Figure, panels: list[Axes], used: int, handles: list[Line2D], names: list[str]
) -> None:
    """Put the legend into the first blank panel, or above the figure."""
    if used < len(panels):
        panels[used].legend(handles, names, loc="center")
    else:
        columns = 2 if used == 1 else 4
        figure.legend(handles, names, loc="outside upper center", ncols=columns)


def _label(figure: Figure, x: str, y: str) -> None:
    figure.supxlabel(x, fontsize=8)
    figure.supylabel(y, fontsize=8)


def _line(axes: Axes, curve: pd.DataFrame, color: Any, **look: Any) -> None:
    axes.plot(curve.index, curve["mean"], color=color, **look)
    axes.fill_between(curve.index, curve["low"], curve["high"], color=color, alpha=0.2, linewidth=0)


def _looks() -> Iterator[dict[str, Any]]:
    """Yield looks of lines that may coincide: later ones have larger markers, beneath."""
    for i, (color, marker) in enumerate(zip(_colours(), MARKERS, strict=True)):
        size = {"markersize": 3 + 1.2 * i, "markerfacecolor": color if i == 0 else "none"}
        yield {"color": color, "marker": marker, "zorder": 3 - 0.1 * i, **size}


def _summary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return mean and 95 % t interval over seeds, indexed by strength as a number."""
    grouped = rows.assign(x=rows["strength"].astype(float)).groupby("x")["value"]
    mean, n = grouped.mean(), grouped.count()
    half = grouped.std() / np.sqrt(n) * stats.t.ppf(0.975, np.maximum(n - 1, 1))
    return pd.DataFrame({"mean": mean, "low": mean - half, "high": mean + half})


def _where(table: pd.DataFrame, **values: str) -> pd.DataFrame:
    """Return the rows whose columns have these values."""
    for column, value in values.items():
        table = table[table[column] == value]
    return table


def _by_modality(probe: pd.DataFrame, dataset: str) -> Iterable[tuple[Any, pd.DataFrame]]:
    return _where(probe, dataset=dataset).groupby("modality", sort=False)


def _modalities(probe: pd.DataFrame, datasets: Sequence[str]) -> list[str]:
    """Return the modalities' names; of the first dataset, where datasets name them differently."""
    return list(dict.fromkeys(_where(probe, dataset=datasets[0])["modality"]))


def _colours() -> list[str]:
    return list(mpl.rcParams["axes.prop_cycle"].by_key()["color"])


def _grid(gains: pd.DataFrame, value: str) -> pd.DataFrame:
    """Spread a column over rows and strengths, in the order of the table."""
    order = {"index": gains["row"].unique(), "columns": gains["strength"].unique()}
    return gains.set_index(["row", "strength"])[value].unstack().reindex(**order)  # noqa: PD010


def _title(dataset: str) -> str:
    """Name a panel: ``synthetic-R4`` -> ``R = 4``; other datasets by their full name."""
    redundancy = re.search(r"-R(\d)$", dataset)
    return f"R = {redundancy[1]}" if redundancy else dataset
