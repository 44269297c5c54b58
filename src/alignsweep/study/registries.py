"""Where the parts that a study can choose from are registered, and what a study's own file adds.

Each registry is a plain dict, name -> entry, and an entry of this package has a module of its own
beside the registry, named as the entry. A file of the user's (``extensions``) adds entries when it
is imported:

    from alignsweep.training.objectives import OBJECTIVES

    OBJECTIVES["mine"] = Mine
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple


class Registry(NamedTuple):
    """A registry: the module that has it, its name there, and what an entry is called."""

    module: str
    attribute: str
    what: str

    def entries(self) -> dict[str, Any]:
        """Return the entries; imports the module, with all that it needs."""
        found: dict[str, Any] = getattr(importlib.import_module(self.module), self.attribute)
        return found


REGISTRIES = {
    "datasets": Registry("alignsweep.data.kinds", "KINDS", "a kind of dataset"),
    "encoders": Registry("alignsweep.training.encoders", "ENCODERS", "an encoder"),
    "objectives": Registry("alignsweep.training.objectives", "OBJECTIVES", "an objective"),
    "probes": Registry("alignsweep.probe", "PROBES", "a probe"),
    "metrics": Registry("alignsweep.metrics.table", "METRICS", "an alignment metric"),
    "figures": Registry("alignsweep.figures", "FIGURES", "a figure"),
}


def added_by(paths: Sequence[str | Path]) -> dict[str, dict[str, Path]]:
    """Import files of the user's own and return what each adds to the registries.

    Returns
    -------
    dict
        Registry -> name of an entry -> the file that added it.

    Raises
    ------
    ValueError
        As `load_extensions`, or if a file adds nothing.
    """
    added: dict[str, dict[str, Path]] = {name: {} for name in REGISTRIES}
    for path in map(Path, paths):
        before = {name: dict(r.entries()) for name, r in REGISTRIES.items()}
        load_extensions([path])
        for name, registry in REGISTRIES.items():
            for entry, value in registry.entries().items():
                if before[name].get(entry) is not value:
                    added[name][entry] = path
        if not any(path in own.values() for own in added.values()):
            raise ValueError(f"{path}: adds no entry to any registry")
    return added


def load_extensions(paths: Sequence[str | Path]) -> None:
    """Import files of the user's own, relative to the working directory.

    Raises
    ------
    ValueError
        If a file is not there or cannot be imported; names the file.
    """
    for path in map(Path, paths):
        name = f"alignsweep_extension_{path.stem}"
        specification = importlib.util.spec_from_file_location(name, path)
        if not path.is_file() or specification is None or specification.loader is None:
            raise ValueError(f"{path}: there is no such Python file")
        module = importlib.util.module_from_spec(specification)
        sys.modules[name] = module  # dataclasses look their module up
        try:
            specification.loader.exec_module(module)
        except Exception as error:
            raise ValueError(f"{path}: {type(error).__name__}: {error}") from error
