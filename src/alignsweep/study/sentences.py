"""What is wrong with a configuration, in one sentence each: the key, the value, what is allowed."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError

#: Numbers beyond it are no numbers of anything: sizes made of them would overflow.
MOST = 10**11


def _is_integer(checker: Any, value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MOST


def _is_number(checker: Any, value: Any) -> bool:
    return _is_integer(checker, value) or (isinstance(value, float) and math.isfinite(value))


# JSON takes 5.0 for an integer, and YAML has infinity and not-a-number: here they are mistakes.
_Validator = validators.extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many(
        {"integer": _is_integer, "number": _is_number}
    ),
)


def mistakes(value: Any, schema: Mapping[str, Any], place: Sequence[str] = ()) -> list[str]:
    """Return what is wrong with a part of a configuration, by its schema.

    Parameters
    ----------
    value, schema
        The part and its JSON Schema; ``allowed`` there is the wording of the sentence.
    place
        Keys that lead to the part.
    """
    errors = sorted(_Validator(schema).iter_errors(value), key=lambda e: e.json_path)
    # what a value lacks is said where nothing else is wrong with it
    wrong_at = {e.json_path.split("[")[0] for e in errors if e.validator != "contains"}
    errors = [e for e in errors if e.validator != "contains" or e.json_path not in wrong_at]
    return list(dict.fromkeys(s for e in errors for s in _sentences(e, place)))


def wrong(place: Sequence[str | int], value: Any, allowed: str, hint: str = "") -> str:
    """Say that a value is not allowed."""
    return f"config: {key(place) or 'the file'} is {show(value)}{hint}; allowed: {allowed}."


def key(place: Sequence[str | int]) -> str:
    """Write the keys that lead to a place: ``datasets.mine.pairs[0]``."""
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in place).lstrip(".")


def show(value: Any) -> str:
    """Write a value as it stands in the file, shortened."""
    text = json.dumps(value, default=str)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _sentences(error: ValidationError, above: Sequence[str]) -> Iterator[str]:
    place = [*above, *error.absolute_path]
    value, limit = error.instance, error.validator_value
    if error.validator == "additionalProperties":
        allowed = ", ".join(error.schema["properties"])
        for unknown in sorted(set(value) - set(error.schema["properties"])):
            yield (
                f"config: {key([*place, unknown])} is not a key (its value is "
                f"{show(value[unknown])}); allowed: {allowed}."
            )
    elif error.validator == "required":
        missing = ", ".join(key([*place, k]) for k in limit if k not in value)
        yield f"config: {missing} is missing; allowed: an entry that gives {' and '.join(limit)}."
    elif error.validator == "contains":
        lacking = show(limit["const"])
        yield (
            f"config: {key(place)} is {show(value)}, without {lacking}; allowed: {_allowed(error)}."
        )
    else:
        scientific = isinstance(value, str) and re.fullmatch(r"[0-9]+e-?[0-9]+", value)
        text_for_number = scientific and error.schema.get("type") == "number"
        hint = " (YAML reads 1e-9 as text: write 1.0e-9)" if text_for_number else ""
        if isinstance(value, int) and abs(value) > MOST:
            hint = f" (beyond {MOST})"
        yield wrong(place, value, _allowed(error), hint)


def _allowed(error: ValidationError) -> str:
    """Say what a value may be: in the schema's own words ("allowed"), or from the rule broken."""
    schema = error.schema
    if "allowed" in schema:
        return str(schema["allowed"])
    if "enum" in schema:
        return "one of " + ", ".join(map(show, schema["enum"]))
    rules = {
        "type": lambda v: " or ".join(
            f"a value of type {t}" for t in ([v] if isinstance(v, str) else v)
        ),
        "const": show,
        "minimum": lambda v: f"at least {v}",
        "exclusiveMinimum": lambda v: f"above {v}",
        "maximum": lambda v: f"at most {v}",
        "minItems": lambda v: f"at least {v} entries",
        "minProperties": lambda v: f"at least {v} entries",
        "uniqueItems": lambda v: "entries that all differ",
        "pattern": lambda v: f"text that matches {v}",
    }
    parts = [rule(schema[name]) for name, rule in rules.items() if name in schema]
    return ", ".join(parts) or str(error.message)
