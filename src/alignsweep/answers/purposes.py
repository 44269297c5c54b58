"""What to align by for each use, in words: where uses disagree, what one costs the others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from alignsweep import tables
from alignsweep.scores import BOTH, FUSED, RETRIEVAL, SCORES, TRANSFER, UNIMODAL, USES, headline
from alignsweep.selection.curve import BASELINE
from alignsweep.selection.statistics import LEAST_SEEDS

Row = Mapping[str, Any]

#: use -> how a sentence about it begins
BEGINNINGS = {
    FUSED: "Both together",
    TRANSFER: "One modality in place of the other",
    RETRIEVAL: "Finding pairs",
}


def main_rows(uses: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the row that stands for each use: the mean of its modalities, or the only one."""
    return [tables.plain(row) for row in uses.groupby("use", sort=False).tail(1).to_dict("records")]


def widths(scores: pd.DataFrame) -> dict[str, str]:
    """Say of every alignment that sees a part of the embedding only, which part."""
    own = headline(scores)
    found = own.groupby("alignment", sort=False)[["shared_width", "width"]].min()
    return {
        str(name): f" ({int(row['shared_width'])} of {int(row['width'])} dimensions)"
        for name, row in found.iterrows()
        if row["shared_width"] < row["width"]
    }


def sentences(uses: pd.DataFrame, gains: pd.DataFrame, parts: Mapping[str, str]) -> Iterator[str]:
    """Say for each use but `UNIMODAL` what to align by, and what that costs the encoders alone.

    Parameters
    ----------
    uses, gains
        The dataset's tables of these names.
    parts
        As `widths` says.
    """
    alone = headline(gains)
    for row in main_rows(uses[uses["use"] != UNIMODAL]):
        begins, score = BEGINNINGS[row["use"]], SCORES[row["metric"]]
        if row["alignment"] is None:
            yield f"{begins}: no answer, since training diverged at strength {BASELINE}."
            continue
        level = f"{score.label.removeprefix('probe ')} {score.say(row['baseline'])} at strength 0"
        if row["strength"] == BASELINE or not _above(row["gain_low"]):
            yield f"{begins}: no way to align gains beyond doubt ({level}){_best(row, parts)}."
            continue
        said = f"{begins}: {_named(row, parts)}, {_change(row, 'gain')} ({level})"
        lost = list(_lost(alone, row["alignment"], row["strength"]))
        if not lost:
            yield f"{said}; it costs neither encoder alone anything that can be told."
            continue
        yield f"{said}; it costs {' and '.join(lost)}{_instead(row, alone, parts)}."


def _best(row: Row, parts: Mapping[str, str]) -> str:
    if row["strength"] == BASELINE:
        return ""
    return f"; the best, {_named(row, parts)}: {_change(row, 'gain')}"


def _instead(row: Row, gains: pd.DataFrame, parts: Mapping[str, str]) -> str:
    """Say how much of it can be had without costing the encoders."""
    cell = {"alignment": row["harmless_alignment"], "strength": row["harmless_strength"]}
    kept = row["harmless_gain"]
    if cell["alignment"] is None:
        return ""
    if cell["strength"] == BASELINE or not _above(row["harmless_low"]):
        return "; nothing of it can be had without such a cost"
    share = 100 * kept / row["gain"]
    lost = list(_lost(gains, **cell))
    price = f"and costs {' and '.join(lost)}" if lost else "at no cost that can be told"
    return f"; {_named(cell, parts)} keeps {share:.0f} % of that gain, {price}"


def _lost(gains: pd.DataFrame, alignment: str, strength: str) -> Iterator[str]:
    """Yield what each encoder alone loses beyond doubt, by name."""
    own = gains[(gains["alignment"] == alignment) & (gains["strength"] == strength)]
    for row in own[own["modality"] != BOTH].to_dict("records"):
        if row["gain_high"] < 0 and row["seeds"] >= LEAST_SEEDS:
            lost = (-row[c] for c in ("gain", "gain_high", "gain_low"))
            yield f"{row['modality']} {SCORES[row['metric']].change(*lost).replace('+', '')}"


def _named(row: Row, parts: Mapping[str, str]) -> str:
    return f"{row['alignment']} at strength {row['strength']}{parts.get(row['alignment'], '')}"


def _change(row: Row, what: str) -> str:
    return SCORES[row["metric"]].change(row[what], row[f"{what}_low"], row[f"{what}_high"])


def _above(low: float | None) -> bool:
    return low is not None and low > 0


def table(rows: list[dict[str, Any]], parts: Mapping[str, str]) -> str:
    """Write the rows of `main_rows` as a table of Markdown."""
    usual = next((f"{r['usual_alignment']} at {r['usual']}" for r in rows if r["usual"]), "")
    lines = [
        f"| for | score at 0 | best alignment | gain over 0 | {usual} loses against it |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        if row["alignment"] is None:
            continue
        score = SCORES[row["metric"]]
        lost = "" if row["cost"] is None else _change(row, "cost")
        level = f"{score.say(row['baseline'])} ({score.label.removeprefix('probe ')})"
        best = "none" if row["strength"] == BASELINE else _named(row, parts)
        gain = "" if row["strength"] == BASELINE else _change(row, "gain")
        lines.append(f"| {USES[row['use']]} | {level} | {best} | {gain} | {lost} |")
    return "\n".join(lines)
