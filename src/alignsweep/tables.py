"""Tidy tables: one way to write and read them, and to put many into one."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from alignsweep.data import store

if TYPE_CHECKING:  # a table is read without torch
    from alignsweep.models import Trained

#: task -> metrics of the linear probe; the first is the one that figures show
PROBE_METRICS = {
    "classification": ("accuracy", "cross_entropy", "macro_f1"),
    "regression": ("correlation", "mae", "sign_accuracy"),
}
HEADLINES = [metrics[0] for metrics in PROBE_METRICS.values()]
#: probe metric -> whether a larger value is better
HIGHER_IS_BETTER = {
    metric: metric not in ("cross_entropy", "mae")
    for metrics in PROBE_METRICS.values()
    for metric in metrics
}

#: Strengths are names: "0.4" must not become 0.4 and "1" not 1.0.
TEXT_COLUMNS = dict.fromkeys(
    ("strength", "optimum", "optimum_low", "optimum_high", "plateau", "usual"), str
)


def write(table: pd.DataFrame, path: str | Path) -> None:
    """Write a table as CSV, with nine significant digits; a missing value is empty."""
    table.to_csv(path, index=False, float_format="%.9g", lineterminator="\n")


def write_by_strength(
    table: pd.DataFrame, strengths: Sequence[str], paths: Sequence[str | Path]
) -> None:
    """Write the rows of each strength to a file of its own."""
    for strength, path in zip(strengths, paths, strict=True):
        write(table[table["strength"] == strength], path)


def read(path: str | Path) -> pd.DataFrame:
    """Read a table that `write` wrote."""
    return pd.read_csv(path, dtype=TEXT_COLUMNS)


def headline(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the metric that stands for a dataset: accuracy, or correlation."""
    return table[table["metric"].isin(HEADLINES)]


def collect(paths: Iterable[str | Path]) -> pd.DataFrame:
    """Put tables of the same columns one below the other, in the order given."""
    return pd.concat([read(path) for path in paths], ignore_index=True)


def collect_datasets(paths: Iterable[str | Path]) -> pd.DataFrame:
    """Return the facts of stored datasets: ``dataset, modality, fact, value``."""
    rows = [row for path in paths for row in store.summary(store.load(path))]
    return pd.DataFrame(rows)


def write_json(value: object, path: str | Path) -> None:
    """Write a value as readable JSON."""
    Path(path).write_text(json.dumps(value, indent=1, allow_nan=False) + "\n", encoding="utf-8")


def collect_information(paths: Iterable[str | Path]) -> pd.DataFrame:
    """Put the atoms of ``information.json`` files into one table."""
    found = [json.loads(Path(path).read_text(encoding="utf-8")) for path in paths]
    return pd.DataFrame([row for one in found for row in one["atoms"]])


def per_model(trained: Trained, columns: Mapping[str, object]) -> pd.DataFrame:
    """Return a row per model of a stack.

    Columns ``dataset, strength, seed``, then those given (one value for all, or one per model),
    then ``diverged_at``.
    """
    return pd.DataFrame(
        {
            "dataset": trained.dataset,
            "strength": [m.strength for m in trained.models],
            "seed": [m.seed for m in trained.models],
            **columns,
            "diverged_at": pd.array([m.diverged_at for m in trained.models], dtype="Int64"),
        }
    )


def history(trained: Trained) -> pd.DataFrame:
    """Return the training curves of a stack.

    Returns
    -------
    pandas.DataFrame
        Columns ``dataset, strength, seed, epoch, loss, value``: means over an epoch, in nats, of
        the task loss of each modality (``task_{modality}``) and of the alignment loss (``align``),
        and ``align_over_ln_batch``, the latter divided by ln(batch size), which is 1 for
        uninformative projections whatever the batch size.
    """
    task_a, task_b, align = trained.history.transpose(2, 0, 1)
    first, second = trained.branches
    curves = {
        f"task_{first}": task_a,
        f"task_{second}": task_b,
        "align": align,
        "align_over_ln_batch": align / math.log(trained.batch_size),
    }
    epochs = trained.history.shape[1]
    frames = [
        pd.DataFrame(
            {
                "dataset": trained.dataset,
                "strength": model.strength,
                "seed": model.seed,
                "epoch": range(1, epochs + 1),
                "loss": loss,
                "value": values[m],
            }
        )
        for m, model in enumerate(trained.models)
        for loss, values in curves.items()
    ]
    return pd.concat(frames, ignore_index=True)
