import dataclasses
import importlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

import pytest

from alignsweep import code
from alignsweep.options import INTERNAL, Count, Each, Option, Widths, describe, explained, rule
from alignsweep.probe import PROBES
from alignsweep.selection.search import Search
from alignsweep.training.alignment import Alignment
from alignsweep.training.encoders import ENCODERS
from alignsweep.training.objectives import OBJECTIVES
from alignsweep.training.optimisation import Training

CHECKED = [
    *(Search, Alignment, Training),
    *(e for registry in (ENCODERS, OBJECTIVES, PROBES) for e in registry.values()),
]


@dataclass(frozen=True)
class Thing:
    """A thing.

    Attributes
    ----------
    count, other
        How many,
        and how many others.
    share
        A share.

        It has two paragraphs.
    widths
        Widths.
    name
        Its name.
    """

    count: Count
    share: float = 0.5
    widths: Widths = (3, 4)
    other: int | None = None
    hidden: Annotated[str, INTERNAL] = "unseen"
    name: str = field(default_factory=lambda: "made")


def test_the_options_of_a_dataclass():
    grouped = ("count", "other")
    assert describe(Thing) == [
        Option(
            "count",
            {"type": "integer", "minimum": 1, "allowed": "an integer of at least 1"},
            grouped,
            "How many, and how many others.",
        ),
        Option(
            "share",
            {"type": "number", "default": 0.5},
            ("share",),
            "A share. It has two paragraphs.",
        ),
        Option(
            "widths",
            {
                "type": "array",
                "items": {"type": "integer", "minimum": 1},
                "allowed": "a list of layer widths",
                "default": [3, 4],
            },
            ("widths",),
            "Widths.",
        ),
        Option(
            "other",
            {"type": ["integer", "null"], "default": None},
            grouped,
            "How many, and how many others.",
        ),
        Option("name", {"type": "string", "default": "made"}, ("name",), "Its name."),
    ]


def act(
    data: "NotDefined",  # noqa: F821
    position: int = 3,
    *,
    redundancy: Annotated[Count, Each("redundancies", "R{}")],
    pair: Annotated[Literal["x", "y"], Each("pairs", "{}")],
    letter: Annotated[str, Each("letters", "{}", "all")],
    mode: Literal["sign"] | Sequence[float] = "sign",
    maybe: Literal["x", "y"] | None = None,
    flag: bool = False,
    table: Mapping[str, int] | None = None,
    layers: Annotated[tuple[int, ...] | None, rule(items={"minimum": 1}, minItems=1)] = None,
    late: Annotated[str, rule(enum=lambda: ["p", "q"])] = "p",
) -> None:
    """Act.

    Parameters
    ----------
    data, position
        Not of the configuration.
    redundancy, pair, letter, mode, maybe, flag, table, layers, late
        Of it.
    """


def test_the_options_of_a_function_are_its_keyword_only_parameters():
    found = {o.name: o for o in describe(act)}
    assert {name: option.schema for name, option in found.items()} == {
        "redundancy": {
            "type": "array", "minItems": 1, "uniqueItems": True,
            "items": {"type": "integer", "minimum": 1, "allowed": "an integer of at least 1"},
            "allowed": "a list of different entries, each an integer of at least 1",
        },
        "pair": {
            "type": "array", "minItems": 1, "uniqueItems": True, "items": {"enum": ["x", "y"]},
            "allowed": "a list of different entries, each x or y",
        },
        "letter": {
            "type": "array", "minItems": 1, "uniqueItems": True, "items": {"type": "string"},
            "allowed": "a list of different entries, each string",
        },
        "mode": {
            "anyOf": [{"enum": ["sign"]}, {"type": "array", "items": {"type": "number"}}],
            "default": "sign",
        },
        "maybe": {"enum": ["x", "y", None], "default": None},
        "flag": {"type": "boolean", "default": False},
        "table": {"type": ["object", "null"], "default": None},
        "layers": {
            "type": ["array", "null"], "items": {"type": "integer", "minimum": 1}, "minItems": 1,
            "default": None,
        },
        "late": {"type": "string", "enum": ["p", "q"], "default": "p"},
    }  # fmt: skip
    assert [o.key for o in found.values()][:4] == ["redundancies", "pairs", "letters", "mode"]
    assert found["redundancy"].each == Each("redundancies", "R{}")
    assert [o.name for o in found.values() if o.required] == ["redundancy", "pair"]


@dataclass
class Silent:
    """A thing.

    Attributes
    ----------
    said
        What this is.
    """

    said: int = 0
    unsaid: int = 0


def test_an_option_that_the_docstring_does_not_explain_is_an_error():
    with pytest.raises(TypeError, match="docstring of Silent does not explain 'unsaid'"):
        describe(Silent)


def test_a_type_without_a_schema_is_an_error():
    def odd(*, x: complex = 0) -> None:
        """Do.

        Parameters
        ----------
        x
            It.
        """

    with pytest.raises(TypeError, match="no schema for <class 'complex'>"):
        describe(odd)


def test_only_options_are_explained():
    text = "Do.\n\nParameters\n----------\na, b\n    Both.\n\nReturns\n-------\nint\n    It."
    assert explained(text) == dict.fromkeys("ab", (("a", "b"), "Both."))
    assert explained("Do.") == {}


REGISTERED = [
    (registry, name, kind)
    for registry, entries in {
        "encoders": ENCODERS, "objectives": OBJECTIVES, "probes": PROBES,
    }.items()
    for name, kind in entries.items()
]  # fmt: skip


@pytest.mark.parametrize(("registry", "name", "kind"), REGISTERED)
def test_an_entry_of_a_registry_is_a_class_in_a_module_of_its_name(registry, name, kind):
    module = importlib.import_module(code.entry_module(registry, name))
    assert getattr(module, kind.__name__) is kind
    assert kind.__module__ == module.__name__


@pytest.mark.parametrize(("registry", "name", "kind"), REGISTERED)
def test_an_entry_of_a_registry_is_made_of_the_options_it_describes(registry, name, kind):
    assert dataclasses.is_dataclass(kind)
    made = kind()
    for option in dataclasses.fields(kind):
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(made, option.name, None)
    # as a configuration gives them: numbers, texts and lists
    defaults = {o.name: o.schema["default"] for o in describe(kind)}
    assert kind(**json.loads(json.dumps(defaults))) == made
    hash(made)


@pytest.mark.parametrize("made", CHECKED, ids=lambda made: made.__name__)
def test_a_value_that_a_study_may_not_give_is_refused_by_the_library_too(made):
    for option in describe(made):
        bad = -1 if {"minimum", "exclusiveMinimum"} & set(option.schema) else {"no": "value"}
        with pytest.raises(ValueError, match=rf"^{option.name}(\[0\])? is .*; allow") as error:
            made(**{option.name: bad})
        assert "\n" not in str(error.value)
