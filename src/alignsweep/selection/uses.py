"""What to align by and how strongly, use by use, over all alignments: the table ``uses.csv``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from alignsweep import scores as named
from alignsweep.selection.curve import BASELINE, Curve, Places, Samples, curves
from alignsweep.selection.design import Design
from alignsweep.selection.gains import interval
from alignsweep.selection.optimum import MARGIN
from alignsweep.selection.statistics import Mean, paired
from alignsweep.selection.winners import Choices


def uses(
    scores: pd.DataFrame,
    choices: Choices | None = None,
    *,
    samples: Samples | None = None,
    designs: Mapping[str, Design] | None = None,
    margin: float = MARGIN,
) -> pd.DataFrame:
    """Choose an alignment and its strength for every use, by its headline score.

    Chosen on validation; of choices that are as good for another use, within the margin, the one
    that is best for the encoders alone. The gain is cross-fitted over alignments and strengths
    together, or after a search that of the best of what was chosen, as in `optimum.recommend`.

    Parameters
    ----------
    scores, choices, samples, designs
        As for `optimum.recommend`.
    margin
        Differences up to this are of no weight, and no harm.

    Returns
    -------
    pandas.DataFrame
        Per dataset, use and modality (a pair ``a+b``, a direction ``a>b``, the mean of two) columns
        ``dataset, use, modality, metric``, the best ``alignment`` and ``strength``, the scores at
        strength 0 and there, ``baseline`` and ``score``, ``gain, gain_low, gain_high``, ``seeds``;
        ``usual_alignment``, the first of the study, and ``usual``, its strength nearest to 1, with
        ``cost, cost_low, cost_high``, what it loses against the best; and the best of what costs no
        encoder alone more than the margin on validation, ``harmless_alignment``,
        ``harmless_strength``, with ``harmless_gain, harmless_low, harmless_high`` (not after a
        search).
    """
    rows: list[dict[str, Any]] = []
    own = scores[scores["metric"].isin(named.HEADLINES)]
    found = list(curves(own, samples, designs))
    for dataset in dict.fromkeys(c.keys[0] for c in found):
        across = [_Across(group, choices) for group in _alike(found, dataset)]
        alone = [a for a in across if a.curve.use == named.UNIMODAL]
        rows += [a.row(alone, margin) for a in across]
    return pd.DataFrame(rows)


def _alike(found: Sequence[Curve], dataset: str) -> Iterator[list[Curve]]:
    """Yield the curves of each use and modality of a dataset, one per alignment."""
    alike: dict[tuple[str, str], list[Curve]] = {}
    for curve in found:
        if curve.keys[0] == dataset:
            alike.setdefault((curve.use, curve.keys[2]), []).append(curve)
    yield from alike.values()


class _Chosen(NamedTuple):
    """A choice among cells: its place, the seeds that judge it, and where each is judged."""

    place: int
    seeds: Places
    of_seed: Places


class _Across:
    """The curves of one use and modality, of all alignments, side by side."""

    def __init__(self, group: Sequence[Curve], choices: Choices | None) -> None:
        self.curve = side_by_side(group)
        self._group, self._choices = group, choices

    def row(self, alone: Sequence[_Across], margin: float) -> dict[str, Any]:
        """Return the row of the table, given the curves of the encoders alone."""
        curve, first = self.curve, self._group[0]
        everything = np.ones((1, len(curve.cells)), dtype=bool)
        prefer = None if curve.use == named.UNIMODAL or not alone else alone[-1].means
        best = self._best(everything, prefer, margin)
        harmless = None  # a search has not looked for it
        if self._choices is None:
            harmless = self._best(self._allowed(alone, margin), prefer, margin)
        usual = None if first.usual is None else first.strengths[first.usual]
        cost = paired(np.array([]))
        if best and usual:
            at = curve.cells.index((first.keys[1], usual))
            cost = curve.difference(best.seeds, best.of_seed, np.full(len(best.seeds), at))
        alignment, strength = curve.cells[best.place] if best else (None, None)
        dataset, _, modality, metric = curve.keys
        return {
            **{"dataset": dataset, "use": curve.use, "modality": modality, "metric": metric},
            **{"alignment": alignment, "strength": strength},
            "baseline": curve.score(0) if curve.seeds else np.nan,
            "score": curve.score(best.place) if best else np.nan,
            **interval("gain", self._gain(best)),
            "seeds": len(best.seeds) if best else 0,
            **{"usual_alignment": first.keys[1], "usual": usual},
            **interval("cost", cost),
            **dict(
                zip(
                    ("harmless_alignment", "harmless_strength"),
                    curve.cells[harmless.place] if harmless else (None, None),
                    strict=True,
                )
            ),
            **interval("harmless", self._gain(harmless), "harmless_gain"),
        }

    def _gain(self, chosen: _Chosen | None) -> Mean:
        if chosen is None:
            return paired(np.array([]))
        against = np.zeros(len(chosen.seeds), dtype=np.intp)
        return self.curve.difference(chosen.seeds, chosen.of_seed, against)

    @property
    def means(self) -> list[Any]:
        """Mean validation gains of the cells, by all seeds, and without each of them."""
        gain = self.curve.validation_gain
        return [_mean(part) for part in (gain, *(np.delete(gain, k, 0) for k in range(len(gain))))]

    def _best(self, allowed: Any, prefer: list[Any] | None, margin: float) -> _Chosen | None:
        """Return the best cell that is allowed, on validation; see `_allowed`.

        With `prefer`, gains like `means`, the one of these that is largest among the cells that are
        within the margin of the best. None where fewer than two seeds trained to the end at
        strength 0.
        """
        curve = self.curve
        if len(curve.seeds) < 2:
            return None
        if self._choices is not None:
            return self._of_search()
        eligible: Any = ~np.isnan(curve.validation_gain + curve.gain).any(axis=0)
        means = self.means
        wins = []
        for k, may in enumerate(np.broadcast_to(allowed, (len(means), len(eligible)))):
            value = np.where(eligible & may, means[k], -np.inf)
            if prefer is not None and len(prefer) == len(means):
                value = np.where(value >= value.max() - margin, prefer[k], -np.inf)
            wins.append(int(np.nan_to_num(value, nan=-np.inf).argmax()))
        return _Chosen(wins[0], np.arange(len(wins) - 1), np.array(wins[1:], dtype=np.intp))

    def _of_search(self) -> _Chosen:
        """Return the best, on the seeds that chose, of what the search chose for each alignment."""
        assert self._choices is not None
        curve, found = self.curve, []
        for own in self._group:
            choice = self._choices[own.keys[1]][curve.use][own.keys[2]]
            cell = (own.keys[1], choice.optimum)
            place = 0 if choice.optimum == BASELINE else curve.cells.index(cell)
            judges = np.flatnonzero(np.isin(curve.seeds, choice.seeds))
            gain = np.delete(curve.validation_gain[:, place], judges)
            known = gain[~np.isnan(gain)]  # a search may choose a strength that it has not tried
            found.append((float(known.mean()) if len(known) else 0.0, place, judges))
        _, place, judges = max(found, key=lambda f: f[0])
        return _Chosen(place, judges, np.full(len(judges), place))

    def _allowed(self, alone: Sequence[_Across], margin: float) -> Any:
        """Return which cells cost no encoder alone more than the margin, on validation.

        By all seeds; then without each of them.
        """
        single = [other for other in alone if other.curve.keys[2] != named.BOTH]
        allowed: Any = np.all([np.array(other.means) >= -margin for other in single], axis=0)
        allowed[:, 0] = True
        return allowed if len(allowed) == 1 + len(self.curve.seeds) else allowed[:1]


def _mean(gain: Any) -> Any:
    """Return the mean over seeds of what is known of each column."""
    known = ~np.isnan(gain)
    return np.where(known, gain, 0).sum(axis=0) / np.where(
        known.any(axis=0), known.sum(axis=0), np.nan
    )


def side_by_side(group: Sequence[Curve]) -> Curve:
    """Put curves of several alignments into one, whose places are (alignment, strength).

    Strength 0 is there once: for one seed its model is the same for all of them. (What is scored in
    untrained projections differs, by chance alone.)
    """
    first = group[0]
    seeds = tuple(sorted({k for curve in group for k in curve.seeds}))
    sides = []
    for side in ("validation", "test"):
        columns = []
        for curve in group:
            rows = np.searchsorted(seeds, curve.seeds)
            spread = np.full((len(seeds), len(curve.strengths)), np.nan)
            spread[rows] = getattr(curve, side)
            columns.append(spread)
        zero = np.full(len(seeds), np.nan)
        for own in columns:
            zero = np.where(np.isnan(zero), own[:, 0], zero)
        sides.append(np.hstack([zero[:, None], *(own[:, 1:] for own in columns)]))
    cells = [(c.keys[1], s) for c in group for s in c.strengths[1:]]
    cells.insert(0, (first.keys[1], BASELINE))
    return Curve(
        keys=first.keys,
        strengths=tuple(f"{alignment} {strength}" for alignment, strength in cells),
        seeds=seeds,
        validation=sides[0],
        test=sides[1],
        resolution=first.resolution,
        modalities=first.modalities,
        samples=first.samples,
        design=first.design,
        use=first.use,
        cells=tuple(cells),
    )
