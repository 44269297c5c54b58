"""How strongly should the representations of two modalities be aligned?

The parts, each built on those before it:

`data` -> `training` -> `probe`, `metrics` -> `information` -> `selection`, `figures` -> `answers`

`study` reads a configuration, `tables` reads and writes tables, `scores` and `atoms` say what
stands in them. In a notebook:

    from alignsweep import data, information, metrics, probe, recommend, sweep

and `load` reads the encoders that a study exported (`frozen`, `export`).

Nothing is imported until it is asked for, so that ``import alignsweep`` stays cheap.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

#: Short names for the notebook.
_HOMES = {
    "sweep": "alignsweep.training.sweep",
    "recommend": "alignsweep.selection.optimum",
    "load": "alignsweep.frozen:load",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, function = _HOMES[name].partition(":")
    found = import_module(module)
    return getattr(found, function) if function else found
