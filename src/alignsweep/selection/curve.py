"""The scores of one modality side by side: seeds down, strengths across."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alignsweep.scores import HEADLINES, SCORES, UNIMODAL, together
from alignsweep.selection.design import Design
from alignsweep.selection.statistics import LEAST_SEEDS, Mean, judged, nearest, paired

Array = NDArray[np.float64]
Places = NDArray[np.intp]
#: (alignment, strength, seed, use, modality) -> the headline score of every test sample
Samples = Mapping[tuple[str, str, int, str, str], Array]

BASELINE = "0"
#: The strength that is used by habit.
USUAL = "1"

KEYS = ("dataset", "alignment", "modality", "metric")


@dataclass(frozen=True)
class Curve:
    """What is known of a score as a function of the strength.

    Attributes
    ----------
    keys
        Values of `KEYS`.
    strengths
        In increasing order; "0" is the first.
    seeds
        Seeds that trained to the end at strength 0: to it all others are compared.
    validation, test
        Scores ``(seeds, strengths)``; NaN where a model diverged, or was not trained.
    resolution
        The smallest step of the test score, see `statistics.paired`.
    modalities
        Names of the modalities whose mean it is: one, or both.
    samples
        Scores of the test samples; empty if they are not known, or the metric is another one.
    design
        What the seeds share.
    use
        What the score is for.
    cells
        (alignment, strength) of each of the `strengths`, which name it: for choices among several
        alignments. Empty: all are of the one in `keys`.
    """

    keys: tuple[str, ...]
    strengths: tuple[str, ...]
    seeds: tuple[int, ...]
    validation: Array
    test: Array
    resolution: float
    modalities: tuple[str, ...]
    samples: Samples
    design: Design
    use: str = UNIMODAL
    cells: tuple[tuple[str, str], ...] = ()

    @property
    def better(self) -> int:
        """1 if a larger score is better, else -1."""
        return SCORES[self.keys[-1]].sign

    @cached_property
    def gain(self) -> Array:
        """Test gain over strength 0, paired by seed; positive when better."""
        return self.better * (self.test - self.test[:, :1])

    @cached_property
    def validation_gain(self) -> Array:
        """The same on validation: what strengths are chosen by."""
        return self.better * (self.validation - self.validation[:, :1])

    @property
    def aligned(self) -> list[int]:
        """Positions of the strengths above 0."""
        return list(range(1, len(self.strengths)))

    @cached_property
    def usual(self) -> int | None:
        """Position of the strength above 0 that is nearest to the usual 1; None if there is none.

        Strengths that were tried with enough seeds for a verdict come first: a search may have left
        the nearest one aside.
        """
        counts = (~np.isnan(self.gain)).sum(axis=0)
        tried = [s for s in self.aligned if counts[s] >= LEAST_SEEDS] or [
            s for s in self.aligned if counts[s]
        ]
        if not tried:
            return None
        return self.strengths.index(nearest([self.strengths[s] for s in tried], USUAL))

    def mean_gain(self, strength: int) -> Mean:
        """Return the mean test gain of a strength."""
        if strength not in self._mean_gains:
            seeds = np.arange(len(self.seeds))
            places, zero = np.full(len(seeds), strength), np.zeros(len(seeds), np.intp)
            self._mean_gains[strength] = self.difference(seeds, places, zero)
        return self._mean_gains[strength]

    @cached_property
    def _mean_gains(self) -> dict[int, Mean]:
        return {}

    def difference(self, seeds: Places, places: Places, against: Places) -> Mean:
        """Return the mean difference of test scores, positive when better.

        Parameters
        ----------
        seeds
            Positions of the seeds; one that lacks a score is left out.
        places, against
            For each of them, positions of the strength and of the one it is compared with.
        """
        found = self.gain[seeds, places] - self.gain[seeds, against]
        known = ~np.isnan(found)
        kept = list(zip(seeds[known], places[known], against[known], strict=True))
        per_sample = [self._of_samples(k, p) - self._of_samples(k, q) for k, p, q in kept]
        if self.design.interval == "seeds" or any(len(d) == 0 for d in per_sample):
            return paired(found, self.resolution)
        scored = [~np.isnan(d) for d in per_sample]  # a sample that is no query has no score
        units = self.design.units
        return judged(
            found[known],
            [self.better * d[own] for d, own in zip(per_sample, scored, strict=True)],
            None
            if units is None
            else [self._units[k][own] for (k, *_), own in zip(kept, scored, strict=True)],
            crossed=self.design.interval in ("crossed", "mixed"),
            resolution=self.resolution,
        )

    @cached_property
    def _units(self) -> list[NDArray[np.int64]]:
        assert self.design.units is not None
        return [self.design.units(k) for k in self.seeds]

    def _of_samples(self, seed: int, strength: int) -> Array:
        """Return the score of every test sample of a model; nothing if it is not known."""
        cell = self.cells[strength] if self.cells else (self.keys[1], self.strengths[strength])
        keys = [(*cell, self.seeds[seed], self.use, m) for m in self.modalities]
        if not all(key in self.samples for key in keys):
            return np.empty(0)
        return np.asarray(np.mean([self.samples[key] for key in keys], axis=0))

    def score(self, strength: int) -> float:
        """Return the test score of a strength: that of strength 0, plus the mean change.

        Seeds differ more than strengths do. So strengths that were trained with different seeds are
        compared by their changes; where all have the same, this is the mean score.
        """
        return _mean(self.test[:, 0]) + _mean(self.test[:, strength] - self.test[:, 0])


def curves(
    scores: pd.DataFrame,
    samples: Samples | None = None,
    designs: Mapping[str, Design] | None = None,
    *,
    value: str = "value",
) -> Iterator[Curve]:
    """Yield the curve of each dataset, alignment, use, modality and metric of a probe table.

    Behind a use's two modalities comes, by each metric, the mean of the two (`scores.together`).

    Parameters
    ----------
    scores
        A probe table.
    samples, designs
        Scores of the test samples, and dataset -> design; without them intervals are over seeds.
    value
        The column that has the scores: ``value``, or ``fixed_epochs``.

    Raises
    ------
    ValueError
        If strength 0 is missing.
    """
    for names, own in scores.groupby(["dataset", "alignment"], sort=False):
        strengths = tuple(sorted(own["strength"].unique(), key=float))
        if strengths[0] != BASELINE:
            raise ValueError(f"{names[0]}: strength {BASELINE} is missing; it is the baseline")
        seeds = tuple(sorted(own["seed"].unique().tolist()))
        place = {s: i for i, s in enumerate(strengths)}
        named = own if "use" in own else own.assign(use=UNIMODAL)
        for use, part in named.groupby("use", sort=False):
            for (modality, metric, of), known, n in _levels(str(use), part, seeds, place, value):
                validation, test = known
                kept = ~(np.isnan(validation[:, 0]) | np.isnan(test[:, 0]))
                step = 1 / n if SCORES[metric].counted else 0.0
                told = samples if metric in HEADLINES and value == "value" else None
                yield Curve(
                    keys=(*names, modality, metric),
                    strengths=strengths,
                    seeds=tuple(k for k, use_it in zip(seeds, kept, strict=True) if use_it),
                    validation=validation[kept],
                    test=test[kept],
                    resolution=step / len(of),
                    modalities=of,
                    samples=told or {},
                    design=(designs or {}).get(names[0], Design()) if told else Design(),
                    use=str(use),
                )


def _levels(
    use: str, part: pd.DataFrame, seeds: tuple[int, ...], place: dict[str, int], value: str
) -> Iterator[tuple[tuple[str, str, tuple[str, ...]], Array, int]]:
    """Yield modality, metric and what it is the mean of; scores; and how many test samples."""
    cells = {
        key: _cells(own, seeds, place, value)
        for key, own in part.groupby(["modality", "metric"], sort=False)
    }
    modalities = tuple(dict.fromkeys(m for m, _ in cells))
    for (modality, metric), (known, n) in cells.items():
        yield (modality, metric, (modality,)), known, n
    mean = together(use, modalities)
    if mean is None:
        return
    for metric in dict.fromkeys(metric for _, metric in cells):
        (first, n), (second, _) = (cells[m, metric] for m in modalities)
        yield (mean, metric, modalities), (first + second) / 2, n


def _cells(
    part: pd.DataFrame, seeds: tuple[int, ...], place: dict[str, int], column: str
) -> tuple[Array, int]:
    """Return scores ``(2, seeds, strengths)``, validation then test, and the test samples."""
    out = np.full((2, len(seeds), len(place)), np.nan)
    split, n = part["split"].to_numpy(), part["n"].to_numpy()
    rows = np.searchsorted(seeds, part["seed"].to_numpy())
    columns = np.array([place[s] for s in part["strength"]], dtype=np.intp)
    value = part[column].to_numpy(dtype=np.float64)
    for side, name in enumerate(("validation", "test")):
        own = split == name
        out[side, rows[own], columns[own]] = value[own]
    return out, int(n[split == "test"].min(initial=2**31))


def _mean(values: Array) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else np.nan
