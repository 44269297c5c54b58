"""The answer for a dataset: whether to align, how strongly, what it gains, and how sure that is.

Everything is said against strength 0, see `sentences`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from alignsweep import tables
from alignsweep.answers import data_cautions, prediction, purposes, sentences, yardstick
from alignsweep.atoms import preferred
from alignsweep.scores import BOTH, headline, of_use
from alignsweep.selection.curve import BASELINE
from alignsweep.selection.optimum import ALIGN, DO_NOT, GAINS

#: Below these, a warning.
FEW_SEEDS, FEW_TEST, FEW_TRAIN = 5, 200, 100
#: Above this share of the loss of knowing nothing, a task is starved.
STARVED = 0.95
#: What intervals hold for, by `Design.interval`.
COVERED = {
    "samples": "each of which drew samples of its own: they hold for new samples",
    "splits": "each of which split the samples in its own way: they hold for new samples",
    "mixed": "each of which split the samples in its own way, and over these samples: they hold "
    "for new ones",
    "crossed": "and over the test samples that they share: they hold for another test set, not for "
    "another training set",
    "seeds": "all of which share the samples: they do not hold for new ones",
}


def advise(
    scores: pd.DataFrame,
    gains: pd.DataFrame,
    optimum: pd.DataFrame,
    uses: pd.DataFrame,
    facts: pd.DataFrame,
    information: Mapping[str, Any] | None = None,
    baseline: pd.DataFrame | None = None,
    predicted: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Answer for one dataset.

    Parameters
    ----------
    scores, gains, optimum, uses, facts
        The dataset's tables of these names.
    information
        Its ``information.json``; None if it is off.
    baseline
        Its ``baseline.csv``, which encoders are held against.
    predicted
        Its ``predictions.csv``; None if it is off.

    Returns
    -------
    dict
        ``dataset, metric, headline`` (what to do, in a sentence), ``advice`` (its verdict),
        ``covers`` (what its interval holds for), ``sentences`` (one per modality, and one for both
        together, of the first alignment and of the best), ``answers``
        (rows of ``optimum.csv`` for the headline metric), ``uses`` (what is best for each use: the
        rows, and sentences), ``encoders`` (held against plain models, `yardstick.compare`),
        ``other_metrics`` (their verdicts), ``information`` (``status``, and atoms in bits, null
        removed, if it is "estimated"), ``before`` (what could be said before training of the
        usual strength), ``assumed``, ``to_know_more`` (what could have been told, and what it
        would take) and ``warnings``.
    """
    rows = [tables.plain(row) for row in headline(optimum).to_dict("records")]
    metric, dataset = rows[0]["metric"], rows[0]["dataset"]
    known = facts.set_index("fact")["value"]
    change, parts, chosen = headline(gains), purposes.widths(scores), purposes.main_rows(uses)
    several = len({row["alignment"] for row in rows}) > 1
    shown = [
        row for row in rows if row["alignment"] in (rows[0]["alignment"], chosen[0]["alignment"])
    ]
    verdict, said = sentences.headline(rows, change, chosen[0], parts, int(known["n_test"]))
    found = pd.DataFrame(information["table"] if information else [])
    encoders = yardstick.compare(scores, baseline, rows[0]["margin"])
    return {
        "dataset": dataset,
        "metric": metric,
        "headline": said,
        "advice": verdict,
        "covers": f"95 % intervals over {rows[0]['seeds']} seeds, {COVERED[rows[0]['interval']]}.",
        "sentences": [
            (f"{row['alignment']}, " if several else "") + sentences.sentence(row) for row in shown
        ],
        "answers": rows,
        "uses": {
            "rows": chosen,
            "sentences": list(purposes.sentences(uses, gains, parts)),
            "table": purposes.table(chosen, parts) if several or len(chosen) > 1 else "",
        },
        "encoders": encoders,
        "other_metrics": _others(of_use(optimum), metric),
        "information": _information(information, found),
        "before": [] if predicted is None else prediction.sentences(predicted, metric),
        "assumed": [
            f"{_seeds(change)}; intervals are 95 % t intervals over seeds, "
            f"{COVERED[rows[0]['interval']]}.",
            "Every strength, 0 included, stops at the epoch that is best on validation; where all "
            f"train to the end, {sentences.at_the_end(rows)}.",
            f"{int(known['n_train'])} training pairs, {int(known['n_validation'])} to choose the "
            f"strength by, {int(known['n_test'])} to score it; encoders, batch size and alignment "
            "as configured: the meaning of a strength depends on them.",
            *data_cautions.assumed(facts),
        ],
        "to_know_more": list(sentences.wanted(shown)),
        "warnings": [
            *data_cautions.warnings(facts),
            *_warnings(scores, of_use(optimum), metric, known),
            *_starved(headline(scores)),
            *_narrow(headline(scores), facts),
            *yardstick.sentences(encoders),
        ],
    }


def _seeds(gains: pd.DataFrame) -> str:
    """Say how many seeds there are, by strength if they differ."""
    counts = gains.groupby("strength", sort=False)["seeds"].max()
    by_number: dict[int, list[str]] = {}
    for strength in sorted(counts.index, key=float):
        by_number.setdefault(int(counts[strength]), []).append(strength)
    parts = [f"{n} at {', '.join(own)}" for n, own in by_number.items()]
    return f"Seeds by strength: {'; '.join(parts)}"


def _others(optimum: pd.DataFrame, metric: str) -> list[dict[str, Any]]:
    rows = optimum[optimum["metric"] != metric]
    names = ["alignment", "modality", "metric", "verdict", "optimum"]
    return [tables.plain(row) for row in rows[names].to_dict("records")]


def _information(information: Mapping[str, Any] | None, found: pd.DataFrame) -> dict[str, Any]:
    """Return the atoms that stand for the dataset in words, or why there are none."""
    if information is None:
        return {"status": "off"}
    atoms = preferred(found, information["dataset"])
    if atoms is None:
        return {"status": information["status"]}
    first, second = (atoms[f"modality_{side}"].iloc[0] for side in "ab")
    names = {
        "redundancy": "known to both",
        "unique_a": f"known only to {first}",
        "unique_b": f"known only to {second}",
        "synergy": "known only from both together",
    }
    return {
        "status": information["status"],
        "method": str(atoms["method"].iloc[0]),
        "bits": {name: float(atoms.loc[atom, "corrected_bits"]) for atom, name in names.items()},
    }


def _warnings(
    scores: pd.DataFrame, optimum: pd.DataFrame, metric: str, known: pd.Series
) -> Iterator[str]:
    """Say what makes the answer less sure than its intervals."""
    test, train = int(known["n_test"]), int(known["n_train"])
    seeds = int(optimum.loc[optimum["metric"] == metric, "seeds"].min())
    if test < FEW_TEST:
        yield (
            f"The test split has only {test} samples: the intervals include what another draw of "
            "them would change, and more of them would narrow the intervals."
        )
    if train < FEW_TRAIN:
        yield f"Only {train} training pairs: encoders are hardly trained on so few."
    if seeds < FEW_SEEDS:
        yield f"{seeds} seeds are few: only large differences can be told from nothing."
    keys = ["alignment", "strength", "seed"]
    diverged = scores.groupby(keys)["value"].apply(lambda v: v.isna().any())
    if diverged.any():
        yield f"{int(diverged.sum())} of {len(diverged)} models diverged and are left out."
    at_zero = diverged[diverged].index.get_level_values("strength") == BASELINE
    if at_zero.any():
        yield (
            f"{int(at_zero.sum())} of them at strength {BASELINE}: their seeds are left out "
            "altogether, since there is nothing to compare them with."
        )
    largest = max(scores["strength"], key=float)
    for (alignment, modality), rows in optimum.groupby(["alignment", "modality"], sort=False):
        by_metric = rows.set_index("metric")
        best = by_metric.loc[metric].to_dict() | {"modality": modality}
        if best["verdict"] in GAINS and best["gain_low"] < best["gain"] / 2:
            yield (
                f"{sentences.who(best)} ({alignment}): the gain is only just told from "
                "0. Such gains are overstated on average, since smaller ones would not have been "
                "told: expect less."
            )
        if modality == BOTH:
            continue
        if by_metric.loc[metric, "optimum"] == largest:
            yield (
                f"{modality} ({alignment}): the best strength is the largest tried, {largest}; try "
                "larger ones."
            )
        verdicts = by_metric["verdict"].to_dict()
        if {ALIGN, DO_NOT} <= set(verdicts.values()):
            said = ", ".join(f"{m}: {v}" for m, v in verdicts.items())
            yield f"{modality} ({alignment}): the metrics disagree ({said})."


def _starved(scores: pd.DataFrame) -> Iterator[str]:
    """Say at which strengths training hardly lowers the loss of the task."""
    ratio = scores.groupby(["modality", "alignment", "strength"], sort=False)["task_loss_ratio"]
    starved = ratio.median().loc[lambda r: r > STARVED].reset_index()
    for (modality, alignment), own in starved.groupby(["modality", "alignment"], sort=False):
        yield (
            f"{modality} ({alignment}): the task is starved at strength "
            f"{', '.join(sorted(own['strength'], key=float))}: its training loss ends above "
            f"{STARVED} of what knowing nothing costs. More steps may change that."
        )


def _narrow(scores: pd.DataFrame, facts: pd.DataFrame) -> Iterator[str]:
    """Say where an embedding has no room for all of its inputs."""
    needed = facts[facts["fact"] == "components"].set_index("modality")["value"]
    for modality, width in scores.groupby("modality", sort=False)["width"].min().items():
        if modality in needed.index and width < needed[modality]:
            yield (
                f"{modality}: the embedding is narrower ({int(width)}) than the "
                f"{int(needed[modality])} principal components that hold 90 % of the variance of "
                "its inputs. There alignment competes with what only this modality holds; with a "
                "wider embedding the answer may be another."
            )
