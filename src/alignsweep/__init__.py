"""How strongly should the representations of two modalities be aligned?

The parts, each built on those before it:

`data` -> `training` -> `probe`, `metrics` -> `information` -> `selection`, `figures` -> `answers`

`study` reads a configuration, `tables` reads and writes tables, `scores` and `atoms` say what
stands in them. In a notebook:

    from alignsweep import data, information, metrics, probe, recommend, sweep

Nothing is imported until it is asked for, so that ``import alignsweep`` stays cheap.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType

#: Short names for the notebook.
_HOMES = {
    "sweep": "alignsweep.training.sweep",
    "recommend": "alignsweep.selection.optimum",
}


def __getattr__(name: str) -> ModuleType:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(_HOMES[name])
