"""Finding the optimum with few models: train where it matters, stop when sure.

A Gaussian process describes the gain over strength 0 as a smooth curve of the strength, for every
modality and for both together. It starts from a few strengths and seeds; then each round trains one
more seed, at strength 0 and at the strengths that may still be the best, until the best is known to
a stated tolerance with a stated confidence. What the chosen strength gains is then measured on
seeds that had no part in choosing it, so that it needs no correction for having been chosen.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alignsweep import tables
from alignsweep.recommend import BASELINE, LEVEL, USUAL, nearest, of_both, paired

logger = logging.getLogger(__name__)

Array = NDArray[np.float64]
#: ``(strengths, seeds) -> probe table`` of these models
Evaluate = Callable[[Sequence[str], Sequence[int]], pd.DataFrame]

DRAWS = 4000
#: Spread of paired differences below which a handful of seeds is not believed.
LEAST_NOISE = 0.003


@dataclass(frozen=True)
class Search:
    """How the optimum is searched.

    Attributes
    ----------
    tolerance
        How much worse than the best strength the chosen one may be, in the unit of the score
        (0.005 is half a point of accuracy).
    confidence
        Posterior probability that it is not worse than that, at which the search stops.
    first_strengths, first_seeds
        Strengths, spread over the list, and seeds to start from.
    strengths_per_round
        Strengths, beside 0, that each further seed is trained at.
    confirming_seeds
        Seeds on which the gain of the chosen strengths is measured.
    """

    tolerance: float = 0.005
    confidence: float = 0.9
    first_strengths: int = 6
    first_seeds: int = 3
    strengths_per_round: int = 3
    confirming_seeds: int = 5


@dataclass(frozen=True)
class Curve:
    """What is known of the gain of one modality: draws of it at every strength of the list."""

    strengths: Sequence[str]
    draws: Array

    @property
    def best(self) -> str:
        """The strength with the largest expected gain."""
        return self.strengths[int(self.draws.mean(axis=0).argmax())]

    def within(self, tolerance: float) -> dict[str, float]:
        """Return, for every strength, the probability that it is within tolerance of the best."""
        near = self.draws >= self.draws.max(axis=1, keepdims=True) - tolerance
        return dict(zip(self.strengths, near.mean(axis=0).tolist(), strict=True))

    def probability_of_best(self) -> Array:
        """Return, for every strength, the probability that it is the best."""
        wins = np.bincount(self.draws.argmax(axis=1), minlength=len(self.strengths))
        return np.asarray(wins / len(self.draws))

    def loses_on_average(self) -> bool:
        """Whether aligning loses on average over the strengths up to the usual one."""
        x = np.array([float(s) for s in self.strengths])
        kept = x <= max(float(USUAL), x[1])
        average = np.trapezoid(self.draws[:, kept], x[kept], axis=1)
        return bool((average < 0).mean() > 1 - LEVEL / 2)


def search(
    evaluate: Evaluate,
    strengths: Sequence[str],
    seeds: int,
    options: Search | None = None,
    *,
    seed: int = 0,
) -> tuple[pd.DataFrame, pd.DataFrame, list[dict[str, Any]]]:
    """Search the optimum of every modality of a dataset, and of both together.

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
    seed
        Seed of the draws from the posterior.

    Returns
    -------
    tuple
        The probe table of everything tried; one row per modality with the columns of
        ``optimum.csv``; and what was known after each round.

    Raises
    ------
    ValueError
        If a model of strength 0 diverged.
    """
    options = options or Search()
    rng = np.random.default_rng(seed)
    ordered = sorted(strengths, key=float)
    spread = np.linspace(0, len(ordered) - 1, min(options.first_strengths, len(ordered)))
    chosen = [ordered[i] for i in dict.fromkeys(spread.round().astype(int).tolist())]
    tried = [evaluate(chosen, range(options.first_seeds))]
    used = options.first_seeds
    rounds: list[dict[str, Any]] = []
    while True:
        table = pd.concat(tried, ignore_index=True)
        curves = _curves(table, ordered, rng)
        rounds.append(_state(curves, len(table.groupby(["strength", "seed"])), options))
        logger.info("after %d models: %s", rounds[-1]["models"], rounds[-1]["modalities"])
        open_ = [
            c for c in curves.values() if c.within(options.tolerance)[c.best] < options.confidence
        ]
        if not open_ or used >= seeds:
            break
        chosen = _most_promising(open_, ordered, options.strengths_per_round)
        tried.append(evaluate(chosen, [used]))
        used += 1
    found = _choose(curves, options)
    confirmed = sorted({BASELINE, *found.values()}, key=float)
    fresh = evaluate(confirmed, range(used, used + options.confirming_seeds))
    rows = [_row(m, curve, found[m], fresh, options) for m, curve in curves.items()]
    return pd.concat([*tried, fresh], ignore_index=True), pd.DataFrame(rows), rounds


def _choose(curves: dict[str, Curve], options: Search) -> dict[str, str]:
    """Choose a strength per modality: the one that serves both, where it is as good as the best."""
    *_, both = curves.values()
    return {
        m: both.best if c.within(options.tolerance)[both.best] >= options.confidence else c.best
        for m, c in curves.items()
    }


def _most_promising(curves: Sequence[Curve], strengths: Sequence[str], most: int) -> list[str]:
    """Return strength 0 and those that are most probably the best of a modality still open."""
    hope = dict.fromkeys(strengths, 0.0)
    for curve in curves:
        for strength, p in zip(curve.strengths, curve.probability_of_best(), strict=True):
            hope[strength] += p
    order = sorted(curves[0].strengths, key=lambda s: -hope[s])
    others = [s for s in order if s != BASELINE][:most]
    return sorted([BASELINE, *others], key=float)


def _curves(
    table: pd.DataFrame, strengths: Sequence[str], rng: np.random.Generator
) -> dict[str, Curve]:
    """Fit a curve per modality to the validation scores; a strength that diverges is out."""
    scores = tables.headline(table)
    scores = pd.concat([scores, of_both(scores)], ignore_index=True)
    scores = scores[scores["split"] == "validation"]
    diverged = set(scores[scores["value"].isna()]["strength"])
    if BASELINE in diverged:
        raise ValueError(f"training diverged at strength {BASELINE}; lower the learning rate")
    scores = scores[~scores["strength"].isin(diverged)]
    eligible = [s for s in strengths if s not in diverged]
    return {
        str(modality): Curve(eligible, _posterior(own, eligible, rng))
        for modality, own in scores.groupby("modality", sort=False)
    }


def _posterior(scores: pd.DataFrame, strengths: Sequence[str], rng: np.random.Generator) -> Array:
    """Draw gains ``(DRAWS, strengths)`` from a Gaussian process that is 0 at strength 0.

    On the square root of the strength the curves of the synthetic study are about equally smooth
    everywhere.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel

    values = scores.pivot_table(index="seed", columns="strength", values="value", dropna=False)
    gain = values.sub(values[BASELINE], axis=0).drop(columns=BASELINE)
    count, mean = gain.count(), gain.mean()
    freedom = int(count.sum()) - len(count)
    spread = ((gain - mean) ** 2).sum().sum()
    noise = max(LEAST_NOISE, np.sqrt(spread / freedom)) if freedom > 0 else 0.01
    x = np.sqrt([0.0, *map(float, gain.columns)])[:, None]
    y = np.array([0.0, *mean])
    scale = max(float(np.abs(y).max()), LEAST_NOISE)
    variance = np.array([0.0, *(noise**2 / count)]) / scale**2 + 1e-6
    process = GaussianProcessRegressor(
        ConstantKernel(1.0, (0.05, 20)) * RBF(0.5, (0.2, 2.0)), alpha=variance, random_state=0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # a length at its bound is an answer
        process.fit(x, y / scale)
    at = np.sqrt([float(s) for s in strengths])[:, None]
    expected, covariance = process.predict(at, return_cov=True)
    # by eigenvectors: the covariance is singular, at strength 0 and where the curve is smooth
    size, directions = np.linalg.eigh(covariance)
    normal = rng.standard_normal((DRAWS, len(strengths)))
    draws = expected + normal * np.sqrt(size.clip(min=0)) @ directions.T
    out: Array = scale * (draws - draws[:, [strengths.index(BASELINE)]])
    return out


def _state(curves: dict[str, Curve], models: int, options: Search) -> dict[str, Any]:
    """Describe what is known after a round."""
    return {
        "models": models,
        "modalities": {
            m: {"optimum": c.best, "sure": round(c.within(options.tolerance)[c.best], 3)}
            for m, c in curves.items()
        },
    }


def _row(
    modality: str, curve: Curve, best: str, fresh: pd.DataFrame, options: Search
) -> dict[str, Any]:
    """Return a row of ``optimum.csv``: the gain of the seeds that confirm, else the curve."""
    scores = tables.headline(fresh)
    scores = pd.concat([scores, of_both(scores)], ignore_index=True)
    own = scores[(scores["modality"] == modality) & (scores["split"] == "test")]
    values = own.pivot_table(index="seed", columns="strength", values="value", dropna=False)
    found = paired((values[best] - values[BASELINE]).dropna().to_numpy())
    gained = found["p_value"] < LEVEL and found["gain"] > 0
    harmed = found["gain_low"] <= 0 and curve.loses_on_average()
    near = curve.within(options.tolerance)
    alike = sorted({best, *(s for s, p in near.items() if p >= 0.5)}, key=float)
    usual = nearest(curve.strengths, USUAL)
    cost = (
        curve.draws[:, curve.strengths.index(best)] - curve.draws[:, curve.strengths.index(usual)]
    )
    low, high = np.quantile(cost, [LEVEL / 2, 1 - LEVEL / 2])
    return {
        "dataset": own["dataset"].iloc[0],
        "modality": modality,
        "metric": own["metric"].iloc[0],
        "optimum": best,
        "baseline": values[BASELINE].mean(),
        "score": values[best].mean(),
        **{k: found[k] for k in ("gain", "gain_low", "gain_high", "p_value")},
        "verdict": "align" if gained else "do not align" if harmed else "indifferent",
        "optimum_low": alike[0],
        "optimum_high": alike[-1],
        "plateau": " ".join(alike),
        "usual": usual,
        "cost": float(cost.mean()),
        "cost_low": float(low),
        "cost_high": float(high),
    }
