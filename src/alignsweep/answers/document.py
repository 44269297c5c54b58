"""HTML that stands alone: one style, light and dark, and nothing that is fetched.

Needs the standard library only, because the study's page is written by the process of Snakemake.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files
from urllib.parse import quote

#: The browser itself refuses whatever would leave the page. (Charts compile their expressions.)
POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; "
    "script-src 'unsafe-inline' 'unsafe-eval'"
)
#: What its words mean, for whom a page is sent to.
WORDS = (
    "Strength is the weight of the loss that aligns the two modalities; at 0 each encoder learns "
    "its task alone. A gain is over strength 0, a point a percentage point, in brackets is an "
    "interval."
)
_CHANGE = re.compile(r"([+-]?\d[\d.]*( points)? )?\[[^\]<]{1,30}\]")
_PERCENT = re.compile(r"(?<=\d) %")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?")


def document(title: str, body: str, *, scripts: Sequence[str] = (), narrow: bool = False) -> str:
    """Return a page.

    Parameters
    ----------
    title
        Plain text.
    body
        HTML.
    scripts
        Names of files of JavaScript beside this module.
    narrow
        Whether it is text to be read rather than tables and figures.
    """
    width = ' class="narrow"' if narrow else ""
    lines = [
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>\n<style>\n{_own('style.css')}</style>\n</head>",
        f"<body>\n<main{width}>\n{body}\n</main>",
        *(f"<script>\n{_own(name)}</script>" for name in scripts),
        "</body>\n</html>\n",
    ]
    return "\n".join(lines)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table that sorts and filters (``sorting.js``); cells are plain text.

    A cell that is a number is shown with four digits, and sorted by all of them.
    """
    head = "".join(f'<th scope="col">{escape(h)}</th>' for h in heads)
    lines = "\n".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return (
        f'<div class="scroll" tabindex="0"><table class="sorts">\n<thead><tr>{head}</tr></thead>\n'
        f"<tbody>\n{lines}\n</tbody></table></div>"
    )


def picture(svg: str, alternative: str) -> str:
    """Return an image of SVG text; its names cannot meet those of others on the page."""
    address = quote(svg, safe=" !#$()*+,-./:;=?@[]^_`{|}~'<>").replace("#", "%23")
    return f'<img alt="{escape(alternative)}" src="data:image/svg+xml,{escape(address)}">'


def whole(text: str) -> str:
    """Keep ``95 %``, and values and their intervals, ``+1.0 [+0.2, +1.8]``, each on a line."""
    changes = _CHANGE.sub(lambda found: f'<span class="whole">{found[0]}</span>', text)
    return _PERCENT.sub("&nbsp;%", changes)


def folded(title: str, body: str) -> str:
    """Return what is read by those who open it."""
    return f"<details><summary>{escape(title)}</summary>\n{body}\n</details>"


def nested(value: object) -> str:
    """Return whatever JSON holds, as nested lists of names and values."""
    if isinstance(value, Mapping):
        parts = "".join(f"<li>{escape(str(k))}: {nested(v)}</li>" for k, v in value.items())
        return f"<ul>{parts}</ul>"
    if isinstance(value, list):
        if all(not isinstance(v, (Mapping, list)) for v in value):
            return escape(", ".join(map(str, value)))
        return f"<ul>{''.join(f'<li>{nested(v)}</li>' for v in value)}</ul>"
    return escape(str(value))


def _cell(text: str) -> str:
    if _NUMBER.fullmatch(text):
        return f'<td class="number" data-value="{text}">{float(text):.4g}</td>'
    return f"<td>{escape(text)}</td>"


def _own(name: str) -> str:
    return files("alignsweep.answers").joinpath(name).read_text(encoding="utf-8")
