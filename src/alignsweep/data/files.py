"""Data of the user's own: one file with an array per modality, labels, and perhaps a split."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from alignsweep.data import labels as labels_of
from alignsweep.data import leaks
from alignsweep.data import modalities as modalities_of
from alignsweep.data.labels import Labels
from alignsweep.data.modalities import Modality
from alignsweep.data.readers.columns import Columns
from alignsweep.data.readers.source import SPLIT_NAMES
from alignsweep.data.resampling import Resampling, drawn
from alignsweep.data.scaling import standardise
from alignsweep.data.store import SPLITS, Pairs, fact, split_codes
from alignsweep.options import INTERNAL, Each, Key, Seed, Share, rule

logger = logging.getLogger(__name__)

Array = NDArray[Any]
#: As `group`: samples that are identical in a modality belong together.
DUPLICATES = "duplicates"

_NAME = r"^(?!both\Z)[A-Za-z0-9_]{1,80}\Z"


def load(
    name: str | None = None,
    *,
    path: Annotated[
        str,
        rule(
            minLength=1,
            format="path",
            allowed="a file .npz, .safetensors, .pt, .h5, .h5ad, .h5mu, .parquet, .csv or .tsv, or "
            "a folder of .parquet or .npy",
        ),
    ],
    modalities: Annotated[
        Mapping[str, str] | Sequence[str],
        rule(
            anyOf=[
                {
                    "type": "array",
                    "minItems": 2,
                    "uniqueItems": True,
                    "items": {"type": "string", "pattern": _NAME},
                },
                {
                    "type": "object",
                    "minProperties": 2,
                    "propertyNames": {"pattern": _NAME},
                    "additionalProperties": {"type": "string"},
                },
            ],
            allowed="at least two names of up to 80 letters, digits and '_' (not \"both\"), as a "
            "list of keys or each with its key",
        ),
    ],
    pair: Annotated[
        str, rule(allowed="a pair of modalities, such as image-text"), Each("pairs", "{}", "all")
    ],
    label: Annotated[str, rule(minLength=1, allowed="a key of the file")],
    task: Annotated[
        Literal["classification", "regression"] | None,
        rule(allowed="classification, regression, or null to be decided by the labels"),
    ] = None,
    split: Key = None,
    validation: Share = 0.2,
    test: Share = 0.2,
    resample: Literal["split", "none"] = "split",
    seed: Seed = 0,
    group: Key = None,
    masks: Annotated[
        Mapping[str, str | None] | None,
        rule(
            additionalProperties={"type": ["string", "null"]},
            allowed="modalities, each with a key of the file, or null",
        ),
    ] = None,
    said: Annotated[list[str] | None, INTERNAL] = None,
) -> Pairs:
    """Read two modalities of a file.

    Parameters
    ----------
    name
        Name of the dataset; by default that of the pair.
    path
        The file, or a folder of shards (``.parquet``) or arrays (``.npy``). Arrays by name:
        ``(n, features)``, sequences ``(n, steps, features)``, or images ``(n, height, width)`` of
        uint8, also with channels first or last. Tables: columns of numbers or of lists. What every
        format can is listed in [docs/formats.md](../docs/formats.md).
    modalities
        The keys, ``[image, text]``; or names with their keys, ``{image: clip_emb, text:
        bert_emb}``. In a table a key is a column, or what numbered columns (``image_0``,
        ``image_1``) have before the number; ``image_*`` is all that match, ``0-511`` columns named
        by these numbers.
    pair
        The two modalities, such as ``image-text``; in a configuration, by default all pairs.
    label
        Key of the labels ``(n,)``: text, integers, or numbers; or one-hot ``(n, classes)``.
    task
        ``classification``, ``regression``, or ``null``, a guess that the answer tells: text and
        booleans are classes, and so are two different values, whole numbers of at most 20
        different values, or numbered from 0 or 1 without a gap, each three times or more; all else
        are numbers.
    split
        Key of a given split: ``train``, ``validation``, ``test``. With ``null`` it is drawn.
    validation, test
        Shares of the samples in a split that is drawn, within classes if there are no groups.
    resample
        Of a split that is drawn: ``split``, every seed has one of its own, so that intervals hold
        for new samples; ``none``, all seeds share one.
    seed
        Seed of the draws.
    group
        Key of groups (speakers, patients, videos) that must not cross splits; ``duplicates``:
        samples that are identical in a modality belong together, such as captions of one image;
        ``null`` if there are none.
    masks
        Of sequences, by modality: the key of their lengths ``(n,)``, or of a mask ``(n, steps)``
        that is 1 where a step is there; ``null`` if every step is. A modality that is not named
        has padding where steps in front or behind are all zero.
    said
        A list, to which is appended what else is logged as a warning.

    Returns
    -------
    Pairs
        Inputs float32, standardised by the training split; classes numbered in sorted order. What
        was guessed, and what may mislead, is logged and among the facts.

    Raises
    ------
    ValueError
        If something is missing or does not fit; one sentence that names the file and the key.
    """
    file = Columns(path)
    keys = dict(modalities) if isinstance(modalities, Mapping) else {m: m for m in modalities}
    chosen = pair.split("-")
    unknown = [m for m in chosen if m not in keys]
    if unknown or len(chosen) != 2:
        raise ValueError(f"pair is {pair!r}; allowed: two of {', '.join(keys)}, joined by '-'")
    by_rows = group == DUPLICATES and group not in file.names
    special = [key for key in (label, split, None if by_rows else group) if key]
    own_masks = masks or {}
    if stray := [m for m in own_masks if m not in keys]:
        raise ValueError(f"{file.path}: masks of {stray[0]!r}; allowed: those of {', '.join(keys)}")
    # by default padding is looked for; a mask of null says that there is none
    mask = {m: own_masks.get(m) or (False if m in own_masks else None) for m in chosen}
    read = {m: modalities_of.read(file, m, keys[m], special, mask[m]) for m in chosen}
    _refuse_shared(file, read)
    found = labels_of.read(file, label, task)
    columns = {k: labels_of.column(file, k, w) for k, w in ((split, "split"), (group, "group"))
               if k in special}  # fmt: skip
    inputs = {m: own.inputs for m, own in read.items()}
    _same_length(file, inputs | {label: found.values} | columns, len(found.values))
    names = leaks.duplicate_groups([own.inputs for own in read.values()]) if by_rows else None
    names = columns[group] if group and not by_rows else names
    groups = None if names is None else np.unique(names, return_inverse=True)[1]
    given = given_split(file, split, columns[split]) if split else None
    scaling = {m: own.scaling for m, own in read.items()}
    resampling = Resampling("split", (None, validation, test), seed, scaling)
    sizes = resampling.numbers(len(found.values))
    _check_sizes(file, split, sizes if given is None else np.bincount(given, minlength=3).tolist())
    training = np.ones(len(found.values), dtype=np.bool_) if given is None else given == 0
    for own in read.values():
        modalities_of.refuse_constant(own.where, own.inputs[training], "the training split's")
    inputs = {m: own.float32() for m, own in read.items()}
    for m, x in inputs.items():
        flat = x.reshape(len(x), -1, 1) if scaling[m] == "values" else x
        standardise(flat, training, read[m].mask)
    pairs = Pairs(
        name=name or pair,
        inputs=inputs,
        labels=found.values,
        split=split_codes(*sizes) if given is None else given,
        classes=found.classes,
        masks={m: own.mask for m, own in read.items() if own.mask is not None},
        groups=None if groups is None else groups.astype(np.int64),
    )
    if given is None:
        try:
            pairs = drawn(pairs, resampling, resample)
        except ValueError as error:  # groups of which no split can be made
            raise ValueError(f"{file.path}: {error}") from error
    if names is not None:
        _check_groups(file, group, names, pairs.split)
    _check_labels(file, label, found, pairs.split, given is not None)
    facts, notes = _found(list(read.values()), found, pairs, given is None)
    notes += [] if split is None else _joined(split, columns[split])
    notes = [*file.notes, *notes]
    _log(file, label, found, notes if said is None else [])
    if said is not None:
        said += notes
    return dataclasses.replace(pairs, facts=facts)


def _log(file: Columns, label: str, labels: Labels, notes: Sequence[str]) -> None:
    logger.info("%s: %r: %s", file.path, label, labels.describe())
    if labels.names:
        names = labels.names[:50]
        logger.info("classes: %s", ", ".join(f"{i} {n}" for i, n in enumerate(names)))
    for note in notes:
        logger.warning("%s: %s", file.path, note)


def _found(
    read: Sequence[Modality], labels: Labels, pairs: Pairs, drawn_here: bool
) -> tuple[list[dict[str, object]], list[str]]:
    """Return what was guessed and what may mislead, as facts and as sentences."""
    pair, facts = "+".join(pairs.modalities), []
    if labels.guessed:
        facts.append(fact(pair, "task_guessed", 1))
    for own in read:
        if own.padding_guessed and own.mask is not None:
            padded = int((~own.mask.all(axis=1)).sum())
            facts.append(fact(own.name, "padded_samples", padded))
    found = list(leaks.find(read, labels, pairs.split, drawn_here))
    facts += [fact(leak.modality, leak.fact, leak.number) for leak in found]
    notes = [*labels.notes, *(note for own in read for note in own.notes)]
    return facts, [*notes, *(leak.sentence for leak in found)]


def _refuse_shared(file: Columns, read: Mapping[str, Modality]) -> None:
    """Refuse columns that belong to both modalities."""
    first, second = read.values()
    shared = sorted(set(first.columns) & set(second.columns))
    if shared:
        raise ValueError(
            f"{file.path}: column {shared[0]!r} belongs to {first.name} and to {second.name}; "
            "needed: each in one modality (give them other keys)"
        )


def _same_length(file: Columns, columns: Mapping[str, Array], n: int) -> None:
    """Refuse arrays of different numbers of rows; n is that of the labels."""
    (first, x), *rest = columns.items()
    for key, y in rest:
        if len(y) != len(x):
            turned = [
                f"{k}[0]" if len(own) == 1 else f"{k} transposed"
                for k, own in columns.items()
                if len(own) != n and own.shape[1:2] == (n,)
            ]
            remedy = f" (write {' and '.join(turned)})" if turned else ""
            raise ValueError(
                f"{file.path}: {first} has {len(x)} rows and {key} {len(y)}; needed: the same, one "
                f"row per sample{remedy}"
            )


def given_split(file: Columns, key: str, values: Array) -> NDArray[np.int8]:
    """Return positions in `SPLITS` of a split ``(n,)`` that is given by names."""
    texts = [str(v).strip().lower() for v in values]
    unknown = sorted({t for t in texts if t not in SPLIT_NAMES})
    if unknown:
        raise ValueError(
            f"{file.path}: split {key!r} has {', '.join(unknown[:5])}; allowed: "
            f"{', '.join(SPLIT_NAMES)}"
        )
    return np.array([SPLITS.index(SPLIT_NAMES[t]) for t in texts], dtype=np.int8)


def _joined(key: str, values: Array) -> Iterator[str]:
    """Say which names of a split mean the same one, such as ``dev`` and ``val``."""
    found = {str(v).strip().lower() for v in values}
    for split in SPLITS:
        own = sorted(name for name in found if SPLIT_NAMES[name] == split)
        if len(own) > 1:
            yield f"{' and '.join(own)} of {key!r} are one split, {split}"


def _check_sizes(file: Columns, key: str | None, sizes: Sequence[int]) -> None:
    for split, size in zip(SPLITS, sizes, strict=True):
        if size < 1:
            remedy = f"rows of it in {key!r}, or no `split`, to draw one" if key else "more samples"
            raise ValueError(f"{file.path}: no sample is left for {split}; needed: {remedy}")


def _check_groups(file: Columns, key: str | None, groups: Array, codes: Array) -> None:
    values, member = np.unique(groups, return_inverse=True)
    inside = np.zeros((len(values), len(SPLITS)), dtype=np.bool_)
    inside[member.ravel(), codes] = True
    for i in np.flatnonzero(inside.sum(axis=1) > 1)[:1]:
        where = " and ".join(s for s, own in zip(SPLITS, inside[i], strict=True) if own)
        what = (
            "a group of identical rows" if key == DUPLICATES else f"group {values[i]!s} ({key!r})"
        )
        raise ValueError(f"{file.path}: {what} is in {where}; needed: each in one split")


def _check_labels(file: Columns, key: str, labels: Labels, codes: Array, given: bool) -> None:
    """Every split needs samples of every class, and of different numbers."""
    for position, split in enumerate(SPLITS):
        own = np.unique(labels.values[codes == position])
        missing = sorted(set(range(len(labels.names))) - set(own.tolist()))
        if missing:
            name, total = labels.names[missing[0]], int((labels.values == missing[0]).sum())
            remedy = "another split" if given else "a larger share for it, or fewer classes"
            raise ValueError(
                f"{file.path}: class {name} of {key!r} ({total} samples) has no sample in {split}; "
                f"needed: all classes in every split ({remedy})"
            )
        if not labels.names and len(own) < 2:
            raise ValueError(
                f"{file.path}: labels {key!r} are {own[0]:g} in all rows of {split}; needed: "
                "different numbers in every split (a larger share for it, or another split)"
            )
