"""A draw of the data for every seed: a split of its own, a choice, or new samples.

What is learnt from one split of one sample does not hold for the next. So wherever the split is
ours, every seed has a split of its own; where the distribution is known, samples of its own; and
intervals over seeds are intervals for new data. A split that is given with the data stays.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from alignsweep import seeds
from alignsweep.data.scaling import Standardised, standardise

if TYPE_CHECKING:
    from alignsweep.data.store import Pairs

Codes = NDArray[np.int8]

#: Inputs of a modality up to this size are standardised at once, larger ones as they are read.
HELD_BYTES = 32 * 1024**2
#: Attempts to draw a split of groups in which no split lacks a class.
ATTEMPTS = 200


@dataclass(frozen=True)
class Resampling:
    """How the data of a seed are drawn from those of a dataset.

    Attributes
    ----------
    how
        ``"split"``: all samples are divided anew, within classes, groups kept whole; ``"choice"``:
        of each given part, some samples are chosen; ``"samples"``: the dataset is made anew.
    sizes
        Of train, validation and test: numbers of samples, or shares (below 1) of all; None is what
        is left. Not for ``"samples"``.
    seed
        The dataset's own seed: another one gives other draws.
    scaling
        Modality -> how its inputs are standardised by the training samples of each draw:
        ``"features"``, each by itself, or ``"values"``, all by one scale (pixels). Others are left
        as they are.
    make
        For ``"samples"``: the kind of dataset and its options.
    """

    how: Literal["split", "choice", "samples"]
    sizes: tuple[float | None, ...] = (None, None, None)
    seed: int = 0
    scaling: Mapping[str, str] = dataclasses.field(default_factory=dict)
    make: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def draw(self, pairs: Pairs, seed: int) -> Pairs:
        """Return the data of a seed; drawn once more, they are the same."""
        if self.how == "samples":
            return self._made_anew(pairs.name, seed)
        rng = seeds.generator(pairs.name, seed, seeds.SPLIT, self.seed)
        if self.how == "choice":
            chosen = np.sort(np.concatenate(
                [rng.permutation(pairs.rows(s))[: size and int(size)]
                 for s, size in zip(("train", "validation", "test"), self.sizes, strict=True)]
            ))  # fmt: skip
            codes = pairs.split[chosen]
        else:
            chosen = None
            codes = self._split(pairs, rng)
        return dataclasses.replace(
            pairs,
            inputs={m: self._scaled(m, x, chosen, pairs, codes) for m, x in pairs.inputs.items()},
            labels=_some(pairs.labels, chosen),
            split=codes,
            masks={m: _some(x, chosen) for m, x in pairs.masks.items()},
            groups=None if pairs.groups is None else _some(pairs.groups, chosen),
            resampling=None,
        )

    def _made_anew(self, name: str, seed: int) -> Pairs:
        from alignsweep.data.kinds import KINDS

        fixed = {"resample": "none", "draw": seed}
        return KINDS[self.make["kind"]](name, **{**self.make["options"], **fixed})

    def _split(self, pairs: Pairs, rng: np.random.Generator) -> Codes:
        classes = None if pairs.classes is None else pairs.labels
        _, validation, test = self.numbers(len(pairs.labels))
        if pairs.groups is None:
            return _within(classes, len(pairs.labels), validation, test, rng)
        for _ in range(ATTEMPTS):
            codes = _of_groups(pairs.groups, validation, test, rng)
            if _complete(codes, classes, pairs.classes or 1):
                return codes
        raise ValueError(
            f"{pairs.name}: of {ATTEMPTS} splits of its {len(np.unique(pairs.groups))} groups each "
            "lacked a class, or samples, in train, validation or test; needed: more groups, or "
            "groups with several classes"
        )

    def numbers(self, n: int) -> tuple[int, int, int]:
        """Return the sizes of train, validation and test of n samples (of groups, about)."""
        known = [
            None if size is None else round(size * n) if size < 1 else int(size)
            for size in self.sizes
        ]
        left = n - sum(size for size in known if size is not None)
        train, validation, test = (left if size is None else size for size in known)
        return train, validation, test

    def _scaled(
        self,
        modality: str,
        x: Any,
        chosen: NDArray[np.intp] | None,
        pairs: Pairs,
        codes: Codes,
    ) -> NDArray[Any] | Standardised:
        own, how = _some(x, chosen), self.scaling.get(modality)
        if how is None:
            return own
        mask = pairs.masks.get(modality)
        there, at_once = None if mask is None else _some(mask, chosen), how == "values"
        if own.nbytes > HELD_BYTES:
            return Standardised(own, codes == 0, there, at_once=at_once)
        own = own.copy() if chosen is None else own
        standardise(own.reshape(len(own), -1, 1) if at_once else own, codes == 0, there)
        return own


def made_by(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what makes a dataset anew: its kind, and the options among a loader's local names."""
    left_out = ("name", "resample", "draw")
    return {"kind": kind, "options": {k: v for k, v in given.items() if k not in left_out}}


def drawn(pairs: Pairs, resampling: Resampling, resample: str) -> Pairs:
    """Return a dataset whose seeds have draws of their own; or, if not, its draw of seed 0.

    Parameters
    ----------
    pairs
        All samples; their split counts for ``"choice"`` alone.
    resampling
        How draws are made.
    resample
        What was asked for, ``"none"`` or the other.
    """
    first = resampling.draw(pairs, 0)
    if resample == "none":
        return first
    split = pairs.split if resampling.how == "choice" else first.split
    return dataclasses.replace(pairs, split=split, resampling=resampling)


def _some(x: NDArray[Any], rows: NDArray[np.intp] | None) -> NDArray[Any]:
    return x if rows is None else x[rows]


def stratified(
    classes: NDArray[Any] | None, n: int, size: int, rng: np.random.Generator
) -> NDArray[np.intp]:
    """Return positions of a random sample of at most `size` out of n, in a random order.

    With `classes` ``(n,)``, every class has at least one sample, if there are not more classes than
    `size`; and its share, to less than one sample, if rare classes leave enough for that.
    """
    order = rng.permutation(n)
    if classes is None or size >= n:
        return order[:size]
    _, member, counts = np.unique(classes[order], return_inverse=True, return_counts=True)
    by_class = np.argsort(member, kind="stable")
    place = np.empty(n)
    place[by_class] = np.arange(n) - np.repeat(np.cumsum(counts) - counts, counts)
    # By how much a class is above its share once it has this sample. The first of every class come
    # first; then, what is below or least above (the method of largest remainders).
    above = np.where(place == 0, -np.inf, place + 1 - (size * counts / n)[member])
    return order[np.sort(np.argsort(above, kind="stable")[:size])]


def _within(
    classes: NDArray[Any] | None, n: int, validation: int, test: int, rng: np.random.Generator
) -> Codes:
    """Draw a split of n samples within classes."""
    codes = np.zeros(n, dtype=np.int8)
    for position, size in ((2, test), (1, validation)):
        left = np.flatnonzero(codes == 0)
        own = None if classes is None else classes[left]
        codes[left[stratified(own, len(left), size, rng)]] = position
    return codes


def _of_groups(groups: NDArray[Any], validation: int, test: int, rng: np.random.Generator) -> Codes:
    """Draw a split of whole groups: in random order, each where the middle of its samples falls."""
    _, member, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = rng.permutation(len(sizes))
    middle = np.cumsum(sizes[order]) - sizes[order] / 2
    of_group = np.zeros(len(sizes), dtype=np.int8)
    of_group[order] = np.where(middle < test, 2, np.where(middle < test + validation, 1, 0))
    return np.asarray(of_group[member.ravel()])


def _complete(codes: Codes, classes: NDArray[Any] | None, count: int) -> bool:
    """Whether every split has samples, of every one of so many classes."""
    strata = np.zeros(len(codes), dtype=np.intp) if classes is None else classes
    return len({*zip(codes.tolist(), strata.tolist(), strict=True)}) == 3 * count
