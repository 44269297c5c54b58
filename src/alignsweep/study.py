"""A study: its configuration checked, its defaults filled in, its datasets and jobs named.

Needs nothing heavier than jsonschema, because the workflow reads it before every job.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError

Config = Mapping[str, Any]


def _is_integer(checker: Any, value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(checker: Any, value: Any) -> bool:
    return _is_integer(checker, value) or (isinstance(value, float) and math.isfinite(value))


# JSON takes 5.0 for an integer, and YAML has infinity and not-a-number: here they are mistakes.
_Validator = validators.extend(
    Draft202012Validator,
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine_many(
        {"integer": _is_integer, "number": _is_number}
    ),
)

#: Blocks that hold for every dataset and can be changed for one.
SHARED_BLOCKS = ("training", "probe", "alignment", "information", "adaptive")


class ConfigError(ValueError):
    """A configuration that cannot be run; one sentence per mistake."""


def resolve(config: Config, schema_path: str | Path) -> dict[str, Any]:
    """Check a configuration and fill in the defaults of its schema.

    Parameters
    ----------
    config
        The configuration as read from YAML.
    schema_path
        The JSON schema, in YAML. Its ``$defs`` has one entry per kind of dataset, per kind of
        encoder, and per shared block (`SHARED_BLOCKS`).

    Returns
    -------
    dict
        The study: its top-level keys, and under ``datasets`` one entry per *dataset* (a source
        times one of its variants), complete: ``source``, ``kind``, ``options`` for the function
        that makes it, ``encoder`` (modality -> its encoder), and the shared blocks with the
        changes of its source applied.

    Raises
    ------
    ConfigError
        One sentence per mistake, naming the key, the value and what is allowed.
    """
    schema = yaml.safe_load(Path(schema_path).read_text(encoding="utf-8"))
    errors = sorted(_Validator(schema).iter_errors(config), key=_path)
    if errors:
        raise ConfigError("\n".join(dict.fromkeys(s for e in errors for s in _sentences(e))))
    study = _defaults(schema) | dict(config)
    shared = {b: _defaults(schema["$defs"][b]) | config.get(b, {}) for b in SHARED_BLOCKS}
    datasets: dict[str, Any] = {}
    for source, entry in study["datasets"].items():
        options = _defaults(schema["$defs"][entry["kind"]]) | entry
        own = {b: shared[b] | options.pop(b, {}) for b in SHARED_BLOCKS}
        kind, *_ = (options.pop(k, None) for k in ("kind", "encoder", "encoders"))
        if kind == "files":
            options["pairs"] = _own_pairs(source, entry)
        for variant, one in _variants(options):
            datasets[f"{source}-{variant}"] = {
                "source": source,
                "kind": kind,
                "options": one,
                "encoder": {m: _encoder(schema, m, config, entry) for m in modalities(one)},
                **own,
            }
    _check_modalities(config, datasets)
    blocks = (*SHARED_BLOCKS, "encoder", "encoders")
    return {k: v for k, v in study.items() if k not in blocks} | {"datasets": datasets}


def modalities(options: Config) -> list[str]:
    """Return the names of the modalities (a, b) of a dataset with these options."""
    return options["pair"].split("-") if "pair" in options else ["a", "b"]


def _own_pairs(source: str, entry: Config) -> list[str]:
    """Return the pairs of a source of the user's own: those named, or all there are."""
    known = [f"{a}-{b}" for a, b in combinations(entry["modalities"], 2)]
    either = {*known, *("-".join(reversed(pair.split("-"))) for pair in known)}
    for i, pair in enumerate(entry.get("pairs", known)):
        if pair not in either:
            raise ConfigError(
                f"config: datasets.{source}.pairs[{i}] is {_show(pair)}; "
                f"allowed: {', '.join(known)}, in either order."
            )
    return list(entry.get("pairs", known))


def _encoder(schema: Config, modality: str, config: Config, entry: Config) -> dict[str, Any]:
    """Return the encoder of a modality; an entry changes the one before, or is of another kind."""
    found = _defaults(schema["$defs"]["mlp"])
    places = [part.get("encoder", {}) for part in (config, entry)]
    places += [part.get("encoders", {}).get(modality, {}) for part in (config, entry)]
    for changes in filter(None, places):
        kind = changes.get("kind", "mlp")
        found = (found if found["kind"] == kind else _defaults(schema["$defs"][kind])) | changes
    return found


def _check_modalities(config: Config, datasets: Config) -> None:
    """Refuse encoders of modalities that no dataset has."""
    known: dict[str, dict[str, None]] = {}
    for d in datasets.values():
        known.setdefault(d["source"], {}).update(dict.fromkeys(d["encoder"]))
    everywhere = {m: None for own in known.values() for m in own}
    places = [("", config, everywhere)]
    places += [(f"datasets.{k}.", entry, known[k]) for k, entry in config["datasets"].items()]
    for prefix, part, allowed in places:
        for modality in part.get("encoders", {}):
            if modality not in allowed:
                raise ConfigError(
                    f"config: {prefix}encoders.{modality} names no modality; "
                    f"allowed: {', '.join(allowed)}."
                )


def seed_blocks(seeds: int, seeds_per_job: int) -> list[str]:
    """Return the names of the seed blocks: 7 seeds, 5 per job -> ``["0-4", "5-6"]``."""
    starts = range(0, seeds, seeds_per_job)
    return [f"{start}-{min(start + seeds_per_job, seeds) - 1}" for start in starts]


def seeds_of(block: str) -> range:
    """Return the seeds of a block: ``"5-6"`` -> ``range(5, 7)``; ValueError if it is empty."""
    first, last = map(int, block.split("-"))
    if last < first:
        raise ValueError(f"seed block is {block!r}; allowed: FIRST-LAST with LAST at least FIRST")
    return range(first, last + 1)


def _variants(options: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Split the options of a source into those of its datasets, with the name of each."""
    if "redundancy" in options:
        for redundancy in options["redundancy"]:
            yield f"R{redundancy}", options | {"redundancy": redundancy}
    else:
        rest = {k: v for k, v in options.items() if k != "pairs"}
        for pair in options["pairs"]:
            yield pair, rest | {"pair": pair}


def _defaults(schema: Config) -> dict[str, Any]:
    return {k: s["default"] for k, s in schema["properties"].items() if "default" in s}


def _path(error: ValidationError) -> str:
    return error.json_path


def _key(path: Sequence[str | int]) -> str:
    return "".join(f"[{p}]" if isinstance(p, int) else f".{p}" for p in path).lstrip(".")


def _sentences(error: ValidationError) -> Iterator[str]:
    """Say what is wrong: the key, the value, what is allowed."""
    key, value, limit = _key(list(error.absolute_path)), error.instance, error.validator_value
    if error.validator == "additionalProperties":
        allowed = ", ".join(error.schema["properties"])
        for unknown in sorted(set(value) - set(error.schema["properties"])):
            full = _key([*error.absolute_path, unknown])
            yield (
                f"config: {full} is not a key (its value is {_show(value[unknown])}); "
                f"allowed: {allowed}."
            )
        return
    if error.validator == "required":
        missing = ", ".join(_key([*error.absolute_path, k]) for k in limit if k not in value)
        yield f"config: {missing} is missing; allowed: an entry that gives {' and '.join(limit)}."
        return
    if error.validator == "contains":
        lacking = _show(limit["const"])
        yield f"config: {key} is {_show(value)}, without {lacking}; allowed: {_allowed(error)}."
        return
    hint = ""
    if (
        error.schema.get("type") == "number"
        and isinstance(value, str)
        and re.fullmatch(r"[0-9]+e-?[0-9]+", value)
    ):
        hint = " (YAML reads 1e-9 as text: write 1.0e-9)"
    yield f"config: {key or 'the file'} is {_show(value)}{hint}; allowed: {_allowed(error)}."


def _allowed(error: ValidationError) -> str:
    """Say what a value may be: in the schema's own words ("allowed"), or from the rule broken."""
    schema = error.schema
    if "allowed" in schema:
        return str(schema["allowed"])
    rules = {
        "type": lambda v: " or ".join(
            f"a value of type {t}" for t in ([v] if isinstance(v, str) else v)
        ),
        "enum": lambda v: "one of " + ", ".join(map(_show, v)),
        "const": _show,
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


def _show(value: Any) -> str:
    text = json.dumps(value, default=str)
    return text if len(text) <= 80 else f"{text[:77]}..."
