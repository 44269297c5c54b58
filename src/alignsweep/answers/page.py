"""An answer as a page: Markdown, and HTML that stands alone."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from alignsweep import tables
from alignsweep.answers import prediction
from alignsweep.answers.recommendation import change_of, who
from alignsweep.figures import plotting, strength_curve
from alignsweep.scores import SCORES
from alignsweep.selection.optimum import GAINS

STYLE = (
    "body { font: 16px/1.5 sans-serif; max-width: 50em; margin: 2em auto; padding: 0 1em } "
    "table { border-collapse: collapse } "
    "th, td { border-bottom: 1px solid #ccc; padding: 0.3em 0.8em; text-align: left } "
    "svg { max-width: 30em; height: auto }"
)
_IMAGE = re.compile("<img[^>]*>")


def write(
    answer: Mapping[str, Any], known: Mapping[str, pd.DataFrame], paths: Mapping[str, str]
) -> None:
    """Write an answer to its files.

    Parameters
    ----------
    answer
        As `recommendation.advise` makes it.
    known
        Tables of the dataset: ``gains``, ``optimum``, ``facts``.
    paths
        ``json``, ``figure`` (svg), ``page`` (md) and ``html``.
    """
    tables.write_json(answer, paths["json"])
    drawn = {**known, "datasets": known["facts"]}
    plotting.save(strength_curve.draw, drawn, [answer["dataset"]], [paths["figure"]])
    page = markdown(answer, Path(paths["figure"]).name)
    Path(paths["page"]).write_text(page, encoding="utf-8")
    figure = Path(paths["figure"]).read_text(encoding="utf-8")
    Path(paths["html"]).write_text(html(page, figure), encoding="utf-8")


def markdown(answer: Mapping[str, Any], figure: str) -> str:
    """Write an answer as one page of Markdown, with a figure beside it."""
    blocks = [
        f"# {answer['dataset']}: how strongly to align?",
        f"**{answer['headline']}**",
        "\n".join(f"- {s}" for s in answer["sentences"]),
        f"![Score against strength]({figure})",
        _table(answer),
        _information(answer["information"]),
    ]
    if answer["predictions"]:
        said = "; ".join(prediction.describe(p) for p in answer["predictions"])
        blocks.append(
            f"Predicted from that alone, by a law of synthetic data (elsewhere, a guess): {said}."
        )
    for title, listed in (("Warnings", answer["warnings"]), ("Assumed", answer["assumed"])):
        if listed:
            blocks += [f"## {title}", "\n".join(f"- {s}" for s in listed)]
    return "\n\n".join(blocks) + "\n"


def _table(answer: Mapping[str, Any]) -> str:
    lines = [
        f"| | verdict | {answer['metric']} at 0 | best strength | gain over 0 | as good | usual "
        "strength | its gain over 0 | seeds |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in answer["answers"]:
        if row["optimum"] is None:
            continue
        aligned = row["verdict"] in GAINS
        strength, gain = (row["optimum"], "gain") if aligned else (row["best"], "best")
        alike = [s for s in row["plateau"].split() if s != row["optimum"]] if aligned else []
        cells = [
            who(row),
            row["verdict"],
            SCORES[row["metric"]].say(row["baseline"]),
            strength or "none",
            change_of(row, gain) if strength else "",
            ", ".join(alike),
            row["usual"] or "none",
            change_of(row, "usual") if row["usual"] else "",
            str(row["seeds"]),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _information(information: Mapping[str, Any]) -> str:
    if "bits" not in information:
        return f"Information about the label: {information['status']}."
    exact = information["method"] == "exact"
    how = "exact" if exact else f"{information['method']} estimate; below 0 is none that is found"
    bits = ", ".join(f"{k} {v:.2f}" for k, v in information["bits"].items())
    return f"Information about the label, in bits ({how}): {bits}."


def html(page: str, figure: str = "") -> str:
    """Render a page of Markdown as HTML that stands alone, with its figure (SVG text) inside."""
    from markdown_it import MarkdownIt

    body = MarkdownIt().enable("table").render(page)
    drawn = figure[figure.index("<svg") :] if figure else ""
    title = page.strip().splitlines()[0].lstrip("# ")
    return (
        f'<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f"<style>{STYLE}</style>\n{_IMAGE.sub(lambda _: drawn, body)}</html>\n"
    )
