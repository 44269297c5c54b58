"""The configuration's schema and the tables of its README, made from the code.

    python -m alignsweep.study.schema        # writes both (make schema)

The schema is stored beside this file, so that reading a study imports nothing heavy; a test says
when it is out of date.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from alignsweep.options import Option, describe
from alignsweep.study.model import Study
from alignsweep.study.registries import REGISTRIES

STORED = Path(__file__).with_name("schema.json")
README = Path(__file__).parents[3] / "config" / "README.md"

_PLACE = re.compile(r"(<!-- (\S+) -->\n).*?(<!-- end -->)", re.DOTALL)


def sources() -> dict[str, Callable[..., Any]]:
    """Return what has options: place in the schema -> function or dataclass."""
    from alignsweep.information import decompose_pairs
    from alignsweep.metrics import measure_alignment
    from alignsweep.selection.search import Search
    from alignsweep.training.alignment import Alignment
    from alignsweep.training.sweep import Training

    blocks: dict[str, Callable[..., Any]] = {
        "study": Study,
        "training": Training,
        "alignment": Alignment,
        "metrics": measure_alignment,
        "information": decompose_pairs,
        "adaptive": Search,
    }
    chosen = {
        f"{registry}/{name}": entry
        for registry in ("datasets", "encoders", "objectives", "probes")
        for name, entry in REGISTRIES[registry].entries().items()
    }
    return blocks | chosen


def build() -> dict[str, Any]:
    """Return the schema: place -> JSON Schema of an object, with the variants of datasets.

    An option that the configuration gives a list of has ``x-each``: its name in the function and
    what an entry adds to a dataset's name; ``x-named`` is what another option adds to it.
    """
    return {place: _object(describe(source)) for place, source in sources().items()}


def _object(options: list[Option]) -> dict[str, Any]:
    properties, required = {}, []
    for option in options:
        schema = dict(option.schema)
        if option.each:
            schema["x-each"] = [option.name, option.each.part]
        if option.named:
            schema["x-named"] = option.named.part
        properties[option.key] = schema
        if option.required:
            required.append(option.key)
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required,
        "properties": properties,
    }


def table(options: list[Option]) -> str:
    """Return options as a table of Markdown: key, default, what and why."""
    if not options:
        return "It has no options.\n"
    lines = ["| key | default | what and why |", "|---|---|---|"]
    listed = {option.name: option for option in options}
    for option in options:
        names = [n for n in option.together if n in listed]
        if option.name != names[0]:
            continue
        keys = ", ".join(f"`{listed[n].key}`" for n in names)
        defaults = ", ".join(dict.fromkeys(_default(listed[n]) for n in names))
        listing = "A list; every entry makes a dataset. " if option.each else ""
        lines.append(f"| {keys} | {defaults} | {listing}{_markdown(option.meaning)} |")
    return "\n".join(lines) + "\n"


def readme(text: str) -> str:
    """Return the README of the configuration with its tables made anew, between their marks."""
    tables = {place: table(describe(source)) for place, source in sources().items()}
    tables["names"] = _names()

    def fill(match: re.Match[str]) -> str:
        return f"{match[1]}{tables[match[2]]}{match[3]}"

    return _PLACE.sub(fill, text)


def _names() -> str:
    """Return the table of alignment metrics."""
    lines = ["| name | what it is |", "|---|---|"]
    for name, metric in REGISTRIES["metrics"].entries().items():
        lines.append(f"| `{name}` | {_markdown(metric.description)} |")
    return "\n".join(lines) + "\n"


def _default(option: Option) -> str:
    if option.required:
        return "required"
    if option.each and option.each.default:
        return option.each.default
    value = option.schema["default"]
    text = value if isinstance(value, str) else json.dumps(value)
    text = re.sub("^([0-9]+)e", r"\1.0e", text)  # YAML reads 1e-9 as text
    return f"`{text}`"


def _markdown(text: str) -> str:
    return text.replace("``", "`").replace("|", "\\|")


def main() -> None:
    """Write the schema and the tables."""
    STORED.write_text(json.dumps(build(), indent=1) + "\n", encoding="utf-8")
    README.write_text(readme(README.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
