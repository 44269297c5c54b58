"""Which library code a script runs, and a digest of it: editing that code re-runs its jobs.

The files follow from the imports, as they are written: those of the script, of the modules that it
imports, and so on, wherever in a module an import stands. Left out, and only these:

- `IGNORED`: what says nothing about the results.
- Entries of a registry (an encoder, a kind of dataset) that a job does not use, and the registry
  itself: a new encoder is no reason to train the others again. A job names the entries it uses.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

PACKAGE = "alignsweep"
LIBRARY = Path(__file__).parent

#: module -> why it says nothing about the results
IGNORED = {
    "alignsweep.checking": "it refuses tables, and changes none",
    "alignsweep.code": "it only says what runs",
    "alignsweep.columns": "it says what tables must hold, for `checking`",
    "alignsweep.damage": "it says what is wrong with a file",
    "alignsweep.jobs": "it says with how many threads a job runs, and loads what else counts",
    "alignsweep.log": "it says where messages go",
    "alignsweep.options": "it describes options, whose values are parameters of the rules",
    "alignsweep.study": "it is read before the jobs, which get what follows from it as parameters",
}
#: registry -> its module; its entries are modules beside it, named as they are
REGISTRIES = {
    "datasets": "alignsweep.data.kinds",
    "encoders": "alignsweep.training.encoders",
    "objectives": "alignsweep.training.objectives",
    "probes": "alignsweep.probe",
    "figures": "alignsweep.figures",
}


def digest(
    script: str | Path,
    uses: Iterable[tuple[str, str]] = (),
    added: Mapping[str, Mapping[str, Path]] | None = None,
) -> str:
    """Return a digest of the code behind a script.

    Parameters
    ----------
    script
        A Python file that imports from the library.
    uses
        Registry and name of the entries that the job uses, such as ``("encoders", "mlp")``.
    added
        Registry -> name of an entry -> the user's file that added it: it counts, and not a module
        of the library.
    """
    own, shipped = [], []
    for registry, name in uses:
        path = (added or {}).get(registry, {}).get(name)
        if path:
            own.append(path)
        else:
            shipped.append((registry, name))
    found = hashlib.sha256()
    for path in [*sorted(files(script, shipped)), *sorted(set(own))]:
        found.update(path.read_bytes())
    return found.hexdigest()


def files(script: str | Path, uses: Iterable[tuple[str, str]] = ()) -> set[Path]:
    """Return the library files behind a script, see `digest`; and data files that they name."""
    waiting = [*_imported(Path(script)), *(entry_module(*use) for use in uses)]
    seen: set[str] = set()
    found: set[Path] = set()
    while waiting:
        module = waiting.pop()
        path = _path(module)
        if module in seen or path is None or _is_ignored(module):
            continue
        seen.add(module)
        imports = _imported(path)
        if module in REGISTRIES.values():
            imports = [m for m in imports if m not in _entries(module)]
        else:
            found |= {path} | _data_files(path)
        waiting += [*imports, *_packages(module)]
    return found


def entry_module(registry: str, name: str) -> str:
    """Return the module of an entry of a registry; a metric is in one that all rules have."""
    return _beside(REGISTRIES[registry], name) if registry in REGISTRIES else registry


def _beside(registry: str, name: str) -> str:
    path = _path(registry)
    package = registry if path and path.name == "__init__.py" else registry.rpartition(".")[0]
    return f"{package}.{name.replace('-', '_')}"


@cache
def _entries(registry: str) -> set[str]:
    """Return the modules of the entries of a registry: the keys of its dicts of literal keys."""
    path = _path(registry)
    assert path is not None
    tree = _tree(path)
    keys = {
        key.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key in node.keys
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }
    return {_beside(registry, key) for key in keys}


def _is_ignored(module: str) -> bool:
    return any(module == own or module.startswith(f"{own}.") for own in IGNORED)


def _packages(module: str) -> Iterator[str]:
    """Yield the packages that importing a module imports as well."""
    while "." in module:
        module = module.rpartition(".")[0]
        yield module


@cache
def _path(module: str) -> Path | None:
    """Return the file of a module of the library, None if there is none."""
    if module != PACKAGE and not module.startswith(f"{PACKAGE}."):
        return None
    place = LIBRARY.joinpath(*module.split(".")[1:])
    for path in (place.with_suffix(".py"), place / "__init__.py"):
        if path.is_file():
            return path
    return None


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def _imported(path: Path) -> list[str]:
    """Return the modules of the library that a file imports, but for type checking."""
    return list(_imports(_tree(path)))


def _imports(node: ast.AST) -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr):
            continue  # no import stands there
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module:
            yield child.module
            yield from (f"{child.module}.{alias.name}" for alias in child.names)
        else:
            yield from _imports(child)


@cache
def _data_files(path: Path) -> set[Path]:
    """Return the files beside a module that it names, such as a table it reads."""
    found = set()
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            name = node.value
            if "." in name and "/" not in name and len(name) < 100 and not name.endswith(".py"):
                beside = path.parent / name
                if beside.is_file():
                    found.add(beside)
    return found
