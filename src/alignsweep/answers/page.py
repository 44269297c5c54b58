"""An answer as a page: Markdown, and HTML that stands alone."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from alignsweep import tables
from alignsweep.answers import yardstick
from alignsweep.answers.document import WORDS, document, whole
from alignsweep.answers.sentences import change_of, who
from alignsweep.figures import plotting, strength_curve
from alignsweep.scores import SCORES
from alignsweep.selection.optimum import GAINS

_IMAGE = re.compile("<img[^>]*>")
CAPTION = (
    "Above, the test score of each encoder's probe{by}; below, its gain over strength 0, seed by "
    "seed. Points are means over seeds, bands their 95 % intervals: where a lower one leaves 0, "
    "the change is beyond doubt. A star is the optimum, chosen on validation; dashed is the best "
    "that is possible, where that is known."
)
CHOSEN = (
    "Where a strength was chosen, its gain is measured on seeds that had no say in the choice, "
    "lest choosing flatter it; so the same strength can have another gain as the usual one."
)


def write(
    answer: Mapping[str, Any],
    known: Mapping[str, pd.DataFrame],
    paths: Mapping[str, str],
    made: Mapping[str, Any] | None = None,
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
    made
        What the figure says that it is made from, see `provenance.figures`.
    """
    tables.write_json(answer, paths["json"])
    drawn = {**known, "datasets": known["facts"]}
    plotting.save(strength_curve.draw, drawn, [answer["dataset"]], [paths["figure"]], made)
    page = markdown(answer, Path(paths["figure"]).name)
    Path(paths["page"]).write_text(page, encoding="utf-8")
    figure = Path(paths["figure"]).read_text(encoding="utf-8")
    Path(paths["html"]).write_text(html(page, figure), encoding="utf-8")


def markdown(answer: Mapping[str, Any], figure: str) -> str:
    """Write an answer as one page of Markdown, with a figure beside it."""
    blocks = [
        f"# {answer['dataset']}: how strongly to align?",
        f"**{answer['headline']}**",
        f"{answer['covers']} {WORDS}",
        f"![Score against strength]({figure})",
        _caption(answer["answers"]),
        *_uses(answer["uses"]),
        "## Each encoder alone",
        "\n".join(f"- {s}" for s in answer["sentences"]),
        _table(answer),
        CHOSEN,
        *_before(answer),
        *_encoders(answer["encoders"]),
    ]
    listed = {
        "Handle with care": answer["warnings"],
        "What was assumed": answer["assumed"],
        "What it would take to know more": answer["to_know_more"],
    }
    for title, lines in listed.items():
        if lines:
            blocks += [f"## {title}", "\n".join(f"- {s}" for s in lines)]
    return "\n\n".join(blocks) + "\n"


def _caption(rows: Sequence[Mapping[str, Any]]) -> str:
    """Say what the figure shows; it has the first way to align."""
    several = len({row["alignment"] for row in rows}) > 1
    return CAPTION.format(by=f", aligned by {rows[0]['alignment']}" if several else "")


def _table(answer: Mapping[str, Any]) -> str:
    several = len({row["alignment"] for row in answer["answers"]}) > 1
    unit = " (points)" if SCORES[answer["metric"]].counted else ""
    lines = [
        f"| | verdict | {answer['metric']} at 0 | best strength | gain over 0{unit} | as good | "
        f"usual strength | its gain over 0{unit} | seeds |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in answer["answers"]:
        if row["optimum"] is None:
            continue
        aligned = row["verdict"] in GAINS
        strength, gain = (row["optimum"], "gain") if aligned else (row["best"], "best")
        alike = [s for s in row["plateau"].split() if s != row["optimum"]] if aligned else []
        cells = [
            f"{row['alignment']}, {who(row)}" if several else who(row),
            row["verdict"],
            SCORES[row["metric"]].say(row["baseline"]),
            strength or "none",
            _bare(change_of(row, gain, named=False)) if strength else "",
            ", ".join(alike),
            row["usual"] or "none",
            _bare(change_of(row, "usual", named=False)) if row["usual"] else "",
            str(row["seeds"]),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _bare(change: str) -> str:
    return change.replace(" points", "")


def _uses(uses: Mapping[str, Any]) -> list[str]:
    """Write what is best for each use, if there is anything to choose between."""
    blocks = ["## What is it for?", uses["table"], "\n".join(f"- {s}" for s in uses["sentences"])]
    return [block for block in blocks if block] if uses["table"] else []


def _encoders(rows: list[dict[str, Any]]) -> list[str]:
    """Write how the encoders compare with plain models on the inputs."""
    return ["## Are the encoders any good?", yardstick.table(rows)] if rows else []


def _before(answer: Mapping[str, Any]) -> list[str]:
    """Write what the data alone tell, without training anything."""
    blocks = ["## Before training", _information(answer["information"])]
    if answer["before"]:
        blocks.append("\n".join(f"- {s}" for s in answer["before"]))
    return blocks


def _information(information: Mapping[str, Any]) -> str:
    if "bits" not in information:
        return f"Information about the label: {information['status']}."
    exact = information["method"] == "exact"
    how = "exact" if exact else f"{information['method']} estimate"
    bits = ", ".join(f"{_bits(v)} {k}" for k, v in information["bits"].items())
    return f"Information about the label, in bits ({how}): {bits}."


def _bits(value: float) -> str:
    """Write an atom; an estimate below 0 has found nothing."""
    return f"{value:.2f}" if value >= 0.005 else "none"


def html(page: str, figure: str = "") -> str:
    """Render a page of Markdown as HTML that stands alone, with its figure (SVG text) inside."""
    from markdown_it import MarkdownIt

    body = MarkdownIt().enable("table").render(page)
    drawn = figure[figure.index("<svg") :] if figure else ""
    title = page.strip().splitlines()[0].lstrip("# ")
    body = body.replace("<p><strong>", '<p class="headline"><strong>', 1)
    body = body.replace("<table>", '<div class="scroll" tabindex="0"><table>')
    body = whole(body.replace("</table>", "</table></div>"))
    # last: nothing is changed within the drawing, whose text says what made it
    body = _IMAGE.sub(lambda _: f'<span class="drawing">{drawn}</span>', body)
    home = '<p><a href="../index.html">All answers of the study</a></p>\n'
    return document(title, home + body, narrow=True)
