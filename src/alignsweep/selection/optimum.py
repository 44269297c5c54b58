"""Which strength is best, by how much, and how sure: the tables ``gains.csv`` and ``optimum.csv``.

For one seed all strengths share initialisation and batch order, so differences to strength 0 are
taken seed by seed, and their spread over seeds gives intervals and tests. All seeds share the
data: what the intervals cover is training, not the draw of the samples.

The grid and the adaptive search are judged by the same statistics. They differ in who chose: in the
grid each seed is judged at the strength that the other seeds chose, after a search new seeds are
judged at the strength that the search chose. Either way no seed judges a choice it had a part in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from alignsweep import tables
from alignsweep.selection.curve import KEYS, Curve, curves
from alignsweep.selection.statistics import LEAST_SEEDS, Mean, holm, paired

#: Differences up to this are of no practical weight, in the unit of the score.
MARGIN = 0.005

ALIGN, DO_NOT, NO_DIFFERENCE, UNKNOWN = (
    "align",
    "do not align",
    "no difference",
    "cannot be told",
)


@dataclass(frozen=True)
class Choice:
    """What a search chose for a modality, and the seeds that had no part in it.

    Attributes
    ----------
    optimum, best
        The best strength, and the best above 0.
    low, high
        The range in which the optimum may lie.
    seeds
        Seeds that judge.
    """

    optimum: str
    best: str
    low: str
    high: str
    seeds: tuple[int, ...]


def read_choices(path: str | Path) -> dict[str, dict[str, Choice]]:
    """Read what a search chose (`search.Found.save`): alignment -> modality -> choice."""
    return {
        alignment: {m: Choice(**{**c, "seeds": tuple(c["seeds"])}) for m, c in own.items()}
        for alignment, own in tables.read_json(path)["chosen"].items()
    }


def gains(scores: pd.DataFrame) -> pd.DataFrame:
    """Compare each strength with strength 0 on the test split, paired by seed.

    Parameters
    ----------
    scores
        A probe table: ``dataset, alignment, strength, seed, modality, split, metric, value, n``.

    Returns
    -------
    pandas.DataFrame
        One row per dataset, alignment, modality, metric and strength (modality ``"both"``: the mean
        of the two): ``validation`` (mean over seeds), ``score`` (`Curve.score`) with its 95 % t
        interval over seeds ``score_low``, ``score_high``, ``gain`` (mean paired difference on test,
        positive when better), ``gain_low``, ``gain_high`` (95 % t interval), ``p_value`` (paired t
        test, Holm-corrected over strengths), ``seeds`` (pairs that trained to the end).

    Raises
    ------
    ValueError
        If strength 0 is missing.
    """
    rows: list[dict[str, Any]] = []
    for curve in curves(scores):
        found = [curve.mean_gain(s) for s in range(len(curve.strengths))]
        corrected = holm(np.array([np.nan, *(f.p_value for f in found[1:])]))
        corrected[0] = found[0].p_value
        for s, strength in enumerate(curve.strengths):
            level, spread = curve.score(s), paired(curve.test[:, s], curve.resolution)
            known = curve.validation[:, s]
            rows.append(
                {
                    **dict(zip(KEYS, curve.keys, strict=True)),
                    "strength": strength,
                    "validation": np.nan if np.isnan(known).all() else np.nanmean(known),
                    "score": level,
                    "score_low": level + spread.low - spread.value,
                    "score_high": level + spread.high - spread.value,
                    **_columns("gain", found[s]),
                    "p_value": corrected[s],
                    "seeds": found[s].seeds,
                }
            )
    return pd.DataFrame(rows)


def recommend(
    scores: pd.DataFrame,
    chosen: Mapping[str, Mapping[str, Choice]] | None = None,
    *,
    margin: float = MARGIN,
) -> pd.DataFrame:
    """Name the optimum of each dataset, alignment, modality and metric, and give a verdict.

    The optimum is the strength with the best mean gain on *validation*; only strengths at which
    every seed trained to the end are eligible. Validation and test scores come from the same
    trained models, so the test gain of the strength that won on validation is still selected: with
    9 strengths and no effect at all it is above 0 on average. The gain reported is therefore
    cross-fitted: for each seed, that of the strength which wins on the validation scores of the
    *other* seeds. It is what choosing a strength in this way gains on a seed not seen. After a
    search (`chosen`) it is the gain of what was chosen, on the seeds that had no part in choosing.

    Verdicts, from at least three seeds, all by 95 % intervals:

    - ``align``: the gain is above 0;
    - ``do not align``: the gain of the best strength above 0, cross-fitted likewise, is below the
      margin, and the usual strength 1 loses;
    - ``no difference``: the gains of all strengths up to 1, and that of the optimum, lie within the
      margin;
    - ``cannot be told``: none of these.

    Parameters
    ----------
    scores
        As for `gains`.
    chosen
        Alignment -> modality -> what a search chose, by the headline metric. None for a grid.
    margin
        Differences up to this are of no practical weight, in the unit of the score.

    Returns
    -------
    pandas.DataFrame
        Columns ``dataset, alignment, modality, metric``, then:

        - ``optimum``, with ``optimum_low, optimum_high``: the range of the strengths that win when
          one seed is left out, or of those that a search holds for possible;
        - ``baseline``, ``score``: test scores at 0 and at the optimum;
        - ``gain, gain_low, gain_high, p_value, verdict``, and ``seeds``, how many the gain is of;
        - ``plateau``: the optimum and, by three seeds or more, the strengths whose test scores
          cannot be told from its; 0 is among them unless the verdict is ``align``;
        - ``best``, the best strength above 0, with ``best_gain, best_low, best_high``;
        - ``usual``: 1, or the strength above 0 tried that is nearest, with ``usual_gain, usual_low,
          usual_high``;
        - ``cost, cost_low, cost_high``: what the usual strength loses against choosing one.

        Where fewer than two seeds trained to the end at strength 0 there is no optimum.
    """
    rows = []
    for curve in curves(scores):
        _, alignment, modality, _ = curve.keys
        rows.append(_row(curve, chosen[alignment][modality] if chosen else None, margin))
    return pd.DataFrame(rows)


def _row(curve: Curve, choice: Choice | None, margin: float) -> dict[str, Any]:
    row: dict[str, Any] = dict(zip(KEYS, curve.keys, strict=True))
    winners = _of_search(curve, choice) if choice else _of_grid(curve)
    usual = curve.usual
    usual_gain = curve.mean_gain(usual) if usual else paired(np.array([]))
    nothing = paired(np.array([]))
    gain = best_gain = cost = nothing
    optimum = best = None
    if winners is not None:
        optimum, best = winners.optimum, winners.best
        gain = _judged(curve, winners.of_seed)
        if best is not None:
            best_gain = _judged(curve, winners.best_of_seed)
        if usual is not None:
            seeds, places = winners.of_seed
            cost = paired(curve.gain[seeds, places] - curve.gain[seeds, usual], curve.resolution)
    verdict = _verdict(curve, optimum, gain, best_gain, usual_gain, margin)
    row |= {
        "optimum": None if optimum is None else curve.strengths[optimum],
        "baseline": curve.score(0) if curve.seeds else np.nan,
        "score": np.nan if optimum is None else curve.score(optimum),
        **_columns("gain", gain),
        "p_value": gain.p_value,
        "verdict": verdict,
        "seeds": gain.seeds,
        "optimum_low": winners.low if winners else None,
        "optimum_high": winners.high if winners else None,
        "plateau": " ".join(_plateau(curve, optimum, verdict)),
        "best": None if best is None else curve.strengths[best],
        **_columns("best", best_gain, "best_gain"),
        "usual": None if usual is None else curve.strengths[usual],
        **_columns("usual", usual_gain, "usual_gain"),
        **_columns("cost", cost),
    }
    return row


@dataclass(frozen=True)
class _Winners:
    """Positions of the chosen strengths, and for each seed that judges, which it is judged at."""

    optimum: int
    best: int | None
    of_seed: tuple[Any, Any]
    best_of_seed: tuple[Any, Any]
    low: str
    high: str


def _of_grid(curve: Curve) -> _Winners | None:
    """Choose on validation: by all seeds, and for each seed by the others."""
    gain = curve.validation_gain
    eligible = np.flatnonzero(~np.isnan(gain + curve.gain).any(axis=0))
    if len(curve.seeds) < 2:
        return None
    seeds = np.arange(len(gain))
    mean, others = gain.mean(axis=0), [np.delete(gain, k, axis=0).mean(axis=0) for k in seeds]

    def win(among: Any) -> tuple[int, Any]:
        return int(among[mean[among].argmax()]), among[
            np.argmax([m[among] for m in others], axis=1)
        ]

    optimum, winners = win(eligible)
    best, best_winners = win(eligible[1:]) if len(eligible) > 1 else (None, seeds)
    names = sorted((curve.strengths[w] for w in winners), key=float)
    return _Winners(
        optimum, best, (seeds, winners), (seeds, best_winners), low=names[0], high=names[-1]
    )


def _of_search(curve: Curve, choice: Choice) -> _Winners:
    """Take what a search chose, judged by the seeds that had no part in it."""
    seeds = np.flatnonzero(np.isin(curve.seeds, choice.seeds))
    optimum, best = (curve.strengths.index(s) for s in (choice.optimum, choice.best))
    return _Winners(
        optimum=optimum,
        best=best,
        of_seed=(seeds, np.full(len(seeds), optimum)),
        best_of_seed=(seeds, np.full(len(seeds), best)),
        low=choice.low,
        high=choice.high,
    )


def _judged(curve: Curve, places: tuple[Any, Any]) -> Mean:
    return paired(curve.gain[places], curve.resolution)


def _verdict(
    curve: Curve, optimum: int | None, gain: Mean, best: Mean, usual: Mean, margin: float
) -> str:
    if optimum is None:
        return UNKNOWN
    if optimum and gain.positive:
        return ALIGN
    if best.below(margin) and usual.negative:
        return DO_NOT
    small = [s for s in curve.aligned if float(curve.strengths[s]) <= 1] or curve.aligned[:1]
    found = [curve.mean_gain(s) for s in small]
    tried = [f for f in found if f.seeds]
    if tried and usual.within(margin) and all(f.within(margin) for f in [*tried, gain]):
        return NO_DIFFERENCE
    return UNKNOWN


def _plateau(curve: Curve, optimum: int | None, verdict: str) -> list[str]:
    """Return the strengths that cannot be told from the optimum, in order."""
    if optimum is None:
        return []
    level = {optimum}
    for s in curve.aligned:
        behind = paired(curve.gain[:, optimum] - curve.gain[:, s], curve.resolution)
        loses = curve.mean_gain(s).negative
        if behind.seeds >= LEAST_SEEDS and not behind.positive and not loses:
            level.add(s)
    level.discard(0) if verdict == ALIGN else level.add(0)
    return [curve.strengths[s] for s in sorted(level)]


def _columns(name: str, mean: Mean, value: str | None = None) -> dict[str, float]:
    return {value or name: mean.value, f"{name}_low": mean.low, f"{name}_high": mean.high}
