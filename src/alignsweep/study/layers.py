"""Options in layers: what a study says, changed by what a source says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from alignsweep.study.sentences import mistakes, wrong

Schema = Mapping[str, Any]


class Layer(NamedTuple):
    """What one place in the configuration says of a block."""

    place: tuple[str, ...]
    changes: Any


def layers(name: str, *parts: tuple[tuple[str, ...], Mapping[str, Any]]) -> list[Layer]:
    """Return the layers of a block in these parts of the configuration (place, content)."""
    return [Layer((*place, name), part[name]) for place, part in parts if name in part]


def plain(schema: Schema, found: Sequence[Layer], errors: list[str]) -> dict[str, Any]:
    """Return the options of a block: its defaults, changed by each layer."""
    options = defaults(schema)
    for layer in found:
        if _fits(layer.changes, schema, layer.place, errors):
            options |= layer.changes
    return options


def switched(schema: Schema, found: Sequence[Layer], errors: list[str]) -> dict[str, Any] | None:
    """Return the same of a block that may be off: None after a layer that says false."""
    options: dict[str, Any] | None = defaults(schema)
    for layer in found:
        if layer.changes is False:
            options = None
        elif layer.changes is True:
            options = options or defaults(schema)
        elif _fits(layer.changes, schema, layer.place, errors):
            options = (options or defaults(schema)) | layer.changes
    return options


def chosen(
    schemas: Mapping[str, Schema],
    kind: str,
    found: Sequence[Layer],
    errors: list[str],
    *,
    key: str = "kind",
    common: Schema | None = None,
) -> dict[str, Any]:
    """Return the options of a block that names a kind.

    A layer changes the options that it names, or, if it is of another kind, starts from the
    defaults of its kind.

    Parameters
    ----------
    schemas
        Kind -> the schema of its options.
    kind
        The kind where no layer names one.
    found
        The layers.
    errors
        Mistakes are added to it.
    key
        What names the kind.
    common
        Schema of options that all kinds have.
    """
    shared = common["properties"] if common else {}

    def whole(kind: str) -> dict[str, Any]:
        named = {key: {"enum": list(schemas)}}
        return {**schemas[kind], "properties": named | shared | schemas[kind]["properties"]}

    options: dict[str, Any] = {key: kind} | defaults(whole(kind))
    for layer in found:
        changes = layer.changes
        own: str = changes.get(key, options[key]) if isinstance(changes, dict) else options[key]
        if own not in schemas:
            errors.append(wrong([*layer.place, key], own, f"one of {', '.join(schemas)}"))
            continue
        if own != options[key]:
            options = {key: own} | defaults(whole(own)) | {k: options[k] for k in shared}
        if _fits(changes, whole(own), layer.place, errors):
            options |= changes
    return options


def defaults(schema: Schema) -> dict[str, Any]:
    """Return the defaults of the options of a schema."""
    return {k: s["default"] for k, s in schema["properties"].items() if "default" in s}


def _fits(changes: Any, schema: Schema, place: Sequence[str], errors: list[str]) -> bool:
    if not isinstance(changes, dict):
        errors.append(wrong(place, changes, "options, by name"))
        return False
    found = mistakes(changes, {**schema, "required": []}, place)
    errors += found
    return not found
