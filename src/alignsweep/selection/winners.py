"""Who chose: the strengths that won on validation, and for each seed, which it is judged at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from alignsweep import tables
from alignsweep.selection.curve import Curve
from alignsweep.selection.statistics import best_of

Places = NDArray[np.intp]

#: The set of the optimum leaves out strengths on either side with this probability of being it.
TAIL = 0.05


@dataclass(frozen=True)
class Choice:
    """What a search chose for a modality, and the seeds that had no part in it.

    Attributes
    ----------
    optimum, best
        The best strength, and the best above 0.
    low, high
        The range in which the optimum lies in nine of ten.
    seeds
        Seeds that judge.
    """

    optimum: str
    best: str
    low: str
    high: str
    seeds: tuple[int, ...]


#: Alignment -> use -> modality -> what a search chose
Choices = Mapping[str, Mapping[str, Mapping[str, Choice]]]


def read_choices(path: str | Path) -> dict[str, dict[str, dict[str, Choice]]]:
    """Read what a search chose (`search.Found.save`)."""
    return {
        alignment: {
            use: {m: Choice(**{**c, "seeds": tuple(c["seeds"])}) for m, c in own.items()}
            for use, own in uses.items()
        }
        for alignment, uses in tables.read_json(path)["chosen"].items()
    }


@dataclass(frozen=True)
class Winners:
    """The chosen strengths of a curve, as positions in it.

    Attributes
    ----------
    optimum, best
        The best strength, and the best above 0; None if there is none above.
    seeds
        Positions of the seeds that judge.
    of_seed, best_of_seed
        For each of them, the strength it is judged at: one that it had no part in choosing.
    low, high
        The strengths between which the optimum lies in nine of ten; a search need not have tried
        them.
    """

    optimum: int
    best: int | None
    seeds: Places
    of_seed: Places
    best_of_seed: Places
    low: str
    high: str


def winners(curve: Curve, choices: Choices | None = None) -> Winners | None:
    """Return who won: by a search, or in the grid; None where fewer than two seeds are left."""
    if choices is not None:
        _, alignment, modality, _ = curve.keys
        return _of_search(curve, choices[alignment][curve.use][modality])
    return _of_grid(curve) if len(curve.seeds) > 1 else None


def _of_grid(curve: Curve) -> Winners:
    """Choose on validation: by all seeds, and for each seed by the others.

    Only strengths at which every seed trained to the end are eligible.
    """
    gain = curve.validation_gain
    eligible = np.flatnonzero(~np.isnan(gain + curve.gain).any(axis=0))
    seeds = np.arange(len(gain))
    mean, others = gain.mean(axis=0), [np.delete(gain, k, axis=0).mean(axis=0) for k in seeds]

    def win(among: Places) -> tuple[int, Places]:
        by_others = np.array([m[among].argmax() for m in others])
        return int(among[mean[among].argmax()]), among[by_others]

    optimum, of_seed = win(eligible)
    best, best_of_seed = win(eligible[1:]) if len(eligible) > 1 else (None, of_seed)
    reached = np.cumsum(best_of(gain[:, eligible]))
    places = [min(int(np.searchsorted(reached, p)), len(eligible) - 1) for p in (TAIL, 1 - TAIL)]
    ends = min(int(eligible[places[0]]), optimum), max(int(eligible[places[1]]), optimum)
    low, high = (curve.strengths[end] for end in ends)
    return Winners(optimum, best, seeds, of_seed, best_of_seed, low, high)


def _of_search(curve: Curve, choice: Choice) -> Winners:
    """Take what a search chose, judged by the seeds that had no part in it."""
    seeds = np.flatnonzero(np.isin(curve.seeds, choice.seeds))
    optimum, best = (curve.strengths.index(s) for s in (choice.optimum, choice.best))
    at = np.full(len(seeds), optimum), np.full(len(seeds), best)
    return Winners(optimum, best, seeds, *at, low=choice.low, high=choice.high)
