"""A study: its configuration checked, its defaults filled in, its datasets and jobs named.

Needs nothing heavier than jsonschema, because the workflow reads it before every job; only a study
with `extensions` imports what it extends.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product
from pathlib import Path
from typing import Any

from alignsweep.data.checks import CHECKS, MULTIVIEW, SHAPES
from alignsweep.shapes import MISFITS
from alignsweep.study import contents
from alignsweep.study.layers import chosen, defaults, layers, plain, switched
from alignsweep.study.limits import exceeded
from alignsweep.study.reading import keys_not_text, read
from alignsweep.study.sentences import mistakes, wrong

__all__ = [
    "ConfigError",
    "asked",
    "check_files",
    "entries",
    "modalities",
    "read",
    "resolve",
    "seed_blocks",
    "seeds_of",
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
    _check_mirror(study["data_mirror"], datasets, errors)
    _stop(errors)
    _stop(list(exceeded(study, datasets)))
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


def entries(
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


def asked(study: Config, datasets: Iterable[str], metrics: bool = False) -> dict[str, Any]:
    """Return what tables of these datasets must hold, as for `columns.Asked`.

    With `metrics`, also the alignment metrics of the first of them.
    """
    own = {name: study["datasets"][name] for name in datasets}
    return {
        "modalities": {name: list(dataset["encoder"]) for name, dataset in own.items()},
        "alignments": list(study["alignments"]),
        "strengths": list(study["strengths"]),
        "uses": list(study["uses"]),
        "seeds": study["seeds"],
        "searched": study["search"] == "adaptive",
        "metrics": next(iter(own.values()))["metrics"]["names"] if metrics and own else [],
    }


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
    named = MULTIVIEW[own["set"]].views if kind == "multiview" else own.get("modalities")
    if named:
        _complete_pairs(options, named, place, errors)
    if allowed := CHECKS.get(kind, lambda _: None)(options):
        errors.append(wrong(place, own, allowed))
        return
    if not _check_paths(options, known, place, errors):
        return
    if kind == "files":
        errors += contents.unknown_keys(options, place)
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
        errors += [] if errors else _misfits(name, kind, one, encoder)
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


def _misfits(name: str, kind: str, options: Config, encoder: Config) -> Iterator[str]:
    """Yield a sentence per encoder that does not fit the inputs of a dataset."""
    fitting = {modality: e for modality, e in encoder.items() if e["kind"] in MISFITS}
    if not fitting:
        return
    known = (
        contents.shapes(options)
        if kind == "files"
        else SHAPES[kind](options)
        if kind in SHAPES
        else {}
    )
    said: dict[tuple[Any, ...], str] = {}
    for modality, e in fitting.items():
        found = MISFITS[e["kind"]](e, known[modality]) if modality in known else None
        if found:
            place = f"{found.option} of the encoder of {modality} in {name}"
            value = e[found.option]
            said.setdefault((*found, value), wrong([place], value, found.allowed))
    yield from said.values()


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


def _complete_pairs(
    options: dict[str, Any], named: Iterable[str], place: tuple[str, ...], errors: list[str]
) -> None:
    """Fill in all pairs of the modalities named, or refuse one that is none of them."""
    known = ["-".join(pair) for pair in combinations(named, 2)]
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
) -> bool:
    """Refuse a file that is not there: with old results it would pass for up to date."""
    absent = [
        wrong([*place, key], options[key], f"{own['allowed']} that is there")
        for key, own in schema["properties"].items()
        if own.get("format") == "path" and key in options and not Path(options[key]).exists()
    ]
    errors += absent
    return not absent


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


def _check_mirror(mirror: str | None, datasets: Config, errors: list[str]) -> None:
    """Refuse a folder of downloads that is not there, if there is something to download."""
    if mirror is None or mirror.startswith(("http://", "https://")) or Path(mirror).is_dir():
        return
    from alignsweep.data.resources import needed  # here alone: a job that checks options needs none

    if any(needed(d["kind"], d["options"]) for d in datasets.values()):
        allowed = "a folder that is there, or a URL that starts with http:// or https://"
        errors.append(wrong(["data_mirror"], mirror, allowed))


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
