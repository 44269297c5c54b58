"""Finding the optimum with few models: train where it matters, stop when sure.

A Gaussian process describes the score of every modality, and of both together, as a smooth curve of
the strength plus a level of the seed. It starts from a few strengths and seeds; then each round
trains one more seed, at strength 0 and at the strengths that may still be the best, until the best
is known to a stated tolerance with a stated confidence. What the chosen strength gains is then
measured on seeds that had no part in choosing it (`optimum.recommend`), so that it needs no
correction for having been chosen.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import linalg, optimize

from alignsweep import scores, tables
from alignsweep.options import Count, Positive, check, rule
from alignsweep.selection.curve import BASELINE, USUAL, Curve, curves
from alignsweep.selection.statistics import LEAST_SEEDS, nearest
from alignsweep.selection.winners import TAIL, Choice

if TYPE_CHECKING:
    from alignsweep.training.alignment import Alignment

logger = logging.getLogger(__name__)

Array = NDArray[np.float64]
#: ``(strengths, seeds) -> probe table`` of these models
Evaluate = Callable[[Sequence[str], Sequence[int]], pd.DataFrame]
#: modality (or both) -> strength -> the gain that is expected of it before anything is trained
Prior = Mapping[str, Mapping[str, float]]

AtLeastTwo = Annotated[int, rule(minimum=2, allowed="an integer of at least 2")]

DRAWS = 4000
#: Spread of a model's score below which a handful of seeds is not believed.
LEAST_NOISE = 0.002
#: Bounds of the curve's height (in units of the largest deviation) and of its length scale (in
#: square roots of strength); the variance of a seed's level, so large that it does not matter.
HEIGHTS, LENGTHS, LEVEL_VARIANCE = (0.2, 5.0), (0.2, 2.0), 100.0


@dataclass(frozen=True)
class Search:
    """How the optimum is searched.

    Attributes
    ----------
    tolerance
        How much worse than the best the chosen strength may be, in the unit of the score: 0.005 is
        half a point of accuracy.
    confidence
        Probability that it is not worse than that, at which the search stops.
    first_strengths, first_seeds
        Strengths, spread over the list, and seeds to start from.
    strengths_per_round
        Strengths, beside 0, of each further seed.
    confirming_seeds
        Further seeds, on which the gain of the chosen strengths is measured.
    """

    tolerance: Positive = 0.005
    confidence: Annotated[
        float, rule(minimum=0.5, exclusiveMaximum=1, allowed="a number from 0.5 to below 1")
    ] = 0.9
    first_strengths: AtLeastTwo = 6
    first_seeds: AtLeastTwo = 3
    strengths_per_round: Count = 3
    confirming_seeds: Annotated[
        int, rule(minimum=LEAST_SEEDS, allowed="an integer of at least 3: two support no verdict")
    ] = 5

    def __post_init__(self) -> None:
        check(self)


@dataclass(frozen=True)
class Belief:
    """What is known of the gain of one modality: draws of it at every strength that is eligible."""

    strengths: Sequence[str]
    draws: Array

    @property
    def best(self) -> str:
        """The strength with the largest expected gain."""
        return self.strengths[int(self.draws.mean(axis=0).argmax())]

    @property
    def best_above(self) -> str:
        """The same among the strengths above 0; 0 if there are none."""
        if len(self.strengths) == 1:
            return self.strengths[0]
        return self.strengths[1 + int(self.draws[:, 1:].mean(axis=0).argmax())]

    def within(self, tolerance: float) -> dict[str, float]:
        """Return, for every strength, the probability that it is within tolerance of the best."""
        near = self.draws >= self.draws.max(axis=1, keepdims=True) - tolerance
        return dict(zip(self.strengths, near.mean(axis=0).tolist(), strict=True))

    def probability_of_best(self) -> Array:
        """Return, for every strength, the probability that it is the best."""
        wins = np.bincount(self.draws.argmax(axis=1), minlength=len(self.strengths))
        return np.asarray(wins / len(self.draws))

    def range(self) -> tuple[str, str]:
        """Return the ends of the range in which the best strength lies in nine of ten."""
        reached, last = np.cumsum(self.probability_of_best()), len(self.strengths) - 1
        low, high = (min(int(np.searchsorted(reached, p)), last) for p in (TAIL, 1 - TAIL))
        return self.strengths[low], self.strengths[high]


@dataclass(frozen=True)
class Found:
    """What a search found for a dataset.

    Attributes
    ----------
    scores
        The probe table of everything tried.
    chosen
        Alignment -> use -> modality -> what was chosen, for `optimum.recommend`.
    rounds
        Alignment -> what was known after each round.
    """

    scores: pd.DataFrame
    chosen: dict[str, dict[str, dict[str, Choice]]]
    rounds: dict[str, list[dict[str, Any]]]

    def kept(self, alignment: str) -> list[str]:
        """Return the strengths whose encoders may be wanted: 0, and the one for both encoders."""
        both = self.chosen[alignment][scores.UNIMODAL][scores.BOTH]
        return list(dict.fromkeys([BASELINE, both.optimum]))

    def save(self, scores: str | Path, search: str | Path) -> None:
        """Write the scores as a table, the rest as JSON (`optimum.read_choices`)."""
        tables.write(self.scores, scores)
        chosen = {
            alignment: {u: {m: vars(c) for m, c in own.items()} for u, own in uses.items()}
            for alignment, uses in self.chosen.items()
        }
        tables.write_json({"chosen": chosen, "rounds": self.rounds}, search)


def search_all(
    evaluate: Callable[[Alignment, Sequence[str], Sequence[int]], pd.DataFrame],
    alignments: Iterable[Alignment],
    strengths: Sequence[str],
    seeds: int,
    options: Search | None = None,
    priors: Mapping[str, Prior] | None = None,
) -> Found:
    """Search the optimum for each alignment, from its prior if there is one; see `search`."""
    known = priors or {}
    found = {
        a.name: search(partial(evaluate, a), strengths, seeds, options, prior=known.get(a.name))
        for a in alignments
    }
    return Found(
        scores=tables.join(own.scores for own in found.values()),
        chosen={name: own.chosen[name] for name, own in found.items()},
        rounds={name: own.rounds[name] for name, own in found.items()},
    )


def search(
    evaluate: Evaluate,
    strengths: Sequence[str],
    seeds: int,
    options: Search | None = None,
    *,
    prior: Prior | None = None,
    seed: int = 0,
) -> Found:
    """Search the optimum of every modality of a dataset, and of both together.

    The search goes on until it is sure of each encoder alone; for other uses that are scored it
    chooses by what it has found by then.

    Parameters
    ----------
    evaluate
        Trains and probes models, seeds x strengths, and returns their probe table.
    strengths
        The strengths to choose from, "0" among them.
    seeds
        Seeds to search with, at most; confirming takes further ones.
    options
        When to stop, and how to go about it.
    prior
        What each encoder alone is expected to gain (`answers.prediction`): the search then starts
        from fewer strengths, those that matter by it, and models what is observed as a deviation
        from it.
    seed
        Seed of the draws from the posterior.

    Returns
    -------
    Found
        Of the one alignment that `evaluate` trains.

    Raises
    ------
    ValueError
        If every model of strength 0 diverged.
    """
    options = options or Search()
    rng = np.random.default_rng(seed)
    ordered = sorted(strengths, key=float)
    first = _first(ordered, options, prior)
    used = min(options.first_seeds, seeds)
    tried = [evaluate(first, range(used))]
    rounds: list[dict[str, Any]] = []
    while True:
        table = tables.join(tried)
        beliefs = _beliefs(table, ordered, rng, prior)
        single = beliefs[scores.UNIMODAL]
        rounds.append(_state(single, len(table.groupby(["strength", "seed"])), options))
        logger.info("after %d models: %s", rounds[-1]["models"], rounds[-1]["modalities"])
        open_ = [
            b for b in single.values() if b.within(options.tolerance)[b.best] < options.confidence
        ]
        if not open_ or used >= seeds:
            break
        tried.append(evaluate(_most_promising(open_, options.strengths_per_round), [used]))
        used += 1
    judges = range(used, used + options.confirming_seeds)
    chosen = {use: _choose(own, options, tuple(judges)) for use, own in beliefs.items()}
    usual = nearest([s for s in ordered if s != BASELINE], USUAL)
    choices = [c for own in chosen.values() for c in own.values()]
    judged = {BASELINE, usual, *(s for c in choices for s in (c.optimum, c.best))}
    fresh = evaluate(sorted(judged, key=float), judges)
    name = str(fresh["alignment"].iloc[0])
    return Found(tables.join([*tried, fresh]), {name: chosen}, {name: rounds})


def _first(ordered: Sequence[str], options: Search, prior: Prior | None) -> list[str]:
    """Return the strengths to start from: spread over the list; or, by the prior, its best ones."""
    if not prior:
        spread = np.linspace(0, len(ordered) - 1, min(options.first_strengths, len(ordered)))
        return [ordered[i] for i in dict.fromkeys(spread.round().astype(int).tolist())]
    above = [s for s in ordered if s != BASELINE]
    best = [max(above, key=lambda s: own[s]) for own in prior.values()]
    return sorted({BASELINE, nearest(above, USUAL), ordered[-1], *best}, key=float)


def _choose(
    beliefs: dict[str, Belief], options: Search, judges: tuple[int, ...]
) -> dict[str, Choice]:
    """Choose a strength per modality: the one that serves both, where it is as good as the best."""
    *_, both = beliefs.values()
    chosen = {}
    for modality, belief in beliefs.items():
        serves = belief.within(options.tolerance)[both.best] >= options.confidence
        optimum = both.best if serves else belief.best
        above = optimum if optimum != BASELINE else belief.best_above
        ends = sorted({optimum, *belief.range()}, key=float)
        chosen[modality] = Choice(optimum, above, ends[0], ends[-1], judges)
    return chosen


def _most_promising(beliefs: Sequence[Belief], most: int) -> list[str]:
    """Return strength 0 and those that are most probably the best of a modality still open."""
    names = beliefs[0].strengths
    hope = np.sum([b.probability_of_best() for b in beliefs], axis=0)
    order = [names[i] for i in np.argsort(-hope, kind="stable")]
    others = [s for s in order if s != BASELINE][:most]
    return sorted([BASELINE, *others], key=float)


def _beliefs(
    table: pd.DataFrame,
    strengths: Sequence[str],
    rng: np.random.Generator,
    prior: Prior | None = None,
) -> dict[str, dict[str, Belief]]:
    """Fit a belief per use and modality to the validation scores.

    A strength that diverges is out.
    """
    own = table[table["metric"].isin(scores.HEADLINES)]
    diverged = set(own[own["value"].isna()]["strength"]) - {BASELINE}
    eligible = [s for s in strengths if s not in diverged]
    found: dict[str, dict[str, Belief]] = {}
    for curve in curves(own[~own["strength"].isin(diverged)]):
        expected = (prior or {}).get(curve.keys[2]) if curve.use == scores.UNIMODAL else None
        belief = Belief(eligible, _posterior(curve, eligible, rng, expected or {}))
        found.setdefault(curve.use, {})[curve.keys[2]] = belief
    return found


def _posterior(
    curve: Curve,
    strengths: Sequence[str],
    rng: np.random.Generator,
    mean: Mapping[str, float],
) -> Array:
    """Draw gains ``(DRAWS, strengths)`` from a Gaussian process of the validation scores.

    Its mean is what was expected before; nothing, where nothing was.

    Scores, not gains, are what is modelled: the gains of a seed share the noise of its model at
    strength 0. A score is a curve of the strength, plus a level of the seed, plus noise. On the
    square root of the strength the curves of the synthetic study are about equally smooth
    everywhere.
    """
    if not curve.seeds:
        raise ValueError(f"training diverged at strength {BASELINE}; lower the learning rate")
    seed, place = np.nonzero(~np.isnan(curve.validation))
    roots = np.sqrt([float(s) for s in curve.strengths])
    y = curve.better * curve.validation[seed, place]
    y = y - np.array([mean.get(s, 0.0) for s in curve.strengths])[place]
    y = y - np.array([y[seed == k].mean() for k in range(len(curve.seeds))])[seed]
    scale = max(float(np.abs(y).max()), LEAST_NOISE)
    least = LEAST_NOISE / scale
    distance = roots[place][:, None] - roots[place]
    same_seed = seed[:, None] == seed

    def covariance(parameters: Array) -> Array:
        height, length, noise = np.exp(parameters)
        smooth = height**2 * np.exp(-0.5 * (distance / length) ** 2)
        return np.asarray(smooth + LEVEL_VARIANCE * same_seed + noise**2 * np.eye(len(y)))

    def misfit(parameters: Array) -> float:
        factor = linalg.cho_factor(covariance(parameters), lower=True)
        data = y / scale @ linalg.cho_solve(factor, y / scale)
        return float(data / 2 + np.log(np.diag(factor[0])).sum())

    bounds = np.log([HEIGHTS, LENGTHS, (least, max(2.0, 2 * least))])
    found = optimize.minimize(
        misfit, np.log([1.0, 0.5, max(0.1, least)]), bounds=bounds, method="L-BFGS-B"
    )
    height, length, _ = np.exp(found.x)
    at = np.sqrt([float(s) for s in strengths])
    across = height**2 * np.exp(-0.5 * ((at[:, None] - roots[place]) / length) ** 2)
    prior = height**2 * np.exp(-0.5 * ((at[:, None] - at) / length) ** 2)
    factor = linalg.cho_factor(covariance(found.x), lower=True)
    expected = across @ linalg.cho_solve(factor, y / scale)
    posterior = prior - across @ linalg.cho_solve(factor, across.T)
    # by eigenvectors: the covariance is singular where the curve is smooth
    size, directions = np.linalg.eigh(posterior)
    normal = rng.standard_normal((DRAWS, len(strengths)))
    draws = expected + normal * np.sqrt(size.clip(min=0)) @ directions.T
    out = scale * draws + np.array([mean.get(s, 0.0) for s in strengths])
    return np.asarray(out - out[:, [strengths.index(BASELINE)]])


def _state(beliefs: dict[str, Belief], models: int, options: Search) -> dict[str, Any]:
    """Describe what is known after a round."""
    return {
        "models": models,
        "modalities": {
            m: {"optimum": b.best, "sure": round(b.within(options.tolerance)[b.best], 3)}
            for m, b in beliefs.items()
        },
    }
