"""The study's page: answers, claims, explorer, figures and tables, and what failed.

It is written of whatever is there: by a job when all is, and after every run, come what may. A
study of which a part failed, or was not asked for, has a page without that part, which says so.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

from alignsweep.answers.claimed import CLAIMS
from alignsweep.answers.document import WORDS, document, folded, nested, picture, table, whole
from alignsweep.log import failure

Row = Mapping[str, str]

#: What is to be done -> how it looks
LOOKS = {"align": "good", "do not align": "bad", "cannot be told": "unsure"}
#: How claims are judged, and what their effects are.
JUDGED = (
    "Each claim is judged by a 95 % interval for every dataset, and encoder or metric, that it is "
    "about, with all models trained for the same epochs, as in the paper. An effect is a change of "
    "accuracy as a share, of which 0.010 is a point, or of a metric; that of an optimum is a "
    "strength. The table of every claim has them at the best epoch, too."
)
#: table -> its title, and its columns; all, if none are named
TABLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "optimum": (
        "The best strength of each encoder",
        ("dataset", "alignment", "modality", "metric", "verdict", "optimum", "optimum_low",
         "optimum_high", "baseline", "gain", "gain_low", "gain_high", "usual", "usual_gain",
         "usual_low", "usual_high", "seeds"),
    ),
    "uses": (
        "The best way to align for each use",
        ("dataset", "use", "modality", "metric", "alignment", "strength", "baseline", "gain",
         "gain_low", "gain_high", "cost", "cost_low", "cost_high", "seeds"),
    ),
    "predictions": ("Predicted from the information alone", ()),
    "information": (
        "Information about the label",
        ("dataset", "modality_a", "modality_b", "method", "atom", "bits", "corrected_bits",
         "low_bits", "high_bits", "null_bits"),
    ),
    "datasets": ("Facts of the datasets", ()),
    "claims": ("Every claim in every dataset", ()),
}  # fmt: skip


class Outcome(NamedTuple):
    """What came of a dataset: the headline of its answer, or None and the logs with why not."""

    answer: str | None
    failed: list[tuple[Path, str]]
    logs: Path

    def said(self, quoted: Callable[[Path], str] = str) -> str:
        """Say it in a line; `quoted` writes a path."""
        if self.failed:
            return f"failed: {'; '.join(f'{why} ({quoted(path)})' for path, why in self.failed)}"
        return self.answer or f"no answer yet (logs: {quoted(self.logs)})"


class Caption(NamedTuple):
    """What stands over and under a figure, and the source of its data."""

    label: str
    source: str
    text: str

    @property
    def shared(self) -> str:
        """The text without its source, which figures of several sources may have in common."""
        return self.text.replace(f" ({self.source})", "")


def outcome(dataset: str, results: Path, logs: Path) -> Outcome:
    """Return what came of a dataset; an answer older than a failure does not count.

    Parameters
    ----------
    dataset
        Its name.
    results, logs
        Folders of the study.
    """
    failed = list(failures(dataset, logs))
    answer = None if failed else _answer(dataset, results)
    return Outcome(answer["headline"] if answer else None, failed, logs / dataset)


def failures(dataset: str, logs: Path) -> Iterator[tuple[Path, str]]:
    """Yield the logs of a dataset's jobs that failed, and what they say last."""
    for path in sorted((logs / dataset).rglob("*.log")):
        why = failure(path)
        if why:
            yield path, why


def write(
    study: Mapping[str, Any], results: str, logs: str, figures: Mapping[str, Caption]
) -> None:
    """Write ``{results}/index.html``, if there is that folder; one that is the same stays.

    Parameters
    ----------
    study
        As `study.resolve` returns it: ``study`` (its name), ``datasets``, ``search``.
    results, logs
        Folders of the study.
    figures
        Caption of every figure that the study can have, by the stem of its file, in order.
    """
    folder = Path(results)
    if not folder.is_dir():
        return
    datasets = list(study["datasets"])
    outcomes = {d: outcome(d, folder, Path(logs)) for d in datasets}
    parts = {
        "Answers": _answers(outcomes, folder),
        "Claims": _claims(_rows(folder / "tables" / "claims.csv")),
        "Explorer": _explorer(folder, str(study["search"])),
        "Figures": _figures(folder, figures, datasets),
        "Tables": _tables(folder),
        "Provenance": _provenance(folder),
    }
    parts = {title: body for title, body in parts.items() if body}
    links = "".join(f'<a href="#{title.lower()}">{title}</a>' for title in parts)
    name = escape(str(study["study"]))
    body = "\n".join(
        [
            f"<h1>{name}: how strongly to align?</h1>",
            _state(outcomes),
            f'<p class="note">{WORDS}</p>',
            f'<nav aria-label="On this page">{links}</nav>',
            *(_section(title, text) for title, text in parts.items()),
        ]
    )
    page = document(f"{study['study']}: how strongly to align?", body, scripts=["sorting.js"])
    path = folder / "index.html"
    if not path.is_file() or path.read_text(encoding="utf-8") != page:
        path.write_text(page, encoding="utf-8")


def _section(title: str, body: str) -> str:
    if body.startswith("<section"):
        return body
    return f'<section id="{title.lower()}">\n<h2>{title}</h2>\n{body}\n</section>'


def _answer(dataset: str, results: Path) -> dict[str, Any] | None:
    path = results / dataset / "recommendation.json"
    if not path.is_file():
        return None
    # one of an older version, which a run that failed has left, may have its headline only
    return {"advice": "answer", "covers": ""} | json.loads(path.read_text(encoding="utf-8"))


def _state(outcomes: Mapping[str, Outcome]) -> str:
    failed = sum(bool(found.failed) for found in outcomes.values())
    done = sum(found.answer is not None for found in outcomes.values())
    said = f"{done} of {len(outcomes)} datasets have an answer"
    if failed:
        said += (
            f"; {failed} failed. Figures and tables of all datasets, if there are any, are of an "
            "earlier run"
        )
    return f"<p>{said}.</p>"


def _answers(outcomes: Mapping[str, Outcome], results: Path) -> str:
    answers = {d: None if f.answer is None else _answer(d, results) for d, f in outcomes.items()}
    covers = {answer["covers"] for answer in answers.values() if answer}
    lines = [_line(d, found, answers[d], len(covers) > 1) for d, found in outcomes.items()]
    alike = f'<p class="note">{escape(covers.pop())}</p>\n' if len(covers) == 1 else ""
    return alike + _listed(lines)


def _line(dataset: str, found: Outcome, answer: Mapping[str, Any] | None, covers: bool) -> str:
    """Say in a line what came of a dataset, and what its intervals cover, if that differs."""
    said = escape(found.said(lambda path: f"\0{path}\1")).replace("\0", "<code>")
    said = whole(said.replace("\1", "</code>"))
    if answer is None:
        word, look = ("failed", "bad") if found.failed else ("no answer yet", "none")
        return f'<li class="{look}"><b>{escape(dataset)}</b> {_badge(word, look)} {said}</li>'
    look = LOOKS.get(answer["advice"], "none")
    more = f'<p class="note">{escape(answer["covers"])}</p>' if covers else ""
    return (
        f'<li class="{look}"><p><a href="{quote(dataset)}/recommendation.html">{escape(dataset)}'
        "</a> "
        f"{_badge(answer['advice'], look)} {said}</p>{more}</li>"
    )


def _listed(lines: Iterable[str]) -> str:
    return "\n".join(['<ul class="answers">', *lines, "</ul>"])


def _badge(word: str, look: str) -> str:
    return f'<span class="badge {look}">{escape(word)}</span>'


def _rows(path: Path) -> list[Row]:
    """Read a table, all of it text."""
    if not path.is_file():
        return []
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _claims(rows: Sequence[Row]) -> str:
    """Say of each claim whether it holds, over all that it was held against."""
    if not rows:
        return ""
    titles = {"paper": "Of the paper", "here": "Beyond the paper"}
    blocks = [f'<p class="note">{whole(JUDGED)}</p>']
    for source, title in titles.items():
        names = [name for name, of in CLAIMS.items() if of == source]
        lines = (_claim(n, [row for row in rows if row["claim"] == n]) for n in names)
        blocks += [f"<h3>{title}</h3>", _listed(lines)]
    return "\n".join(blocks)


def _claim(name: str, rows: Sequence[Row]) -> str:
    if not rows:
        return f'<li class="none">{_badge("not run", "none")} {escape(name)}</li>'
    held = sum(row["holds"] == "True" for row in rows)
    word, look = f"holds in {held} of {len(rows)}", "unsure"
    if held in (0, len(rows)):
        word, look = ("holds", "good") if held else ("does not hold", "bad")
    cells = [
        [row["dataset"], row["alignment"], row["modality"], row["expected"], row["observed"],
         _interval(row, "effect", "low", "high"), "yes" if row["holds"] == "True" else "no"]
        for row in rows
    ]  # fmt: skip
    heads = ("dataset", "alignment", "of", "expected", "observed", "effect [95 %]", "holds")
    effects = f'<span class="note">{whole(_span(rows))}</span>'
    return (
        f'<li class="{look}"><details><summary>{_badge(word, look)} {escape(name)} {effects}'
        f"</summary>\n{table(heads, cells)}</details></li>"
    )


def _span(rows: Sequence[Row]) -> str:
    """Say the effect, or between which effects all lie."""
    known = [row for row in rows if row["effect"]]
    if not known:
        return ""
    ends = [f(known, key=lambda row: float(row["effect"])) for f in (min, max)]
    said = [_interval(row, "effect", "low", "high") for row in ends]
    return said[0] if len(rows) == 1 else f"effects from {said[0]} to {said[1]}"


def _interval(row: Row, *names: str) -> str:
    value, *ends = (_signed(row[name]) for name in names)
    return f"{value} [{', '.join(ends)}]" if all(ends) else value


def _signed(text: str) -> str:
    return f"{round(float(text), 3) + 0.0:+.3f}" if text else ""  # no -0.000


def _explorer(results: Path, search: str) -> str:
    path = results / "explorer.html"
    if path.is_file():
        return path.read_text(encoding="utf-8")
    why = (
        "An adaptive search leaves no encoders of all strengths to explore; a grid (search: grid) "
        "does."
        if search == "adaptive"
        else "It is not there: it is made when all datasets are finished, with the figures."
    )
    return f"<p>{why}</p>"


def _figures(results: Path, figures: Mapping[str, Caption], datasets: Iterable[str]) -> str:
    """Show the figures with their captions; before there are any, the curve of each dataset."""
    drawn = [(path, caption) for stem, caption in figures.items()
             if (path := results / "figures" / f"{stem}.svg").is_file()]  # fmt: skip
    if drawn:
        groups = groupby(drawn, key=lambda one: (one[1].label, one[1].shared))
        return "\n".join(_group(*key, list(own)) for key, own in groups)
    curves = {d: results / d / "recommendation.svg" for d in datasets}
    return "\n".join(
        f"<figure>{picture(path.read_text(encoding='utf-8'), f'Score against strength, {d}')}"
        f"<figcaption>Score against strength, {d}</figcaption></figure>"
        for d, path in curves.items()
        if path.is_file()
    )


def _group(label: str, caption: str, drawn: Sequence[tuple[Path, Caption]]) -> str:
    """Show figures side by side that have a caption in common."""
    blocks = []
    for path, own in drawn:
        shown = picture(path.read_text(encoding="utf-8"), f"{label}, {own.source}")
        files = ", ".join(
            f'<a href="figures/{quote(path.stem)}.{ending}">{ending}</a>'
            for ending in ("pdf", "svg", "png")
        )
        blocks.append(
            f'<figure id="{escape(path.stem)}">{shown}'
            f"<figcaption><b>{escape(own.source)}</b> ({files})</figcaption></figure>"
        )
    return (
        f'<h3>{escape(label)}</h3>\n<div class="row">\n{"".join(blocks)}\n</div>\n'
        f'<p class="note">{whole(escape(caption))}</p>'
    )


def _tables(results: Path) -> str:
    blocks = []
    for name, (title, columns) in TABLES.items():
        rows = _rows(results / "tables" / f"{name}.csv")
        if rows:
            heads = [c for c in columns or rows[0] if c in rows[0]]
            shown = table(
                [h.replace("_", " ") for h in heads], ([r[h] for h in heads] for r in rows)
            )
            link = f'<p class="note">All columns: <a href="tables/{name}.csv">{name}.csv</a></p>'
            blocks.append(folded(f"{title} ({len(rows)} rows)", f"{link}\n{shown}"))
    return "\n".join(blocks)


def _provenance(results: Path) -> str:
    path = results / "provenance.json"
    if not path.is_file():
        return ""
    found = json.loads(path.read_text(encoding="utf-8"))
    plain = {k: v for k, v in found.items() if not isinstance(v, (dict, list))}
    long = {k: v for k, v in found.items() if k not in plain}
    return "\n".join(
        [nested(plain), *(folded(k.replace("_", " "), nested(v)) for k, v in long.items())]
    )
