"""What is in a file of a user's own, what would be guessed, and the configuration to write."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from alignsweep.data import files
from alignsweep.data import labels as labels_of
from alignsweep.data.labels import Labels
from alignsweep.data.modalities import MASKS
from alignsweep.data.readers import stems
from alignsweep.data.readers.columns import Columns
from alignsweep.data.readers.source import Form
from alignsweep.data.store import SPLITS
from alignsweep.scores import OF_TASK

#: Usual names, in the order in which they are tried.
LABELS = ("label", "labels", "y", "target", "targets", "class", "classes", "category")
SPLIT_KEYS = ("split", "splits", "partition", "subset", "fold", "part", "set")
GROUPS = ("group", "groups", "speaker", "subject", "patient", "participant", "video", "session")
_MOST_ENTRIES, _MOST_UNFIT = 40, 3


class Entry(NamedTuple):
    """An array of a file: its key, its form, and of a table how many columns it stands in."""

    key: str
    form: Form
    columns: int = 1

    def __str__(self) -> str:
        """Write key, shape and type."""
        shape = ", ".join("?" if n is None else str(n) for n in self.form.shape)
        comma = "," if len(self.form.shape) == 1 else ""
        said = f"{self.key}  ({shape}{comma}) {self.form.dtype}"
        return f"{said}, in {self.columns} columns" if self.columns > 1 else said


@dataclass(frozen=True)
class Inspection:
    """What is known of a file before a study is written.

    Attributes
    ----------
    path
        The file.
    entries
        Its arrays; numbered columns of a table are one.
    modalities
        Name -> the entry taken for it.
    label, labels
        Key of the labels and what they are taken for; None if there are none.
    metric
        By which encoders are compared; empty without labels.
    counts
        Samples by class; none for numbers.
    split, splits
        Key of a given split, None if it is drawn; samples by split.
    group, groups
        Key of groups, None if samples are independent; how many groups.
    masks
        Modality -> key of its mask or lengths.
    warnings
        What stands in the way, and what may mislead, in sentences.
    """

    path: Path
    entries: tuple[Entry, ...]
    modalities: Mapping[str, Entry]
    label: str | None
    labels: Labels | None
    metric: str
    counts: Mapping[str, int]
    split: str | None
    splits: Mapping[str, int]
    group: str | None
    groups: int
    masks: Mapping[str, str]
    warnings: tuple[str, ...]

    @property
    def yaml(self) -> str:
        """The lines to write under ``datasets`` of a study."""
        import yaml

        plain = all(name == entry.key for name, entry in self.modalities.items())
        keys = {name: entry.key for name, entry in self.modalities.items()}
        own = {
            "kind": "files",
            "path": str(self.path),
            "modalities": [*keys] if plain else keys,
            "label": self.label or "FILL IN",
            "task": self.labels.task if self.labels else None,
            "split": self.split,
            "group": self.group,
            "masks": dict(self.masks) or None,
        }
        kept = {key: value for key, value in own.items() if value is not None}
        name = re.sub(r"[^A-Za-z0-9_]", "_", self.path.name.split(".")[0]) or "own"
        written = yaml.safe_dump({name: kept}, sort_keys=False, default_flow_style=None)
        return f"datasets:\n{''.join(f'  {line}' for line in written.splitlines(keepends=True))}"

    @property
    def task(self) -> str:
        """What the labels are taken for, in words."""
        if self.labels is None:
            return "none found"
        how = ", by a guess: `task` says it for sure" if self.labels.guessed else ""
        return f"{self.label}: {self.labels.describe()}; scored by {self.metric}{how}"

    def __str__(self) -> str:
        """Write all of it for a terminal."""
        return "\n".join([*self._lines(), "", self.yaml.rstrip()])

    def _lines(self) -> Iterator[str]:
        yield f"{self.path}"
        yield from (f"  {entry}" for entry in self.entries[:_MOST_ENTRIES])
        if len(self.entries) > _MOST_ENTRIES:
            yield f"  ... and {len(self.entries) - _MOST_ENTRIES} more"
        yield ""
        yield f"modalities: {', '.join(self.modalities) or 'none found'}"
        yield f"label: {self.task}"
        if self.labels:
            counts = [f"{name} {count}" for name, count in list(self.counts.items())[:20]]
            if counts:
                more = ", ..." if len(self.counts) > len(counts) else ""
                yield f"  samples by class: {', '.join(counts)}{more}"
        sizes = ", ".join(f"{name} {size}" for name, size in self.splits.items())
        yield f"split: {self.split or 'drawn'}{f' ({sizes})' if sizes else ''}"
        yield f"groups: {f'{self.group} ({self.groups})' if self.group else 'none'}"
        yield from (f"warning: {said}" for said in self.warnings)


def inspect(
    path: str | Path,
    *,
    modalities: Mapping[str, str] | Sequence[str] | None = None,
    label: str | None = None,
    split: str | None = None,
    group: str | None = None,
    task: str | None = None,
    masks: Mapping[str, str] | None = None,
    guess: bool = True,
) -> Inspection:
    """Look into a file: what is there, and what a study would make of it.

    Shapes and types of all arrays are told from headers where the format has them; read are the
    labels, split, groups and modalities alone.

    Parameters
    ----------
    path
        A file, or a folder, as of ``kind: files``.
    modalities, label, split, group, task, masks
        As of ``kind: files``; what is None is guessed by names and shapes.
    guess
        Whether to guess; if not, label, split, group and masks that are None are none.

    Returns
    -------
    Inspection
        Whose text, ``str()``, is for a terminal. What cannot be guessed, or is refused, is among
        its warnings.

    Raises
    ------
    ValueError
        If the path cannot be read, or has not what is named.
    """
    file = Columns(path)
    entries = _entries(file)
    rows = Counter(e.form.shape[0] for e in entries if e.form.shape).most_common(1)
    n = rows[0][0] if rows else 0
    own = [e for e in entries if e.form.shape[:1] == (n,)]
    flat = [e for e in own if len(e.form.shape) == 1 or e.form.shape[1:] == (1,)]
    if guess:
        label = label or _named(LABELS, [e for e in own if len(e.form.shape) <= 2])
        label = label or _named(LABELS, entries)  # of another form: what reads it says so
        split = split or _split_of(file, flat)
        group = group or _group_of(file, flat, split)
    warnings: list[str] = []
    taken = {k for k in (label, split, group) if k}
    if modalities is None:
        named = _guessed(own, taken)
    else:
        keys = modalities if isinstance(modalities, Mapping) else {m: m for m in modalities}
        named = {name: _entry(file, key, entries, taken) for name, key in keys.items()}
    if masks is None:
        masks = {
            name: found
            for name, entry in named.items()
            if guess
            and len(entry.form.shape) == 3
            and (found := _named([f"{entry.key}_{end}" for end in MASKS], own))
        }
    named = {name: entry for name, entry in named.items() if entry.key not in masks.values()}
    if len(named) < 2:
        warnings.append(
            f"{len(named)} modalities were found, and a study needs two: name their keys"
        )
        unfit = _unfit(file, [e for e in entries if e not in named.values()], taken, n)
        warnings += islice(unfit, _MOST_UNFIT)
    if label is None:
        warnings.append(f"no label was found under {', '.join(LABELS)}: name its key")
    labels = None
    try:
        labels = labels_of.read(file, label, task) if label else None
    except ValueError as error:
        warnings.append(str(error))
    sizes: dict[str, int] = {}
    groups = 0
    if labels and len(named) > 1:
        options = {"label": label, "split": split, "group": group, "task": task, "masks": masks}
        sizes, groups = _loaded(path, named, warnings, **options)
    counts = np.bincount(labels.values).tolist() if labels and labels.classes else []
    return Inspection(
        path=Path(path),
        entries=tuple(entries),
        modalities=named,
        label=label,
        labels=labels,
        metric=OF_TASK[labels.task][0].name.replace("_", " ") if labels else "",
        counts=dict(zip(labels.names, counts, strict=True)) if labels else {},
        split=split,
        splits=sizes,
        group=group,
        groups=groups,
        masks=masks,
        warnings=tuple(dict.fromkeys(warnings)),
    )


def _entries(file: Columns) -> list[Entry]:
    """Return what is in a file, numbered columns of a table as one."""
    if not file.is_table:
        return [Entry(name, _form(file, name)) for name in file.names]
    stem_of = {
        name: (stem, columns)
        for stem, columns in stems.numbered(file.names).items()
        if len(columns) > 1 and stem
        for name in columns
    }
    found: dict[str, Entry] = {}
    for name in file.names:
        stem, columns = stem_of.get(name, (name, [name]))
        key = stem.rstrip(stems.SEPARATORS) or stem
        if len(columns) > 1 and key in file.names:
            key = stem  # a column has the shorter name
        if key not in found:
            form = _form(file, columns[0])
            shape = (*form.shape, len(columns)) if len(columns) > 1 else form.shape
            found[key] = Entry(key, Form(shape, form.dtype), len(columns))
    return list(found.values())


def _form(file: Columns, name: str) -> Form:
    try:
        return file.form(name)
    except ValueError:
        return Form((), "not readable")


def _named(names: Sequence[str], entries: Sequence[Entry]) -> str | None:
    """Return the key of the first entry of these names, in upper or lower case."""
    keys = {entry.key.lower(): entry.key for entry in reversed(entries)}
    return next((keys[name.lower()] for name in names if name.lower() in keys), None)


def _split_of(file: Columns, entries: Sequence[Entry]) -> str | None:
    """Return the key of a column that names splits, and them alone."""
    for name in SPLIT_KEYS:
        key = _named([name], entries)
        if key is None:
            continue
        try:
            files.given_split(file, key, file.get(key))
        except ValueError:
            continue
        return key
    return None


def _group_of(file: Columns, entries: Sequence[Entry], split: str | None) -> str | None:
    """Return the key of a column that can be groups: some rows share one, no two splits do."""
    for name in GROUPS:
        key = _named([name], entries)
        if key is None:
            continue
        try:
            members = labels_of.column(file, key, "group")
        except ValueError:
            continue
        distinct = np.unique(members)
        crossed = split and len(
            {(m, s) for m, s in zip(members.tolist(), file.get(split).tolist(), strict=False)}
        ) > len(distinct)
        if 2 < len(distinct) < len(members) and not crossed:
            return key
    return None


def _guessed(entries: Sequence[Entry], taken: Collection[str]) -> dict[str, Entry]:
    """Return what can be a modality: arrays of numbers that are not a single column."""
    found: dict[str, Entry] = {}
    for entry in entries:
        wide = any(length != 1 for length in entry.form.shape[1:])
        if wide and entry.key not in taken and entry.form.dtype not in ("text", "not readable"):
            name = re.sub(r"\W", "_", entry.key, flags=re.ASCII).strip("_") or "x"
            found[f"{name}_" if name in found or name == "both" else name] = entry
    return found


def _unfit(
    file: Columns, entries: Sequence[Entry], taken: Collection[str], n: int | None
) -> Iterator[str]:
    """Say why what may be meant as a modality cannot be one."""
    for entry in entries:
        words = entry.form.dtype == "text" and entry.columns == 1
        if entry.key in taken or words:
            continue
        if len(entry.form.shape) > 1 and entry.form.shape[0] != n:
            yield f"{entry} has other rows than the {n} of the most arrays"
            continue
        try:
            file.array(entry.key, taken)
        except ValueError as error:
            yield str(error)


def _entry(file: Columns, key: str, entries: Sequence[Entry], taken: Collection[str]) -> Entry:
    """Return the entry of a key that is given."""
    known = {entry.key: entry for entry in entries}
    if key in known:
        return known[key]
    names = file.columns(key, taken)
    form = file.form(names[0])
    shape = (*form.shape, len(names)) if len(names) > 1 else form.shape
    return Entry(key, Form(shape, form.dtype), len(names))


def _loaded(
    path: str | Path, named: Mapping[str, Entry], warnings: list[str], **options: Any
) -> tuple[dict[str, int], int]:
    """Load as a study would, and return sizes of splits and number of groups; collect warnings."""
    first, *others = named
    sizes: dict[str, int] = {}
    groups = 0
    for other in others:
        keys = {m: named[m].key for m in (first, other)}
        try:
            pairs = files.load(
                path=str(path), modalities=keys, pair=f"{first}-{other}", said=warnings, **options
            )
        except ValueError as error:
            warnings.append(str(error))
            continue
        sizes = {s: int((pairs.split == i).sum()) for i, s in enumerate(SPLITS)}
        groups = 0 if pairs.groups is None else len(np.unique(pairs.groups))
    return sizes, groups
