"""Holding a table against what it must hold: its columns, values in range, every row once.

A row that is missing is no model that diverged: that is written as such, in ``diverged_at``. So a
table that lacks a row, has one twice, or has an accuracy of 7, is damaged, and is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from alignsweep import damage, scores
from alignsweep.columns import TABLES, Asked, Table

#: What rounding adds to a number.
ROUNDING = 1e-6


def check(table: pd.DataFrame, path: str | Path, asked: Asked) -> None:
    """Hold a table against what the name of its file says, its folders, and a study.

    Parameters
    ----------
    table
        As it was read.
    path
        Its file; one of another name than in `TABLES` is taken as it is.
    asked
        What the study says.

    Raises
    ------
    DamagedError
        Naming the file and the first thing that is wrong.
    """
    kind, place = TABLES.get(Path(path).stem), damage.place(path)
    if kind is None:
        return
    if wrong := (
        _columns(table, kind)
        or _values(table, kind)
        or _scores(table, kind)
        or _divergence(table)
        or _rows(table, kind, asked.at(path), place)
    ):
        raise damage.DamagedError(path, wrong)


def _columns(table: pd.DataFrame, kind: Table) -> str | None:
    if kind.sparse and table.empty:
        return None
    missing = [name for name in kind.columns if name not in table]
    if missing:
        return f"has no column {missing[0]}"
    return None if len(table) else "has no rows"


def _values(table: pd.DataFrame, kind: Table) -> str | None:
    for name, own in kind.columns.items():
        if name not in table:
            continue
        x = table[name]
        if not own.empty and x.isna().any():
            return f"has no {name} in {_row(table, kind, x.isna())}"
        known = x.dropna()
        if own.text:
            bad = ~known.astype(str).isin(own.among) if own.among else None
            allowed = ", ".join(own.among)
        elif not len(known):
            continue
        elif not pd.api.types.is_numeric_dtype(known) or known.dtype == bool:
            bad = pd.to_numeric(known, errors="coerce").isna() | (known.dtype == bool)
            allowed = "a number"
        else:
            bad = ~known.between(own.low, own.high) | ~np.isfinite(known)
            allowed = f"a finite number from {own.low:g} to {own.high:g}"
        if bad is not None and bad.any():
            at = bad.reindex(table.index, fill_value=False)
            return f"has {name} {x[at].iloc[0]} in {_row(table, kind, at)}; allowed: {allowed}"
    lower = [n for n in kind.columns if n == "low" or n.endswith("_low")]
    ends = [(n, f"{n.removesuffix('low')}high") for n in lower]
    for low, high in ends:
        bad = pd.to_numeric(table[low]) > pd.to_numeric(table[high]) + ROUNDING
        if bad.any():
            return f"has {low} above {high} in {_row(table, kind, bad)}"
    return None


def _scores(table: pd.DataFrame, kind: Table) -> str | None:
    """Hold scores against the range of their metric, and changes against how wide that is."""
    levels, changes = kind.scored
    if table.empty or not levels:
        return None
    for name, own in table.groupby("metric", sort=False):
        score = scores.SCORES[str(name)]
        wide = score.high - score.low
        bounds = dict.fromkeys(levels, (score.low, score.high))
        if "score" in levels:  # after a search it is of all seeds, plus the change of some
            bounds["score"] = (score.low - wide, score.high + wide)
        bounds |= dict.fromkeys(changes, (-wide, wide))
        for column, (low, high) in bounds.items():
            bad = own[column].notna() & ~own[column].between(low - ROUNDING, high + ROUNDING)
            if bad.any():
                return (
                    f"has {column} {own[column][bad].iloc[0]:g} in {_row(own, kind, bad)}; "
                    f"allowed for {name}: {low:g} to {high:g}"
                )
    return None


def _divergence(table: pd.DataFrame) -> str | None:
    """Refuse a score that is missing although training did not diverge, and the other way round."""
    if not {"value", "use", "diverged_at"} <= set(table):
        return None
    gone = table["diverged_at"].notna()
    # labels that are all 0 have no sign
    lost = table["value"].isna() & ~gone & (table["metric"] != "sign_accuracy")
    if lost.any():
        return (
            f"has no value in {_row(table, TABLES['probe'], lost)}, whose training did not diverge"
        )
    kept = table["value"].notna() & gone
    if kept.any():
        return f"has a value in {_row(table, TABLES['probe'], kept)}, whose training diverged"
    return None


def _rows(table: pd.DataFrame, kind: Table, asked: Asked, place: Mapping[str, str]) -> str | None:
    """Refuse rows that are missing, are there twice, or do not belong there."""
    if table.empty:
        return None
    for column, own in place.items():
        for name in table[column].unique() if column in table else ():
            if name != own:
                return f"has rows of {column} {name}, and stands at {column} {own}"
    twice = table.duplicated(["dataset", *kind.of, *kind.by])
    if twice.any():
        return f"has more than one row of {_row(table, kind, twice)}"
    found = {str(name): own for name, own in table.groupby("dataset", sort=False)}
    for name in [*found, *asked.modalities]:
        if name not in asked.modalities or (name not in found and not kind.sparse):
            return f"has {'' if name in found else 'no '}rows of dataset {name}"
    for name, rows in found.items():
        models, by = _tuples(rows, kind.of), _tuples(rows, kind.by)
        all_models = asked.models(kind.of) or models
        all_by = {*kind.rows(asked, asked.modalities[name], _task(rows))} if kind.rows else by
        all_by = all_by | by if kind.more else all_by or by
        for columns, there, wanted in ((kind.of, models, all_models), (kind.by, by, all_by)):
            for values in sorted(there - wanted):
                return f"has rows of {_said(name, columns, values)}, which the study has not"
        if len(rows) < len(all_models) * len(all_by):
            return _lacking(name, rows, kind, product(sorted(all_models), sorted(all_by)))
    return None


def _lacking(dataset: str, own: pd.DataFrame, kind: Table, wanted: Iterable[Any]) -> str:
    """Say how many rows are missing, and the first of them."""
    columns = (*kind.of, *kind.by)
    there = _tuples(own, columns)
    missing = [model + row for model, row in wanted if model + row not in there]
    said = _said(dataset, columns, missing[0])
    return f"lacks {len(missing)} of {len(there) + len(missing)} rows, the first of {said}"


def _tuples(own: pd.DataFrame, columns: Sequence[str]) -> set[tuple[Any, ...]]:
    """Return the different values that these columns have together; of no columns, one."""
    return {*own[list(columns)].itertuples(index=False, name=None)} if columns else {()}


def _task(own: pd.DataFrame) -> str:
    """Return the task whose scores a table has."""
    of_numbers = {score.name for score in scores.OF_TASK["regression"]}
    return "regression" if {*own.get("metric", ())} & of_numbers else "classification"


def _said(dataset: str, columns: Iterable[str], values: Iterable[Any]) -> str:
    parts = [f"{c} {v}" for c, v in zip(columns, values, strict=True)]
    return ", ".join([f"dataset {dataset}", *parts])


def _row(table: pd.DataFrame, kind: Table, at: pd.Series) -> str:
    """Name the first row of those that are True."""
    row = table[at].iloc[0]
    columns = [c for c in (*kind.of, *kind.by) if c in row]
    return _said(str(row.get("dataset", "?")), columns, [row[c] for c in columns])
