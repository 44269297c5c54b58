"""The file of a study, written from what is asked on the command line."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from alignsweep import study

NAME = "study.yaml"
#: What the file leaves open is the default of config/README.md; these suit vectors of a network.
STRENGTHS = ("0", "0.1", "0.2", "0.4", "0.6", "0.8", "1", "1.5", "2")
ENCODER = {"hidden": [64], "width": 8}

_HEAD = """\
# Written by alignsweep. Change it as you like (config/README.md of alignsweep has all keys), then:
#
#     alignsweep recommend {path}
#
"""


def config(
    data: Path,
    modalities: Sequence[str],
    label: str,
    split: str | None = None,
    group: str | None = None,
    search: str = "adaptive",
    uses: Sequence[str] = (),
    masks: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the configuration of a study of one file.

    Parameters
    ----------
    data
        The file, whose name without its ending names the study.
    modalities
        Keys of the file, or ``name=key``.
    label, split, group, search, uses, masks
        As in the configuration; no `uses` are the default.
    """
    name = re.sub("[^A-Za-z0-9_-]+", "-", data.stem).lstrip("_-")
    name = "data" if name in ("", "all") else name  # what no source may be called
    named = keys(modalities)
    source = {
        "kind": "files",
        "path": str(data.resolve()),
        "modalities": list(named) if all(n == k for n, k in named.items()) else named,
        "label": label,
        **{k: v for k, v in (("split", split), ("group", group), ("masks", masks)) if v},
    }
    return {
        "study": name,
        "strengths": list(STRENGTHS),
        "search": search,
        **({"uses": list(uses)} if uses else {}),
        "encoder": ENCODER,
        "datasets": {name: source},
    }


def keys(modalities: Sequence[str]) -> dict[str, str]:
    """Return name -> key, each given as ``name=key``, or as a key that is the name as well."""
    return {name: key or name for name, _, key in (m.partition("=") for m in modalities)}


def write(config: Mapping[str, Any], folder: Path) -> Path:
    """Write a configuration as the study of a folder and return its path.

    Raises
    ------
    ValueError
        If it is not a study (`study.ConfigError`), or the folder has another one: what a person
        has changed there is never overwritten.
    """
    study.resolve(config)
    path = folder / NAME
    if path.exists():
        if study.read(path) != config:
            raise ValueError(
                f"{path} says something else than is asked; run it as it is (alignsweep recommend "
                f"{path}), remove it, or name another folder (--output)"
            )
        return path
    folder.mkdir(parents=True, exist_ok=True)
    body = yaml.safe_dump(dict(config), sort_keys=False, default_flow_style=None, width=90)
    path.write_text(_HEAD.format(path=path) + body, encoding="utf-8")
    return path
