"""The answer for a dataset: whether to align, how strongly, what it gains, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from alignsweep import law, tables
from alignsweep.recommend import BASELINE, of_both, recommend

#: Below these, a warning.
FEW_SEEDS, FEW_TEST, FEW_TRAIN = 5, 200, 100

#: Of the page as HTML.
STYLE = (
    "body { font: 16px/1.5 sans-serif; max-width: 50em; margin: 2em auto; padding: 0 1em } "
    "table { border-collapse: collapse } "
    "th, td { border-bottom: 1px solid #ccc; padding: 0.3em 0.8em; text-align: left } "
    "svg { max-width: 30em; height: auto }"
)
_IMAGE = re.compile("<img[^>]*>")

Row = Mapping[str, Any]


def advise(
    dataset: str,
    scores: pd.DataFrame,
    facts: pd.DataFrame,
    information: pd.DataFrame,
    predictions: pd.DataFrame,
    found: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Answer for one dataset.

    Parameters
    ----------
    dataset
        Its name.
    scores
        Probe table. Of all tables, the rows of other datasets are left out.
    facts
        ``datasets.csv``.
    information, predictions
        ``information.csv``, and what follows from it, ``predictions.csv``.
    found
        What an adaptive search found (`search.search`); by default it is selected from the scores.

    Returns
    -------
    dict
        ``dataset, metric, sentence`` (one per modality, and one for both together), ``answers``
        (rows of ``optimum.csv`` for the headline metric, the last with modality ``"a+b"``: one
        strength for both encoders, judged by the mean of their scores), ``other_metrics`` (their
        verdicts), ``information`` (atoms in bits, null removed), ``predictions`` (by `law`, from
        that alone), ``assumed`` and ``warnings``.
    """
    own = scores[scores["dataset"] == dataset]
    if found is None:
        found = recommend(pd.concat([own, of_both(own)], ignore_index=True))
    predicted = predictions[predictions["dataset"] == dataset].drop(columns="dataset")
    known = facts[facts["dataset"] == dataset].set_index("fact")["value"]
    answers = tables.headline(found).to_dict("records")
    metric = str(answers[0]["metric"])
    others = found[found["metric"] != metric][["modality", "metric", "verdict", "optimum"]]
    return {
        "dataset": dataset,
        "metric": metric,
        "sentence": " ".join(sentence(row) for row in answers),
        "answers": [_plain(row) for row in answers],
        "other_metrics": [_plain(row) for row in others.to_dict("records")],
        "information": _information(information[information["dataset"] == dataset]),
        "predictions": [_plain(row) for row in predicted.to_dict("records")],
        "assumed": [
            f"{own['seed'].nunique()} seeds at each of the strengths "
            f"{', '.join(sorted(set(own['strength']), key=float))}; intervals are over seeds, all "
            "of which share the samples.",
            f"{int(known['n_train'])} training pairs, {int(known['n_validation'])} to "
            f"choose the strength, {int(known['n_test'])} to score it; encoders, batch size and "
            "temperature as configured: the meaning of a strength depends on them.",
        ],
        "warnings": list(_warnings(own, found, metric, known)),
    }


def sentence(row: Row) -> str:
    """Say in one sentence what to do with a modality."""
    who = "one strength for both" if "+" in row["modality"] else row["modality"]
    gain = change(row["gain"], row["gain_low"], row["gain_high"], row["metric"])
    usual = f"the usual strength {row['usual']}: {_cost(row)}"
    if row["usual"] != row["optimum"]:
        usual += " against the best"
    if row["optimum"] is None:
        return f"{who}: no answer, since training diverged at strength {BASELINE}."
    if row["verdict"] == "align":
        level = [s for s in row["plateau"].split() if s != row["optimum"]]
        alike = f"; {', '.join(level)} cannot be told from it" if level else ""
        return f"{who}: align, at strength {row['optimum']} ({gain}{alike}; {usual})."
    best = f"best strength, {row['optimum']}: {gain}"
    if row["optimum"] == BASELINE:
        best = f"strength {BASELINE} is the best"
    if row["verdict"] == "do not align":
        return f"{who}: do not align ({best}; {usual})."
    return f"{who}: aligning makes no difference that can be told ({best}; {usual})."


def _cost(row: Row) -> str:
    """Write what the usual strength does to the score, against the best."""
    if row["usual"] == row["optimum"]:
        return "it is the best"
    return change(-row["cost"], -row["cost_high"], -row["cost_low"], row["metric"])


def change(value: float, low: float, high: float, metric: str) -> str:
    """Write a change of a score with its interval: accuracies in points."""
    if metric in ("accuracy", "macro_f1", "sign_accuracy"):
        return f"{100 * value:+.1f} points [{100 * low:+.1f}, {100 * high:+.1f}]"
    return f"{value:+.3f} of {metric} [{low:+.3f}, {high:+.3f}]"


def markdown(advice: Mapping[str, Any], figure: str) -> str:
    """Write an answer as one page of Markdown, with a figure beside it."""
    rows = [
        f"| {r['modality']} | {r['verdict']} | {r['optimum']} | {r['plateau']} | "
        f"{change(r['gain'], r['gain_low'], r['gain_high'], r['metric'])} | "
        f"{_cost(r)} |"
        for r in advice["answers"]
        if r["optimum"] is not None
    ]
    bits = ", ".join(f"{k} {v:.2f}" for k, v in advice["information"]["bits"].items())
    parts = [
        f"# {advice['dataset']}: how strongly to align?",
        *(f"- {sentence(r)}" for r in advice["answers"]),
        f"![Score against strength]({figure})",
        "| | verdict | best strength | as good | gain over strength 0 | usual strength |",
        "|---|---|---|---|---|---|",
        *rows,
        f"Information about the label, in bits ({_how(advice['information'])}): {bits}.",
        "Predicted from that alone, by a law of synthetic data (elsewhere, a guess): "
        + "; ".join(law.describe(p) for p in advice["predictions"])
        + ".",
        *(["## Warnings"] if advice["warnings"] else []),
        *(f"- {w}" for w in advice["warnings"]),
        "## Assumed",
        *(f"- {a}" for a in advice["assumed"]),
    ]
    lines = []
    for before, part in zip(["", *parts], parts, strict=False):
        together = before[:1] == part[:1] and part[:1] in ("|", "-")
        lines.append(part if together or not before else f"\n{part}")
    return "\n".join(lines) + "\n"


def html(page: str, figure: str) -> str:
    """Render a page of `markdown` as HTML that stands alone, with its figure (SVG text) inside."""
    from markdown_it import MarkdownIt

    body = MarkdownIt().enable("table").render(page)
    drawn = figure[figure.index("<svg") :]
    title = page.strip().splitlines()[0].lstrip("# ")
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f"<style>{STYLE}</style>\n{_IMAGE.sub(lambda _: drawn, body)}</html>\n"
    )


def _how(information: Mapping[str, Any]) -> str:
    exact = information["method"] == "exact"
    return "exact" if exact else f"{information['method']} estimate; below 0 is none that is found"


def _information(own: pd.DataFrame) -> dict[str, Any]:
    """Return the atoms of the first method listed: exact, where the distribution is known."""
    first = own[own["method"] == own["method"].iloc[0]].set_index("atom")
    names = {
        "redundancy": "known to both",
        "unique_a": f"only to {first['modality_a'].iloc[0]}",
        "unique_b": f"only to {first['modality_b'].iloc[0]}",
        "synergy": "to neither alone",
    }
    bits = {name: float(first.loc[atom, "corrected_bits"]) for atom, name in names.items()}
    return {"method": str(first["method"].iloc[0]), "bits": bits}


def _warnings(
    scores: pd.DataFrame, found: pd.DataFrame, metric: str, known: pd.Series
) -> Iterator[str]:
    """Say what makes the answer less sure than its intervals."""
    test, train, seeds = int(known["n_test"]), int(known["n_train"]), scores["seed"].nunique()
    if test < FEW_TEST:
        moved = (
            f"a correlation by about {2 / test**0.5:.2f}"
            if metric == "correlation"
            else f"an accuracy by about {100 / test**0.5:.0f} points"
        )
        yield (
            f"The test split has only {test} samples, so that another draw of them would move "
            f"{moved} (95 %); the intervals, over seeds, do not include that."
        )
    if train < FEW_TRAIN:
        yield f"Only {train} training pairs: encoders are hardly trained on so few."
    if seeds < FEW_SEEDS:
        yield f"{seeds} seeds are few: only large differences can be told from nothing."
    diverged = scores.groupby(["strength", "seed"])["value"].apply(lambda v: v.isna().any())
    if diverged.any():
        yield f"{int(diverged.sum())} of {len(diverged)} models diverged and are left out."
    largest = max(scores["strength"], key=float)
    for modality, rows in found.groupby("modality", sort=False):
        if rows.set_index("metric").loc[metric, "optimum"] == largest:
            yield f"{modality}: the best strength is the largest tried, {largest}; try larger ones."
        verdicts = dict(zip(rows["metric"], rows["verdict"], strict=True))
        if {"align", "do not align"} <= set(verdicts.values()):
            said = ", ".join(f"{m}: {v}" for m, v in verdicts.items())
            yield f"{modality}: the metrics disagree ({said})."


def _plain(row: Row) -> dict[str, Any]:
    """Return a row that JSON can hold: a missing number is None."""
    return {str(k): None if isinstance(v, float) and pd.isna(v) else v for k, v in row.items()}
