"""Are the encoders any good? At strength 0 they are held against a plain model on the raw inputs.

Not part of the verdicts, which are about strengths: but where encoders leave out what their inputs
hold, a gain by alignment may be what a better encoder would have had without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from alignsweep import tables
from alignsweep.scores import FUSED, SCORES, UNIMODAL, headline
from alignsweep.selection.curve import BASELINE
from alignsweep.selection.optimum import MARGIN
from alignsweep.selection.statistics import paired

#: task of a score -> the plain model
PLAIN = {"accuracy": "logistic regression", "correlation": "ridge regression"}


def compare(
    scores: pd.DataFrame, baseline: pd.DataFrame | None, margin: float = MARGIN
) -> list[dict[str, Any]]:
    """Hold the encoders at strength 0 against plain models, by the headline score on test samples.

    Parameters
    ----------
    scores
        The dataset's ``scores.csv``.
    baseline
        Its ``baseline.csv``; None if it has none.
    margin
        A difference up to this is of no weight.

    Returns
    -------
    list of dict
        For each modality, and for both together where these are scored: ``modality, metric``, the
        means over seeds ``inputs`` and ``encoders``, their ``difference, low, high``, paired by
        seed, and whether encoders are clearly ``worse``, by more than the margin.
    """
    if baseline is None:
        return []
    own = pd.concat([headline(scores, use) for use in (UNIMODAL, FUSED)])
    own = own[(own["strength"] == BASELINE) & (own["alignment"] == own["alignment"].iloc[0])]
    keys = ["modality", "metric", "split", "seed"]
    both = own.merge(baseline, on=keys, suffixes=("", "_inputs"))
    both = both[(both["split"] == "test") & both["value"].notna()]
    rows = []
    for (modality, metric), pairs in both.groupby(["modality", "metric"], sort=False):
        step = 1 / pairs["n"].iloc[0] if SCORES[metric].counted else 0.0
        found = paired((pairs["value"] - pairs["value_inputs"]).to_numpy(), step)
        row = {
            **{"modality": modality, "metric": metric},
            "inputs": float(pairs["value_inputs"].mean()),
            "encoders": float(pairs["value"].mean()),
            **{"difference": found.value, "low": found.low, "high": found.high},
            "worse": found.below(-margin),
        }
        rows.append(tables.plain(row))
    return rows


def sentences(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Say of each row where encoders are clearly worse that they are."""
    for row in rows:
        if row["worse"]:
            together = "+" in row["modality"]
            what = "a probe on both embeddings" if together else "the encoder"
            yield (
                f"{row['modality']}: at strength {BASELINE} {what} is clearly worse than a plain "
                f"{PLAIN[row['metric']]} on the inputs ({_change(row)}). What alignment gains, a "
                "better encoder (wider, of another kind, trained longer) may gain without it."
            )


def table(rows: Sequence[dict[str, Any]]) -> str:
    """Write the rows as a table of Markdown."""
    lines = [
        f"| | plain {PLAIN[rows[0]['metric']]} on the inputs | encoders at strength {BASELINE} "
        "| difference |",
        "|---|---|---|---|",
    ]
    for row in rows:
        score = SCORES[row["metric"]]
        cells = [row["modality"], score.say(row["inputs"]), score.say(row["encoders"])]
        lines.append(f"| {' | '.join([*cells, _change(row)])} |")
    said = "Test scores, means over seeds; differences are paired by seed, with 95 % intervals."
    return "\n".join([*lines, "", said])


def _change(row: dict[str, Any]) -> str:
    return SCORES[row["metric"]].change(row["difference"], row["low"], row["high"])
