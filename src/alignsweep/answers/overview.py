"""All answers of a study on one page, and what failed: written after every run, come what may."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from alignsweep.log import failure

STYLE = (
    "body { font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em } "
    "li { margin: 0.6em 0 }"
)


def write(study: str, datasets: Iterable[str], results: str, logs: str) -> None:
    """Write ``{results}/index.html``: a line per dataset, with its answer or why there is none.

    Parameters
    ----------
    study, datasets
        Their names.
    results, logs
        Folders of the study.
    """
    page = Path(results) / "index.html"
    if page.parent.is_dir():
        lines = "\n".join(f"<li>{_line(d, Path(results), Path(logs))}</li>" for d in datasets)
        page.write_text(
            f'<!DOCTYPE html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{study}</title>\n'
            f"<style>{STYLE}</style>\n<h1>{study}: how strongly to align?</h1>\n<ul>\n{lines}\n"
            "</ul>\n</html>\n",
            encoding="utf-8",
        )


def _line(dataset: str, results: Path, logs: Path) -> str:
    answer = results / dataset / "recommendation.json"
    failed = [f"{why} (<code>{path}</code>)" for path, why in failures(dataset, logs)]
    if failed:
        return f"<b>{dataset}</b>: failed: {'; '.join(failed)}"
    if not answer.is_file():
        return f"<b>{dataset}</b>: no answer yet (logs: <code>{logs / dataset}</code>)"
    said = json.loads(answer.read_text(encoding="utf-8"))["headline"]
    return f'<a href="{dataset}/recommendation.html">{dataset}</a>: {said}'


def failures(dataset: str, logs: Path) -> Iterator[tuple[Path, str]]:
    """Yield the logs of a dataset's jobs that failed, and what they say last."""
    for path in sorted((logs / dataset).rglob("*.log")):
        why = failure(path)
        if why:
            yield path, why
