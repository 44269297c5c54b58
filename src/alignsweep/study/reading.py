"""Reading a study's file: YAML, strictly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import yaml

from alignsweep.study.sentences import key, show


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML in which a key that stands twice, or is not text, is a mistake."""


def _mapping(loader: Any, node: Any) -> dict[Any, Any]:
    seen: dict[Any, int] = {}
    for name, _ in node.value:
        if name.tag == "tag:yaml.org,2002:merge":
            continue
        found = loader.construct_object(name, deep=True)
        line = name.start_mark.line + 1
        if isinstance(found, list | dict):
            raise ValueError(f"line {line}: a key is a {type(found).__name__}; allowed: text")
        if found in seen:
            raise ValueError(
                f"the key {show(found)} stands twice, in lines {seen[found]} and {line}; allowed: "
                "every key once"
            )
        seen[found] = line
    loader.flatten_mapping(node)
    mapping: dict[Any, Any] = loader.construct_mapping(node, deep=True)
    return mapping


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def read(path: str | Path) -> Any:
    """Read a study's file.

    Raises
    ------
    ValueError
        If it is not there, not YAML, or a key stands twice (YAML would drop the first without a
        word); names the file.
    """
    try:
        return yaml.load(Path(path).read_text(encoding="utf-8"), _Loader)
    except FileNotFoundError:
        raise ValueError(f"{path}: there is no such file") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ValueError(f"{path}: {' '.join(str(error).split())}") from error


def keys_not_text(value: Any, place: Sequence[str | int] = ()) -> Iterator[str]:
    """Yield a sentence per key below a value that is not text, such as ``no`` or ``7``."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if not isinstance(name, str):
                yield (
                    f"config: the key {show(name)} in {key(place) or 'the file'} is not text (YAML "
                    "reads no, yes, on, off as true or false, and 7 as a number); allowed: a name, "
                    "in quotes if need be."
                )
            yield from keys_not_text(inner, [*place, str(name)])
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            yield from keys_not_text(inner, [*place, i])
