"""What tables hold: their columns, what may stand in them, and which rows a study asks for.

The name of a file says which table it is (`TABLES`); `checking` holds it against that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import inf
from pathlib import Path
from typing import Any

from alignsweep import damage, scores
from alignsweep.atoms import ATOMS
from alignsweep.feature_names import OF_MODALITY, OF_PAIR

TOTAL = "total"
SPLITS = ("train", "validation", "test")
VERDICTS = ("align", "regularises", "do not align", "no difference", "cannot be told")
INTERVALS = ("samples", "splits", "mixed", "crossed", "seeds")


@dataclass(frozen=True)
class Column:
    """What may stand in a column.

    Attributes
    ----------
    low, high
        Bounds of a number.
    among
        The texts allowed; none: any.
    text
        Whether it is text.
    empty
        Whether a value may be missing.
    """

    low: float = -inf
    high: float = inf
    among: tuple[str, ...] = ()
    text: bool = False
    empty: bool = False


NUMBER, MAYBE = Column(), Column(empty=True)
COUNT, SIZE, SHARE = Column(low=0), Column(low=0, empty=True), Column(0, 1, empty=True)
NAME, NAMED = Column(text=True), Column(text=True, empty=True)


def _one_of(*names: str) -> Column:
    return Column(text=True, among=names)


@dataclass(frozen=True)
class Asked:
    """What a study says of its tables.

    Attributes
    ----------
    modalities
        Dataset -> its two modalities.
    alignments, strengths, uses
        Their names.
    seeds
        How many, or which.
    searched
        Whether a search decides which strengths and seeds there are.
    metrics
        Alignment metrics; empty: any.
    """

    modalities: Mapping[str, Sequence[str]]
    alignments: Sequence[str]
    strengths: Sequence[str]
    uses: Sequence[str]
    seeds: int | Sequence[int]
    searched: bool = False
    metrics: Sequence[str] = ()

    def at(self, path: str | Path) -> Asked:
        """Return what is asked of a file in the folder of a cell, or of a dataset."""
        place = damage.place(path)
        own = place.get("dataset", Path(path).parent.name)
        kept = {own: self.modalities[own]} if own in self.modalities else self.modalities
        if "seeds" not in place:
            return replace(self, modalities=kept)
        first, last = map(int, place["seeds"].split("-"))
        return replace(
            self,
            modalities=kept,
            alignments=[place["alignment"]],
            strengths=[place["strength"]],
            seeds=range(first, last + 1),
        )

    def models(self, columns: Sequence[str]) -> set[tuple[Any, ...]] | None:
        """Return the values that these columns have together; None if a search decides."""
        seeds = range(self.seeds) if isinstance(self.seeds, int) else self.seeds
        known = {"alignment": self.alignments, "strength": self.strengths, "seed": seeds}
        if not {*columns} <= {*known} or (self.searched and "strength" in columns):
            return None
        return set(product(*(known[c] for c in columns)))


#: ``(what is asked, modalities (a, b), task) -> the rows of each model``
Rows = Callable[[Asked, Sequence[str], str], list[tuple[str, ...]]]


@dataclass(frozen=True)
class Table:
    """A kind of table.

    Attributes
    ----------
    columns
        Those it must have, and what may stand in them.
    of
        Columns that tell models, or alignments, apart within a dataset.
    by
        Columns that tell the rows of one of these apart: all have the same rows.
    rows
        What stands there, if the study says so.
    scored
        Columns in the unit of the row's ``metric``, and those that are changes of it.
    sparse
        Whether a dataset, or all, may have no rows.
    more
        Whether there may be more rows than `rows` says.
    """

    columns: Mapping[str, Column]
    of: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    rows: Rows | None = None
    scored: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    sparse: bool = False
    more: bool = False


def _modalities(use: str, pair: Sequence[str], means: bool) -> list[str]:
    a, b = pair
    ways = (f"{a}>{b}", f"{b}>{a}")
    own = {scores.UNIMODAL: (a, b), scores.FUSED: (f"{a}+{b}",)}.get(use, ways)
    mean = scores.together(use, own) if means else None
    return [*own, *([mean] if mean else [])]


def _of_uses(asked: Asked, pair: Sequence[str], task: str) -> list[tuple[str, ...]]:
    return [
        (use, modality, score.name)
        for use in asked.uses
        for modality in _modalities(use, pair, means=True)
        for score in scores.scores_of(use, task)
    ]


def _of_probe(asked: Asked, pair: Sequence[str], task: str) -> list[tuple[str, ...]]:
    return [
        (use, modality, split, score.name)
        for use in asked.uses
        for modality in _modalities(use, pair, means=False)
        for split in (SPLITS[1:] if use == scores.RETRIEVAL else SPLITS)
        for score in scores.scores_of(use, task)
    ]


def _of_baseline(asked: Asked, pair: Sequence[str], task: str) -> list[tuple[str, ...]]:
    metrics = [score.name for score in scores.OF_TASK[task]]
    return list(product((*pair, "+".join(pair)), SPLITS, metrics))


def _of_facts(asked: Asked, pair: Sequence[str], task: str) -> list[tuple[str, ...]]:
    sizes = [("+".join(pair), f"n_{split}") for split in SPLITS]
    return [*sizes, *((modality, "components") for modality in pair)]


def _of_features(asked: Asked, pair: Sequence[str], task: str) -> list[tuple[str, ...]]:
    return [*product(pair, OF_MODALITY), *product(["+".join(pair)], OF_PAIR)]


def _some(kind: Column, names: str) -> dict[str, Column]:
    return dict.fromkeys(names.split(), kind)


_DATASET = {"dataset": NAME}
_MODEL = {**_DATASET, "alignment": NAME, "strength": NAME, "seed": COUNT}
_SCORED = {
    **{"modality": NAME, "split": _one_of(*SPLITS), "metric": _one_of(*scores.SCORES)},
    **{"value": MAYBE, "n": COUNT},
}
_USE = {"use": _one_of(*scores.USES)}
_MODELS = ("alignment", "strength", "seed")
_CHANGES = "gain gain_low gain_high"
_SPREAD = {
    **_some(MAYBE, "seed_low seed_high"),
    **_some(SIZE, "sd_seed sd_test sd_data"),
    "interval": _one_of(*INTERVALS),
}

_PROBE = Table(
    {
        **_MODEL,
        **_SCORED,
        **_USE,
        **_some(MAYBE, "fixed_epochs task_loss_ratio"),
        **_some(COUNT, "epoch learning_rate weight_decay steps width shared_width"),
        "diverged_at": SIZE,
    },
    of=_MODELS,
    by=("use", "modality", "split", "metric"),
    rows=_of_probe,
    scored=(("value", "fixed_epochs"), ()),
)
_ALIGNMENT = Table(
    {**_MODEL, "split": _one_of("test"), "metric": NAME}
    | {"value": MAYBE, "chance": MAYBE, "n": COUNT, "diverged_at": SIZE},
    of=_MODELS,
    by=("metric",),
    rows=lambda asked, pair, task: [(name,) for name in asked.metrics],
)
_FACTS = Table(
    {**_DATASET, "modality": NAME, "fact": NAME, "value": NUMBER},
    by=("modality", "fact"),
    rows=_of_facts,
    more=True,
)

#: stem of a file's name -> what it must hold
TABLES = {
    "probe": _PROBE,
    "scores": _PROBE,
    "controls": replace(
        _PROBE,
        columns={"control": NAME, **_PROBE.columns},
        of=("control", *_MODELS),
        rows=None,
        sparse=True,
    ),
    "alignment": _ALIGNMENT,
    "history": Table(
        {**_MODEL, "epoch": COUNT, "loss": NAME, "value": MAYBE}, _MODELS, ("epoch", "loss")
    ),
    "baseline": Table(
        {**_DATASET, "seed": COUNT, **_SCORED, "penalty": COUNT},
        of=("seed",),
        by=("modality", "split", "metric"),
        rows=_of_baseline,
        scored=(("value",), ()),
    ),
    "facts": _FACTS,
    "datasets": _FACTS,
    "gains": Table(
        {
            **{**_DATASET, "alignment": NAME, "modality": NAME, "strength": NAME},
            **{"metric": _one_of(*scores.SCORES), **_USE, **_SPREAD},
            **_some(MAYBE, f"validation score score_low score_high {_CHANGES} gain_fixed_epochs"),
            **{"p_value": SHARE, "seeds": COUNT},
        },
        of=("alignment", "strength"),
        by=("use", "modality", "metric"),
        rows=_of_uses,
        scored=(("validation", "score"), ("gain", "gain_fixed_epochs")),
    ),
    "optimum": Table(
        {
            **{**_DATASET, "alignment": NAME, "modality": NAME},
            **{"metric": _one_of(*scores.SCORES), **_USE, **_SPREAD},
            **_some(NAMED, "optimum optimum_low optimum_high plateau best usual"),
            **_some(MAYBE, f"baseline score {_CHANGES} best_gain best_low best_high"),
            **_some(MAYBE, "usual_gain usual_low usual_high cost cost_low cost_high"),
            **_some(MAYBE, "gain_fixed_epochs fixed_low fixed_high"),
            **_some(MAYBE, "pairing_gain pairing_low pairing_high"),
            **_some(SIZE, "n_splits n_groups detectable margin epoch baseline_epoch"),
            **{"p_value": SHARE, "seeds": COUNT, "control": NAMED, "verdict": _one_of(*VERDICTS)},
        },
        of=("alignment",),
        by=("use", "modality", "metric"),
        rows=_of_uses,
        scored=(("baseline", "score"), ("gain", "best_gain", "usual_gain", "cost")),
    ),
    "uses": Table(
        {
            **{**_DATASET, **_USE, "modality": NAME, "metric": _one_of(*scores.HEADLINES)},
            **_some(NAMED, "alignment strength usual_alignment usual"),
            **_some(NAMED, "harmless_alignment harmless_strength"),
            **_some(MAYBE, f"baseline score {_CHANGES} cost cost_low cost_high"),
            **_some(MAYBE, "harmless_gain harmless_low harmless_high"),
            "seeds": COUNT,
        },
        by=("use", "modality"),
        rows=lambda asked, pair, task: list(
            dict.fromkeys(row[:2] for row in _of_uses(asked, pair, task))
        ),
        scored=(("baseline", "score"), ("gain", "cost", "harmless_gain")),
    ),
    "information": Table(
        {
            **{**_DATASET, "modality_a": NAME, "modality_b": NAME, "method": NAME},
            **{"atom": _one_of(*ATOMS, TOTAL), "bits": NUMBER, "corrected_bits": NUMBER},
            **_some(MAYBE, "null_bits low_bits high_bits null_low_bits null_high_bits"),
        },
        of=("method",),
        by=("atom",),
        rows=lambda asked, pair, task: [(atom,) for atom in (*ATOMS, TOTAL)],
        sparse=True,
    ),
    "features": Table(
        {
            **{**_DATASET, "modality": NAME, "feature": NAME, "value": NUMBER, "unit": NAME},
            **_some(MAYBE, "low high"),
        },
        by=("modality", "feature"),
        rows=_of_features,
    ),
    "predictions": Table(
        {
            **{**_DATASET, "alignment": NAME, "modality": NAME, "strength": NAME},
            **{**_some(MAYBE, "gain low high"), "loses": SHARE},
            **_some(NAMED, "because outside"),
        },
        by=("alignment", "modality", "strength"),
        sparse=True,
    ),
}
