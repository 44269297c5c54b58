"""Datasets of paired modalities: one module per kind (`kinds`), and one form for all (`store`).

Modules are imported when they are asked for (``data.synthetic``, ``data.store``): the workflow
reads `checks` and `resources` before every job, which need no numpy.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from types import ModuleType


def __getattr__(name: str) -> ModuleType:
    if name.startswith("__") or not find_spec(f"{__name__}.{name}"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")
