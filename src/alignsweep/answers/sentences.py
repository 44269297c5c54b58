"""What was found, in words that one can act on; nothing that the numbers do not say.

Sentences are made from rows of ``optimum.csv`` and ``uses.csv`` alone, verdict by verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import Any

import pandas as pd

from alignsweep.scores import BOTH, SCORES
from alignsweep.selection.curve import BASELINE
from alignsweep.selection.design import PLAIN_SPLITS
from alignsweep.selection.optimum import ALIGN, DO_NOT, GAINS, NO_DIFFERENCE, REGULARISES, UNKNOWN
from alignsweep.selection.statistics import LEAST_SEEDS

Row = Mapping[str, Any]

#: What a control aligns instead of pairs.
INSTEAD = {
    "shuffled": "aligning shuffled pairs",
    "self": "aligning each side with a noisy copy of itself",
}


def headline(
    rows: Sequence[Row], gains: pd.DataFrame, best: Row, parts: Mapping[str, str], test: int
) -> tuple[str, str]:
    """Say what to do, in a sentence.

    Parameters
    ----------
    rows
        Of ``optimum.csv``, of the headline metric of single encoders.
    gains
        Rows of ``gains.csv``, likewise.
    best
        The best of all ways to align for encoders alone, see `purposes.main_rows`.
    parts
        As `purposes.widths` says.
    test
        Number of test samples.

    Returns
    -------
    tuple of str
        A verdict (or ``no answer``), and the sentence.
    """
    of: dict[str, dict[str, Row]] = {}
    for row in rows:
        of.setdefault(row["alignment"], {})[row["modality"]] = row
    alone = len(of) == 1
    said = [
        _what_to_do(own, gains[gains["alignment"] == name], test, "" if alone else f" by {name}")
        for name, own in of.items()
    ]
    if alone:
        return said[0]
    beyond_doubt = best["gain_low"] is not None and best["gain_low"] > 0
    if best["alignment"] is not None and best["strength"] != BASELINE and beyond_doubt:
        return _align_best(of[best["alignment"]], gains, best, parts)
    for verdict, sentence in said:
        if verdict in GAINS:
            return verdict, sentence
    return _none_gains(next(iter(of.values())), said[0], best, parts, test)


def _what_to_do(
    rows: Mapping[str, Row], gains: pd.DataFrame, test: int, by: str
) -> tuple[str, str]:
    """Say what to do: by the verdict for both, and by those of single modalities that differ."""
    single = [row for m, row in rows.items() if m != BOTH]
    both = rows.get(BOTH, single[0])
    helped = [row for row in single if row["verdict"] in GAINS]
    tried = _tried(both, test)
    if both["optimum"] is None:
        return "no answer", f"No answer{by}: training diverged at strength 0."
    if both["verdict"] in GAINS:
        average = " on average of the two" if len(single) > 1 else ""
        said = f"Align{by}, at strength {both['optimum']}: {change_of(both, 'gain')}{average}"
        said += _but(both)
        hurt = _losing(single, gains, both["optimum"])
        if hurt:
            return both["verdict"], f"{said}, though {hurt} there."
        if not helped:
            said += ", though neither modality's gain can be told from 0 by itself"
        return both["verdict"], f"{said}."
    if helped:
        wanted = []
        for row in helped:
            said = f"at strength {row['optimum']} for {row['modality']}: {change_of(row, 'gain')}"
            said += _but(row)
            hurt = _losing([r for r in single if r is not row], gains, row["optimum"])
            wanted.append(f"{said}, though {hurt} there" if hurt else said)
        return (
            helped[0]["verdict"],
            f"Align{by} {'; or '.join(wanted)}. One strength for both encoders gains nothing "
            "beyond doubt.",
        )
    if both["verdict"] == DO_NOT or all(row["verdict"] == DO_NOT for row in single):
        return DO_NOT, f"Do not align{by}: {_because(both)}."
    if both["verdict"] == NO_DIFFERENCE:
        return NO_DIFFERENCE, f"Choose freely: alignment{by} makes no difference; {_because(both)}."
    losing = [row for row in [both, *single] if _loses_at_usual(row)]
    if losing:
        said = "; ".join(f"{who(row)}: {change_of(row, 'usual')}" for row in losing)
        return UNKNOWN, (
            f"Do not align{by} at strength {losing[0]['usual']}, which loses ({said}); whether a "
            f"weaker strength helps cannot be told {tried}."
        )
    return UNKNOWN, (
        f"Leave alignment{by} out for now: it cannot be told {tried} whether it helps; "
        f"{_because(both)}."
    )


def _align_best(
    own: Mapping[str, Row], gains: pd.DataFrame, best: Row, parts: Mapping[str, str]
) -> tuple[str, str]:
    """Say by which of several alignments to align."""
    row = own[best["modality"]]
    average = " on average of the two" if best["modality"] == BOTH else ""
    part = parts.get(best["alignment"], "")
    said = f"Align by {best['alignment']}{part}, at strength {best['strength']}: "
    said += f"{_change(best, 'gain')}{average}{_but(row)}"
    single = [r for m, r in own.items() if m != BOTH]
    mine = gains[gains["alignment"] == best["alignment"]]
    hurt = _losing(single, mine, best["strength"])
    said += f", though {hurt} there" if hurt else ""
    return (row["verdict"] if row["verdict"] in GAINS else ALIGN), f"{said}{_over_usual(best)}."


def _none_gains(
    first: Mapping[str, Row],
    said: tuple[str, str],
    best: Row,
    parts: Mapping[str, str],
    test: int,
) -> tuple[str, str]:
    """Say that no alignment gains, and what the usual one does."""
    both = first.get(BOTH, next(iter(first.values())))
    if both["optimum"] is None:
        return said
    if best["alignment"] is None or best["strength"] == BASELINE:
        why = "no way tried is better than strength 0 on validation"
    else:
        where = f"{best['alignment']} at strength {best['strength']}"
        where += parts.get(best["alignment"], "")
        average = " on average of the two" if best["modality"] == BOTH else ""
        why = f"no way to align gains beyond doubt, and the best, {where}, gives "
        why += f"{_change(best, 'gain')}{average}"
    if _loses_at_usual(both):
        begins = f"Do not align by {both['alignment']} at strength {both['usual']}, which gives "
        return DO_NOT, f"{begins}{change_of(both, 'usual')}; {why}."
    if both["verdict"] in (DO_NOT, NO_DIFFERENCE):
        return both["verdict"], f"Leave alignment out: {why}{_over_usual(best)}."
    tried = _tried(both, test)
    return UNKNOWN, f"Leave alignment out for now: {tried} {why}{_over_usual(best)}."


def _tried(row: Row, test: int) -> str:
    return f"with {test} test samples and {row['seeds']} seeds"


def _over_usual(best: Row) -> str:
    """Say what is won over the usual choice, where that is another one."""
    usual = (best["usual_alignment"], best["usual"])
    if best["cost"] is None or usual == (best["alignment"], best["strength"]):
        return ""
    return f"; over the usual {usual[0]} at strength {usual[1]}, that is {_change(best, 'cost')}"


def sentence(row: Row) -> str:
    """Say what was found for a modality, or for one strength for both encoders."""
    name, score = who(row), SCORES[row["metric"]]
    if row["optimum"] is None:
        return f"{name}: no answer, since training diverged at strength {BASELINE}."
    level = f"{score.say(row['baseline'])} at strength {BASELINE}"
    if row["verdict"] not in GAINS:
        return f"{name}: {row['verdict']} ({level}): {_because(row)}."
    alike = [s for s in row["plateau"].split() if s != row["optimum"]]
    said = f"{name}: {row['verdict']}, at strength {row['optimum']}: {change_of(row, 'gain')} "
    said += f"({level}){_but(row)}"
    if alike:
        said += f"; {', '.join(alike)} cannot be told from it"
    if row["usual"] != row["optimum"]:
        said += f"; the usual strength {row['usual']} gives {change_of(row, 'usual')}"
    return f"{said}."


def wanted(rows: Sequence[Row]) -> Iterator[str]:
    """Say of what cannot be told what could have been, and what it would take to tell more."""
    for row in rows:
        found, margin, seeds = row["detectable"], row["margin"], row["seeds"]
        if row["optimum"] is None or row["verdict"] != UNKNOWN:
            continue
        name = f"{row['alignment']}, {who(row)}"
        if seeds < LEAST_SEEDS:
            yield f"{name}: a verdict needs {LEAST_SEEDS} seeds; there are {seeds}."
        elif found is not None and found > margin:
            yield (
                f"{name}: a gain of {_size(row, found)} could have been told from 0; to tell "
                f"{_size(row, margin)} would take about {_more(row)}."
            )


def _size(row: Row, value: float) -> str:
    score = SCORES[row["metric"]]
    return f"{100 * value:.1f} points" if score.counted else f"{value:.3f}"


def _more(row: Row) -> str:
    """Say how many seeds, or independent samples, would tell the margin from nothing."""
    seeds, more = row["seeds"], (row["detectable"] / row["margin"]) ** 2
    of_seeds = (row["seed_high"] - row["seed_low"]) / 2
    by_data = (
        row["interval"] == "mixed"
        or (row["interval"] == "splits" and more * seeds > PLAIN_SPLITS)
        or (row["interval"] == "crossed" and of_seeds < row["detectable"] / 2)
    )
    if by_data:
        groups = int(row["n_groups"])
        return f"{ceil(more * groups)} independent samples instead of {groups}"
    return f"{ceil(more * seeds)} seeds instead of {seeds}"


def _because(row: Row) -> str:
    """Give the numbers behind a verdict other than align."""
    if row["best"] is None:
        return "training diverged at every strength above 0"
    usual = change_of(row, "usual")
    if row["best"] == row["usual"]:
        said = f"the best strength above 0 is the usual {row['usual']}, which gives {usual}"
    else:
        said = f"the best strength above 0, {row['best']}, gives {change_of(row, 'best')}; "
        said += f"the usual {row['usual']} gives {usual}"
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


def at_the_end(rows: Sequence[Row]) -> str:
    """Say what is gained where nothing is chosen but the strength."""
    ends = ("gain_fixed_epochs", "fixed_low", "fixed_high")
    several = len({row["alignment"] for row in rows}) > 1
    names = [f"{row['alignment']}, {who(row)}" if several else who(row) for row in rows]
    said = (SCORES[row["metric"]].change(*(row[end] for end in ends)) for row in rows)
    return "; ".join(f"{name}: {change}" for name, change in zip(names, said, strict=True))


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


def change_of(row: Row, what: str, *, named: bool = True) -> str:
    """Write a change over strength 0: the ``gain``, that of the ``best``, or of the ``usual``."""
    value = row["gain" if what == "gain" else f"{what}_gain"]
    ends = row[f"{what}_low"], row[f"{what}_high"]
    return SCORES[row["metric"]].change(value, *ends, named=named)


def _change(row: Row, what: str) -> str:
    ends = row[f"{what}_low"], row[f"{what}_high"]
    return SCORES[row["metric"]].change(row[what], *ends, named=True)
