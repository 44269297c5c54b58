"""Drawing a figure and saving it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("agg")  # figures go to files, and never need a window

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from alignsweep.figures import FIGURES
from alignsweep.figures.panels import Tables
from alignsweep.provenance import figures as provenance


def plot(
    name: str,
    tables: Tables,
    datasets: Sequence[str],
    paths: Sequence[str | Path],
    made: Mapping[str, Any] | None = None,
) -> None:
    """Draw the figure of a name in `FIGURES` and save it, see `save`."""
    draw = FIGURES[name].draw or import_module(f"{__package__}.{name}").draw
    save(draw, tables, datasets, paths, made)


def save(
    draw: Callable[[Tables, Sequence[str]], Figure],
    tables: Tables,
    datasets: Sequence[str],
    paths: Sequence[str | Path],
    made: Mapping[str, Any] | None = None,
) -> None:
    """Draw a figure and save it under each path, in the format its ending says.

    Parameters
    ----------
    draw
        The function that draws it.
    tables
        Name -> table, at least those the figure needs.
    datasets
        Datasets to draw, in the order of the panels.
    paths
        Files to write; ``.pdf``, ``.png`` and ``.svg`` are byte-identical from run to run.
    made
        What the files say that they are made from, see `provenance.figures`.
    """
    with (
        as_file(files(__package__) / "alignsweep.mplstyle") as style,
        plt.style.context(style),
    ):
        figure = draw(tables, datasets)
        figure.draw_without_rendering()  # the layout is found here, once for all formats
        figure.set_layout_engine("none")
        for path in paths:
            figure.savefig(path, metadata=provenance.metadata(path, made))
        plt.close(figure)
