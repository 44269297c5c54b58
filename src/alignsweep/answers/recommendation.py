"""The answer for a dataset: whether to align, how strongly, what it gains, and how sure that is.

Everything is said against strength 0, and nothing that the numbers do not say: sentences are made
from rows of ``optimum.csv`` alone, verdict by verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import Any

import pandas as pd

from alignsweep.answers import prediction
from alignsweep.atoms import preferred
from alignsweep.scores import BOTH, SCORES, headline
from alignsweep.selection.curve import BASELINE
from alignsweep.selection.design import PLAIN_SPLITS
from alignsweep.selection.optimum import ALIGN, DO_NOT, GAINS, NO_DIFFERENCE, REGULARISES, UNKNOWN
from alignsweep.selection.statistics import LEAST_SEEDS

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
#: What a control aligns instead of pairs.
INSTEAD = {
    "shuffled": "aligning shuffled pairs",
    "self": "aligning each side with a noisy copy of itself",
}

Row = Mapping[str, Any]


def advise(
    scores: pd.DataFrame,
    gains: pd.DataFrame,
    optimum: pd.DataFrame,
    facts: pd.DataFrame,
    information: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Answer for one dataset.

    Parameters
    ----------
    scores, gains, optimum, facts
        The dataset's tables of these names.
    information
        Its ``information.json``; None if it is off.

    Returns
    -------
    dict
        ``dataset, metric, headline`` (what to do, in a sentence or two), ``sentences`` (one per
        modality, and one for both together), ``answers`` (rows of ``optimum.csv`` for the headline
        metric), ``other_metrics`` (their verdicts), ``information`` (``status``, and atoms in bits,
        null removed, if it is "estimated"), ``predictions`` (by the law, from that alone),
        ``assumed`` and ``warnings``.
    """
    rows = [_plain(row) for row in headline(optimum).to_dict("records")]
    metric, dataset = rows[0]["metric"], rows[0]["dataset"]
    known = facts.set_index("fact")["value"]
    change = headline(gains)
    several = len({row["alignment"] for row in rows}) > 1
    sentences = [(f"{row['alignment']}, " if several else "") + sentence(row) for row in rows]
    found = pd.DataFrame(information["table"] if information else [])
    return {
        "dataset": dataset,
        "metric": metric,
        "headline": " ".join(headlines(rows, change)),
        "sentences": sentences,
        "answers": rows,
        "other_metrics": _others(optimum, metric),
        "information": _information(information, found),
        "predictions": [_plain(row) for row in prediction.predictions(found).to_dict("records")],
        "assumed": [
            f"{_seeds(change)}; intervals are 95 % t intervals over seeds, "
            f"{COVERED[rows[0]['interval']]}.",
            "Every strength, 0 included, stops at the epoch that is best on validation; where all "
            f"train to the end, {_at_the_end(rows)}.",
            f"{int(known['n_train'])} training pairs, {int(known['n_validation'])} to choose the "
            f"strength by, {int(known['n_test'])} to score it; encoders, batch size and alignment "
            "as configured: the meaning of a strength depends on them.",
        ],
        "warnings": [
            *_warnings(scores, optimum, metric, known),
            *_starved(headline(scores)),
            *_narrow(headline(scores), facts),
        ],
    }


def headlines(rows: Sequence[Row], gains: pd.DataFrame) -> Iterator[str]:
    """Say what to do, for each alignment (its name first, if there are several)."""
    names = list(dict.fromkeys(row["alignment"] for row in rows))
    for name in names:
        own = {row["modality"]: row for row in rows if row["alignment"] == name}
        said = _what_to_do(own, gains[gains["alignment"] == name])
        yield f"{name}: {said}" if len(names) > 1 else said


def _what_to_do(rows: Mapping[str, Row], gains: pd.DataFrame) -> str:
    """Say what to do: by the verdict for both, and by those of single modalities that differ."""
    single = [row for m, row in rows.items() if m != BOTH]
    both = rows.get(BOTH, single[0])
    helped = [row for row in single if row["verdict"] in GAINS]
    if both["optimum"] is None:
        return "No answer: training diverged at strength 0."
    if both["verdict"] in GAINS:
        average = " on average of the two" if len(single) > 1 else ""
        said = f"Align, at strength {both['optimum']}: {change_of(both, 'gain')}{average}"
        said += _but(both)
        hurt = _losing(single, gains, both["optimum"])
        if hurt:
            return f"{said}, though {hurt} there."
        if not helped:
            return f"{said}, though neither modality's gain can be told from 0 by itself."
        return f"{said}."
    if helped:
        wanted = []
        for row in helped:
            said = f"at strength {row['optimum']} for {row['modality']}: {change_of(row, 'gain')}"
            said += _but(row)
            hurt = _losing([r for r in single if r is not row], gains, row["optimum"])
            wanted.append(f"{said}, though {hurt} there" if hurt else said)
        return f"Align {'; or '.join(wanted)}. One strength for both encoders: {_because(both)}."
    if both["verdict"] == DO_NOT or all(row["verdict"] == DO_NOT for row in single):
        return f"Do not align: {_because(both)}."
    if both["verdict"] == NO_DIFFERENCE:
        return f"Alignment makes no difference: {_because(both)}."
    losing = [row for row in [both, *single] if _loses_at_usual(row)]
    if losing:
        said = "; ".join(f"{who(row)}: {change_of(row, 'usual')}" for row in losing)
        return (
            f"Do not align at strength {losing[0]['usual']}, which loses ({said}); whether a "
            f"weaker strength helps cannot be told{_wanted(both)}."
        )
    return f"It cannot be told whether to align: {_because(both)}{_wanted(both)}."


def sentence(row: Row) -> str:
    """Say what was found for a modality, or for one strength for both encoders."""
    name, score = who(row), SCORES[row["metric"]]
    if row["optimum"] is None:
        return f"{name}: no answer, since training diverged at strength {BASELINE}."
    level = f"{score.say(row['baseline'])} at strength {BASELINE}"
    if row["verdict"] not in GAINS:
        wanted = _wanted(row) if row["verdict"] == UNKNOWN else ""
        return f"{name}: {row['verdict']} ({level}): {_because(row)}{wanted}."
    alike = [s for s in row["plateau"].split() if s != row["optimum"]]
    said = f"{name}: {row['verdict']}, at strength {row['optimum']}: {change_of(row, 'gain')} "
    said += f"({level}){_but(row)}"
    if alike:
        said += f"; {', '.join(alike)} cannot be told from it"
    if row["usual"] != row["optimum"]:
        said += f"; the usual strength {row['usual']}: {change_of(row, 'usual')}"
    return f"{said}."


def _because(row: Row) -> str:
    """Give the numbers behind a verdict other than align."""
    if row["best"] is None:
        return "training diverged at every strength above 0"
    usual = f"{row['usual']}: {change_of(row, 'usual')}"
    if row["best"] == row["usual"]:
        said = f"the best strength above 0 is the usual {usual}"
    else:
        said = (
            f"the best strength above 0, {row['best']}: {change_of(row, 'best')}; the usual {usual}"
        )
    if row["seeds"] < LEAST_SEEDS:
        said += f"; from {row['seeds']} seeds, and a verdict needs {LEAST_SEEDS}"
    return said


def _but(row: Row) -> str:
    """Say what a control does as well, where the verdict is that alignment regularises."""
    if row["verdict"] != REGULARISES:
        return ""
    over = SCORES[row["metric"]].change(
        row["pairing_gain"], row["pairing_low"], row["pairing_high"]
    )
    return f"; but {INSTEAD[row['control']]} may do as well (pairs gain {over} over it)"


def _wanted(row: Row) -> str:
    """Say what could have been told, and what it would take to tell the margin from nothing."""
    found, margin, seeds = row["detectable"], row["margin"], row["seeds"]
    if found is None or seeds < LEAST_SEEDS or found <= margin:
        return ""
    score = SCORES[row["metric"]]
    factor, unit = (100, " points") if score.counted else (1, "")
    digits = 1 if score.counted else 3
    said = f"; a gain of {factor * found:.{digits}f}{unit} could have been told from 0, and "
    said += f"{factor * margin:.{digits}f} would take about "
    more = (found / margin) ** 2
    of_seeds = (row["seed_high"] - row["seed_low"]) / 2
    by_data = (
        row["interval"] == "mixed"
        or (row["interval"] == "splits" and more * seeds > PLAIN_SPLITS)
        or (row["interval"] == "crossed" and of_seeds < found / 2)
    )
    if by_data:
        groups = int(row["n_groups"])
        return f"{said}{ceil(more * groups)} independent samples instead of {groups}"
    return f"{said}{ceil(more * seeds)} seeds"


def _at_the_end(rows: Sequence[Row]) -> str:
    """Say what is gained where nothing is chosen but the strength."""
    ends = ("gain_fixed_epochs", "fixed_low", "fixed_high")
    said = (SCORES[row["metric"]].change(*(row[end] for end in ends)) for row in rows)
    return "; ".join(f"{who(row)}: {change}" for row, change in zip(rows, said, strict=True))


def _losing(rows: Sequence[Row], gains: pd.DataFrame, strength: str) -> str:
    """Name the modalities that lose at a strength, beyond doubt; empty if none does."""
    said = []
    for row in rows:
        at = gains[(gains["modality"] == row["modality"]) & (gains["strength"] == strength)]
        for found in at.to_dict("records"):
            if found["gain_high"] < 0 and found["seeds"] >= LEAST_SEEDS:
                said.append(f"{row['modality']} loses ({change_of(found, 'gain')})")
    return " and ".join(said)


def _loses_at_usual(row: Row) -> bool:
    high = row["usual_high"]
    return high is not None and high < 0 and row["seeds"] >= LEAST_SEEDS


def who(row: Row) -> str:
    """Name what a row is about."""
    return "one strength for both" if row["modality"] == BOTH else str(row["modality"])


def change_of(row: Row, what: str) -> str:
    """Write a change over strength 0: the ``gain``, that of the ``best``, or of the ``usual``."""
    value = row["gain" if what == "gain" else f"{what}_gain"]
    return SCORES[row["metric"]].change(value, row[f"{what}_low"], row[f"{what}_high"])


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
    return [_plain(row) for row in rows[names].to_dict("records")]


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
        "unique_a": f"only to {first}",
        "unique_b": f"only to {second}",
        "synergy": "only to both together",
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
        best = by_metric.loc[metric].to_dict()
        if best["verdict"] in GAINS and best["gain_low"] < best["gain"] / 2:
            yield (
                f"{who(best | {'modality': modality})}: the gain is only just told from 0. Such "
                "gains are overstated on average, since smaller ones would not have been told: "
                "expect less."
            )
        if modality == BOTH:
            continue
        if by_metric.loc[metric, "optimum"] == largest:
            yield f"{modality}: the best strength is the largest tried, {largest}; try larger ones."
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


def _plain(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a row that JSON can hold: a missing value is None."""
    return {str(k): None if pd.isna(v) else v for k, v in row.items()}
