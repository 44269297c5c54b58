"""What a configuration may say of an option: rules, read from the code that takes the option.

A function or dataclass states each of its options once: the type, with its rule, and the default in
the signature, the meaning in the docstring. The configuration's schema and the tables of
``config/README.md`` are made from that (`describe`), so that neither can drift from the code.

    @dataclass(frozen=True)
    class MLP:
        '''A multilayer perceptron.

Attributes
----------
        width
            Width of the embedding.
        '''

        width: Count = 6
"""

from __future__ import annotations

import collections.abc
import dataclasses
import inspect
import re
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin, get_type_hints


class Rule(NamedTuple):
    """Keywords of JSON Schema for a value, and ``allowed``, what an error message says of it.

    A keyword that is a function is called when the schema is made.
    """

    keywords: Mapping[str, Any]


class Each(NamedTuple):
    """The configuration gives a list of this option; every entry makes a dataset.

    `key` is the option's name there, `part` what an entry adds to the name of the dataset, and
    `default` says what holds where the list is left out, if it can be.
    """

    key: str
    part: str
    default: str = ""


class Named(NamedTuple):
    """The option is part of the name of the dataset, unless it is null: `part`, filled with it."""

    part: str


#: Of a parameter that is not for the configuration.
INTERNAL = object()


def rule(**keywords: Any) -> Rule:
    """Return a rule of these keywords of JSON Schema."""
    return Rule(keywords)


Count = Annotated[int, rule(minimum=1, allowed="an integer of at least 1")]
CountOrNone = Annotated[int | None, rule(minimum=1, allowed="an integer of at least 1, or null")]
Samples = Annotated[int, rule(minimum=10, allowed="an integer of at least 10")]
SamplesOrAll = Annotated[
    int | None, rule(minimum=10, allowed="an integer of at least 10, or null for all")
]
Seed = Annotated[
    int, rule(minimum=0, maximum=2**32 - 1, allowed="an integer from 0 to 4294967295 (32 bits)")
]
Positive = Annotated[float, rule(exclusiveMinimum=0, allowed="a number above 0")]
NotNegative = Annotated[float, rule(minimum=0, allowed="a number of at least 0")]
Share = Annotated[
    float, rule(exclusiveMinimum=0, maximum=0.45, allowed="a number above 0 and up to 0.45")
]
Widths = Annotated[tuple[int, ...], rule(items={"minimum": 1}, allowed="a list of layer widths")]
Key = Annotated[str | None, rule(allowed="a key of the file")]
MAX_HETEROGENEITY = 10
#: Depth of a fixed random network before a modality of simulated data.
Heterogeneity = Annotated[
    int,
    rule(
        minimum=0,
        maximum=MAX_HETEROGENEITY,
        allowed=f"an integer from 0 to {MAX_HETEROGENEITY}",
    ),
]
#: The folder of the downloads, which the workflow gives.
Resources = Annotated[str, INTERNAL]


@dataclass(frozen=True)
class Option:
    """An option as the configuration has it.

    Attributes
    ----------
    name
        Its name in the signature.
    schema
        Its JSON Schema, with ``default`` unless it is required.
    together
        Names of the options that the docstring explains with it, in order.
    meaning
        What the docstring says.
    each
        Set if the configuration gives a list of it.
    named
        Set if it is part of the name of the dataset.
    """

    name: str
    schema: dict[str, Any]
    together: tuple[str, ...]
    meaning: str
    each: Each | None = None
    named: Named | None = None

    @property
    def required(self) -> bool:
        """Whether the configuration must give it."""
        return "default" not in self.schema and not (self.each and self.each.default)

    @property
    def key(self) -> str:
        """Its name in the configuration."""
        return self.each.key if self.each else self.name


def describe(target: Callable[..., Any]) -> list[Option]:
    """Return the options of a function (its keyword-only parameters) or of a dataclass.

    Raises
    ------
    TypeError
        If the docstring does not say what an option means.
    """
    if isinstance(target, type):
        hints = get_type_hints(target, include_extras=True)
        defaults = {f.name: _default(f) for f in dataclasses.fields(target)}
    else:
        parameters = inspect.signature(target).parameters.values()
        defaults = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
        # of these alone: the types of the others may be known to the type checker only
        written = {name: target.__annotations__[name] for name in defaults}
        holder = type("Options", (), {"__annotations__": written})
        hints = get_type_hints(holder, target.__globals__, include_extras=True)
    meanings = explained(inspect.getdoc(target) or "")
    out = []
    for name, default in defaults.items():
        marks = hints[name].__metadata__ if get_origin(hints[name]) is Annotated else ()
        if INTERNAL in marks:
            continue
        if name not in meanings:
            raise TypeError(f"the docstring of {target.__qualname__} does not explain {name!r}")
        together, meaning = meanings[name]
        schema = _schema(hints[name])
        each = next((m for m in marks if isinstance(m, Each)), None)
        named = next((m for m in marks if isinstance(m, Named)), None)
        if each:
            schema = {
                "type": "array", "minItems": 1, "uniqueItems": True, "items": schema,
                "allowed": f"a list of different entries, each {_allowed(schema)}",
            }  # fmt: skip
        if default is not inspect.Parameter.empty:
            schema["default"] = [_plain(default)] if each else _plain(default)
        out.append(Option(name, schema, together, meaning, each, named))
    return out


def check(options: Any) -> None:
    """Hold the options of a dataclass against their rules, as a study's are.

    Raises
    ------
    ValueError
        Names the option, its value and what is allowed.
    """
    from alignsweep.study.sentences import mistakes

    for option in _options(type(options)):  # type: ignore[arg-type]  # a class is hashable
        value = _plain(getattr(options, option.name))
        for sentence in mistakes(value, option.schema, [option.name]):
            raise ValueError(sentence.removeprefix("config: ").rstrip("."))


@cache
def _options(target: type) -> list[Option]:
    return describe(target)


def explained(docstring: str) -> dict[str, tuple[tuple[str, ...], str]]:
    """Return what a docstring's sections "Parameters" or "Attributes" say: name -> names, text."""
    found = {}
    sections = re.split(r"^(\w[\w ]*)\n-{3,}\n", docstring, flags=re.MULTILINE)
    for title, body in zip(sections[1::2], sections[2::2], strict=True):
        if title not in ("Parameters", "Attributes"):
            continue
        for entry in re.finditer(r"^(\w[\w, ]*)\n((?:[ ]{4}.*\n?|\n)+)", body, flags=re.MULTILINE):
            names = tuple(entry[1].split(", "))
            text = " ".join(entry[2].split())
            found.update(dict.fromkeys(names, (names, text)))
    return found


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return inspect.Parameter.empty if field.default is dataclasses.MISSING else field.default


def _schema(hint: Any) -> dict[str, Any]:
    """Return the JSON Schema of a type hint: that of the type, then what its rules say."""
    if get_origin(hint) is Annotated:
        schema = _schema(hint.__origin__)
        for mark in hint.__metadata__:
            if isinstance(mark, Rule):
                _update(schema, mark.keywords)
        return schema
    origin, arguments = get_origin(hint) or hint, get_args(hint)
    plain = {int: "integer", float: "number", str: "string", bool: "boolean"}
    if origin in plain:
        return {"type": plain[origin]}
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin in (Union, types.UnionType):
        return _either([a for a in arguments if a is not types.NoneType], arguments)
    if origin in (tuple, list, collections.abc.Sequence):
        return {"type": "array", "items": _schema(arguments[0])}
    if origin in (dict, collections.abc.Mapping):
        return {"type": "object"}
    raise TypeError(f"no schema for {hint!r}")


def _either(kinds: list[Any], arguments: tuple[Any, ...]) -> dict[str, Any]:
    none = len(kinds) < len(arguments)
    if len(kinds) > 1:
        return {"anyOf": [_schema(k) for k in kinds] + [{"type": "null"}] * none}
    schema = _schema(kinds[0])
    if "enum" in schema:
        schema["enum"] += [None] * none
    elif none:
        schema["type"] = [schema["type"], "null"]
    return schema


def _update(schema: dict[str, Any], keywords: Mapping[str, Any]) -> None:
    for name, value in keywords.items():
        value = value() if callable(value) else value
        if name == "items":
            schema["items"] = {**schema.get("items", {}), **value}
        else:
            schema[name] = value


def _allowed(schema: Mapping[str, Any]) -> str:
    if "allowed" in schema:
        return str(schema["allowed"])
    return " or ".join(map(str, schema["enum"])) if "enum" in schema else str(schema["type"])


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: tuples as lists, numbers of numpy as numbers."""
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    return value.item() if hasattr(value, "item") else value
