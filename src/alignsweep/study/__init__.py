"""A study: its configuration checked, its defaults filled in, its datasets and jobs named.

Needs nothing heavier than jsonschema, because the workflow reads it before every job; only a study
with `extensions` imports what it extends.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from pathlib import Path
from typing import Any

from alignsweep.data.checks import CHECKS
from alignsweep.study.layers import chosen, defaults, layers, plain, switched
from alignsweep.study.reading import keys_not_text, read
from alignsweep.study.sentences import mistakes, wrong

__all__ = [
    "ConfigError",
    "check_files",
    "modalities",
    "read",
    "resolve",
    "seed_blocks",
    "seeds_of",
    "uses",
]

Config = Mapping[str, Any]

#: What can be said of every dataset, and changed for the datasets of a source.
BLOCKS = (
    *("encoder", "encoders", "alignments"),
    *("training", "probe", "metrics", "information", "adaptive"),
)
_OPTIONS = {"type": "object", "allowed": "options, by name"}
_SWITCHED = {"type": ["object", "boolean"], "allowed": "options, by name, or true or false"}
_BLOCK_SCHEMAS = dict.fromkeys(BLOCKS, _OPTIONS) | {"information": _SWITCHED}


class ConfigError(ValueError):
    """A configuration that cannot be run; one sentence per mistake."""


def resolve(config: Config, schema: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Check a configuration and fill in what it leaves out.

    Parameters
    ----------
    config
        The configuration as read from YAML.
    schema
        As `schema.build` makes it; by default the one stored with the package, or, with
        `extensions`, one made anew.

    Returns
    -------
    dict
        The study: its top-level keys (``alignments`` as names), and under ``datasets`` one entry
        per *dataset* (a source times one of its variants), complete: ``source``, ``kind``,
        ``options`` for the function that makes it, ``encoder`` (modality -> its encoder),
        ``alignments`` (name -> objective and options), ``training``, ``probe``, ``metrics``,
        ``adaptive``, and ``information``, None if it is off. ``added``: registry -> entry -> the
        extension that added it.

    Raises
    ------
    ConfigError
        One sentence per mistake, naming the key, the value and what is allowed.
    """
    _stop(list(keys_not_text(config)))
    added = _extended(config)
    if schema is None:
        schema = _built() if added else stored()
    top = schema["study"]
    known = {k: _BLOCK_SCHEMAS[k] for k in BLOCKS if k not in top["properties"]}
    _stop(mistakes(config, {**top, "properties": top["properties"] | known}))
    study = defaults(top) | {k: v for k, v in config.items() if k not in BLOCKS}
    study["alignments"] = list(config.get("alignments", defaults(top)["alignments"]))
    errors: list[str] = []
    datasets: dict[str, Any] = {}
    for source, entry in config["datasets"].items():
        for name, dataset in _datasets(source, entry, config, schema, errors):
            if name in datasets:
                errors.append(
                    f"config: datasets.{source} and datasets.{datasets[name]['source']} both make "
                    f"a dataset called {name}; allowed: sources whose datasets differ in name."
                )
            datasets[name] = dataset
    _check_modalities(config, datasets, errors)
    _stop(errors)
    return study | {"datasets": datasets, "added": added}


def check_files(paths: Sequence[str | Path]) -> None:
    """Check what only the files of a configuration show, before they are merged.

    Raises
    ------
    ConfigError
        If there are several, a key stands twice, or a file is not YAML.
    """
    if len(paths) > 1:
        given = ", ".join(map(str, paths))
        raise ConfigError(
            f"config: --configfile gives {len(paths)} files ({given}); allowed: one, since a study "
            "is one whole file (name targets before --configfile, which takes all that follows)."
        )
    for path in paths:
        try:
            read(path)
        except ValueError as error:
            raise ConfigError(f"config: {error}.") from None


def uses(
    study: Config, registries: Sequence[str], dataset: str = "", figure: str = "", **others: str
) -> list[tuple[str, str]]:
    """Return the entries of these registries that a dataset, or a figure, uses."""
    own = study["datasets"].get(dataset, {})
    names = {
        "datasets": {own.get("kind", "")},
        "encoders": {encoder["kind"] for encoder in own.get("encoder", {}).values()},
        "objectives": {a["objective"] for a in own.get("alignments", {}).values()},
        "probes": {own.get("probe", {}).get("kind", "")},
        "metrics": set(own.get("metrics", {}).get("names", [])),
        "figures": {figure},
    }
    return [(registry, name) for registry in registries for name in sorted(names[registry])]


def stored() -> dict[str, Any]:
    """Return the schema that comes with the package."""
    path = Path(__file__).with_name("schema.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def modalities(options: Config) -> list[str]:
    """Return the names of the modalities (a, b) of a dataset with these options."""
    return options["pair"].split("-") if "pair" in options else ["a", "b"]


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


def _datasets(
    source: str, entry: Config, config: Config, schema: Mapping[str, Any], errors: list[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the datasets of a source, by name, complete."""
    place, kinds = ("datasets", source), _kinds(schema, "datasets")
    kind = entry["kind"]
    if kind not in kinds:
        errors.append(wrong([*place, "kind"], kind, f"one of {', '.join(kinds)}"))
        return
    own = {k: v for k, v in entry.items() if k not in (*BLOCKS, "kind")}
    known = kinds[kind]
    blocks = {k: v for k, v in entry.items() if k in BLOCKS}
    found = mistakes(own, known, place) + mistakes(blocks, {"properties": _BLOCK_SCHEMAS}, place)
    if found:
        errors += found
        return
    options = defaults(known) | own
    if "modalities" in own:
        _complete_pairs(options, place, errors)
    if allowed := CHECKS.get(kind, lambda _: None)(options):
        errors.append(wrong(place, own, allowed))
        return
    _check_paths(options, known, place, errors)
    parts = (((), config), (place, entry))

    def block(name: str) -> Any:
        return layers(name, *parts)

    common = {
        "source": source,
        "kind": kind,
        "alignments": _alignments(config, entry, place, schema, errors),
        "training": plain(schema["training"], block("training"), errors),
        "probe": chosen(_kinds(schema, "probes"), "linear", block("probe"), errors),
        "metrics": plain(schema["metrics"], block("metrics"), errors),
        "information": switched(schema["information"], block("information"), errors),
        "adaptive": plain(schema["adaptive"], block("adaptive"), errors),
    }
    for variant, one in _variants(options, known):
        encoder = {}
        for modality in modalities(one):
            of_one = [
                layer
                for part_place, part in parts
                for layer in layers(modality, ((*part_place, "encoders"), part.get("encoders", {})))
            ]
            encoder[modality] = chosen(
                _kinds(schema, "encoders"), "mlp", block("encoder") + of_one, errors
            )
        name = f"{source}-{variant}" if variant else source
        _check_shared(source, common["alignments"], encoder, errors)
        yield name, {**common, "options": one, "encoder": encoder}


def _alignments(
    config: Config,
    entry: Config,
    place: tuple[str, ...],
    schema: Mapping[str, Any],
    errors: list[str],
) -> dict[str, Any]:
    """Return the alignments of the study, with the changes of a source."""
    listed = config.get("alignments", {"infonce": {}})
    changes = entry.get("alignments", {})
    for name in changes if isinstance(changes, dict) else ():
        if name not in listed:
            errors.append(
                f"config: datasets.{place[1]}.alignments.{name} changes no alignment of the study; "
                f"allowed: {', '.join(listed)}."
            )
    return {
        name: chosen(
            _kinds(schema, "objectives"),
            "infonce",
            layers(name, (("alignments",), listed), ((*place, "alignments"), changes)),
            errors,
            key="objective",
            common=schema["alignment"],
        )
        for name in listed
    }


def _check_shared(source: str, alignments: Config, encoder: Config, errors: list[str]) -> None:
    """Refuse to align more dimensions than an embedding of the source has."""
    narrower = min((e["width"] for e in encoder.values() if "width" in e), default=None)
    for alignment, options in alignments.items():
        shared = options.get("shared_width")
        if narrower is not None and isinstance(shared, int) and shared > narrower:
            allowed = f"up to {narrower}, the width of the narrower embedding of {source}"
            errors.append(wrong(["alignments", alignment, "shared_width"], shared, allowed))


def _variants(options: Config, schema: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Split the options of a source into those of its datasets, with the name of each.

    An option that is a list of variants (``x-each``) becomes one of its entries.
    """
    each = {k: s["x-each"] for k, s in schema["properties"].items() if "x-each" in s}
    named = {k: s["x-named"] for k, s in schema["properties"].items() if "x-named" in s}
    rest = {k: v for k, v in options.items() if k not in each}
    for values in product(*(options[k] for k in each)):
        one = dict(rest) | {o: v for (o, _), v in zip(each.values(), values, strict=True)}
        parts = [*each.values(), *named.items()]
        yield "-".join(p.format(one[o]) for o, p in parts if one[o] is not None), one


def _complete_pairs(options: dict[str, Any], place: tuple[str, ...], errors: list[str]) -> None:
    """Fill in all pairs of the modalities named, or refuse one that is none of them."""
    known = ["-".join(pair) for pair in combinations(options["modalities"], 2)]
    either = {*known, *("-".join(reversed(pair.split("-"))) for pair in known)}
    for i, pair in enumerate(options.setdefault("pairs", known)):
        if pair not in either:
            errors.append(wrong([*place, "pairs", i], pair, f"{', '.join(known)}, in either order"))


def _kinds(schema: Mapping[str, Any], registry: str) -> dict[str, Any]:
    """Return the entries of a registry in the schema: name -> schema of its options."""
    prefix = f"{registry}/"
    return {k.removeprefix(prefix): v for k, v in schema.items() if k.startswith(prefix)}


def _check_paths(
    options: Config, schema: Mapping[str, Any], place: tuple[str, ...], errors: list[str]
) -> None:
    """Refuse a file that is not there: with old results it would pass for up to date."""
    for key, value in options.items():
        own = schema["properties"].get(key, {})
        if own.get("format") == "path" and not Path(value).exists():
            errors.append(wrong([*place, key], value, f"{own['allowed']} that is there"))


def _check_modalities(config: Config, datasets: Config, errors: list[str]) -> None:
    """Refuse encoders of modalities that no dataset has."""
    known: dict[str, dict[str, None]] = {}
    for d in datasets.values():
        known.setdefault(d["source"], {}).update(dict.fromkeys(d["encoder"]))
    everywhere = {m: None for own in known.values() for m in own}
    places = [("", config, everywhere)]
    places += [
        (f"datasets.{k}.", entry, known[k]) for k, entry in config["datasets"].items() if k in known
    ]
    for prefix, part, allowed in places:
        for modality in part.get("encoders", {}):
            if modality not in allowed:
                errors.append(
                    f"config: {prefix}encoders.{modality} names no modality; "
                    f"allowed: {', '.join(allowed)}."
                )


def _extended(config: Config) -> dict[str, dict[str, Path]]:
    """Import the extensions of a study and return what each added."""
    paths = config.get("extensions") if isinstance(config, Mapping) else None
    if not isinstance(paths, list) or not all(isinstance(p, str) for p in paths) or not paths:
        return {}
    from alignsweep.study.registries import added_by

    try:
        return added_by(paths)
    except ValueError as error:
        raise ConfigError(f"config: extensions: {error}.") from error


def _built() -> dict[str, Any]:
    from alignsweep.study.schema import build  # imports everything that has options

    return build()


def _stop(errors: list[str]) -> None:
    if errors:
        raise ConfigError("\n".join(dict.fromkeys(errors)))
