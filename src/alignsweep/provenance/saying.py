"""What made a figure or a study, for a person to read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from alignsweep import provenance
from alignsweep.provenance import figures

#: What is said beside the code and the versions, in this order, under these names.
PARTS = {
    "machine": "machine",
    "ended": "the run ended",
    "data": "data (SHA-256)",
    "inputs": "inputs",
    "tables": "tables (SHA-256)",
    "jobs": "jobs",
    "config": "configuration",
}


def said(path: str | Path, as_json: bool = False) -> str:
    """Say what made a figure (a file), or a study (its folder); ValueError if that is not known."""
    found = provenance.read(path) if Path(path).is_dir() else figures.read(path)
    return json.dumps(found, indent=1) if as_json else _text(path, found)


def check(folder: str | Path) -> str:
    """Hold the files of a study against their digests, and say that they are what was written.

    Raises
    ------
    ValueError
        A line for each file that is not, or is missing.
    """
    record = provenance.read(folder)
    if not record["ended"]:
        raise ValueError(f"the last run in {folder} has not ended: run it again, which goes on")
    wrong = [f"{file} {why}" for file, why in provenance.changed(folder, record, whole=True)]
    wrong += [f"{Path(folder) / name} is missing" for name in record["files"]
              if not (Path(folder) / name).is_file()]  # fmt: skip
    if wrong:
        wrong.append("Remove these and run the same command again, which makes them anew.")
        raise ValueError("\n".join(wrong))
    return f"{len(record['files'])} files are what was written"


def _text(path: str | Path, found: Mapping[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    named = f"figure {found['figure']} of " if "figure" in found else ""
    lines = [f"{path}: {named}study {found['study']}"]
    lines += [f"made by: {provenance.said_of_code(found['code'])}", f"versions: {versions}"]
    parts = {title: found[key] for key, title in PARTS.items() if found.get(key)}
    body = yaml.safe_dump(parts, sort_keys=False, width=100, default_flow_style=None)
    return "\n".join(lines) + "\n" + body.rstrip()
