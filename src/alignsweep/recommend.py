"""Which strength is best, by how much, and how sure: statistics paired by seed.

For one seed all strengths share initialisation and batch order, so differences to strength 0 are
taken seed by seed, and their spread over seeds gives intervals and tests. All seeds share the
data: what the intervals cover is training, not the draw of the samples.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit  # scipy.stats takes a second to import

from alignsweep.tables import HIGHER_IS_BETTER

BASELINE = "0"
CONFIDENCE = 0.95
#: Error rate of a verdict.
LEVEL = 0.05
#: The strength that is used by habit, and whose cost is reported.
USUAL = "1"

_GROUP = ["dataset", "modality", "metric"]


def gains(scores: pd.DataFrame, better: Mapping[str, bool] = HIGHER_IS_BETTER) -> pd.DataFrame:
    """Compare each strength with strength 0 on the test split, paired by seed.

    Parameters
    ----------
    scores
        A probe table: ``dataset, strength, seed, modality, split, metric, value``.
    better
        Metric -> whether a larger value is better.

    Returns
    -------
    pandas.DataFrame
        One row per dataset, modality, metric and strength: ``validation`` and ``score`` (means over
        seeds on validation and test), ``gain`` (mean paired difference on test, positive when
        better), ``gain_low``, ``gain_high`` (95 % t interval), ``p_value`` (paired t test,
        Holm-corrected over strengths), ``seeds`` (pairs that trained to the end).

    Raises
    ------
    ValueError
        If strength 0 is missing.
    """
    frames = []
    for (dataset, modality, metric), group in scores.groupby(_GROUP, sort=False):
        differences = _differences(group, better[metric], "test")
        means = group.pivot_table(
            index="strength", columns="split", values="value", sort=False, dropna=False
        )
        rows = pd.DataFrame(
            [
                {
                    "dataset": dataset,
                    "modality": modality,
                    "metric": metric,
                    "strength": strength,
                    "validation": means.loc[strength, "validation"],
                    "score": means.loc[strength, "test"],
                    **paired(differences[strength].dropna().to_numpy()),
                }
                for strength in differences
            ]
        )
        compared = rows["strength"] != BASELINE
        rows.loc[compared, "p_value"] = holm(rows.loc[compared, "p_value"].to_numpy())
        frames.append(rows)
    return pd.concat(frames, ignore_index=True)


def recommend(scores: pd.DataFrame, better: Mapping[str, bool] = HIGHER_IS_BETTER) -> pd.DataFrame:
    """Name the optimum of each dataset, modality and metric.

    The optimum is the strength with the best mean gain on *validation*; only strengths at which
    every seed trained to the end are eligible. Validation and test scores come from the same
    trained models, so the test gain of the strength that won on validation is still selected: with
    9 strengths and no effect at all it is above 0 on average. The gain reported is therefore
    cross-fitted: for each seed, that of the strength which wins on the validation scores of the
    *other* seeds. It is what choosing a strength in this way gains on a seed not seen.

    Verdicts: ``align`` when that gain is above 0 (paired t test, p below 0.05); ``do not align``
    when its interval reaches 0 and aligning loses on average over all strengths up to the usual 1
    (t test of each seed's gain, integrated by trapezoids, so that it does not matter how densely
    they were tried; p below 0.05); else ``indifferent``.

    Parameters
    ----------
    scores, better
        As for `gains`.

    Returns
    -------
    pandas.DataFrame
        Columns ``dataset, modality, metric, optimum, baseline, score, gain, gain_low, gain_high,
        p_value, verdict, optimum_low, optimum_high, plateau, usual, cost, cost_low, cost_high``;
        `baseline` and `score` are mean test scores at 0 and at the optimum, `optimum_low` to
        `optimum_high` is the range of the strengths that win when one seed is left out, and
        `plateau` lists the strengths whose test scores cannot be told from the optimum's (paired t
        test). `cost` is what the `usual` strength (1, or the one tried that is nearest) loses
        against the optimum, with its 95 % interval. A dataset on which strength 0 itself diverged
        has no optimum.
    """
    rows = []
    for (dataset, modality, metric), group in scores.groupby(_GROUP, sort=False):
        validation = _differences(group, better[metric], "validation").dropna(axis="columns")
        test = _differences(group, better[metric], "test")
        optimum = str(validation.mean().idxmax()) if len(validation.columns) else None
        mean = group[group["split"] == "test"].groupby("strength")["value"].mean()
        winners = _winners(validation)
        crossed = paired(np.array([test.loc[seed, winner] for seed, winner in winners.items()]))
        usual = nearest(test, USUAL)
        lost = test[optimum] - test[usual] if optimum else test[usual] * np.nan
        cost = paired(lost.dropna().to_numpy())
        rows.append(
            {
                "dataset": dataset,
                "modality": modality,
                "metric": metric,
                "optimum": optimum,
                "baseline": mean[BASELINE],
                "score": mean[optimum] if optimum else np.nan,
                **{k: crossed[k] for k in ("gain", "gain_low", "gain_high", "p_value")},
                "verdict": _verdict(crossed, paired(_average(test).dropna().to_numpy())),
                "optimum_low": min(winners.values(), key=float, default=None),
                "optimum_high": max(winners.values(), key=float, default=None),
                "plateau": " ".join(_plateau(test[validation.columns], optimum)),
                "usual": usual,
                **{k.replace("gain", "cost"): cost[k] for k in ("gain", "gain_low", "gain_high")},
            }
        )
    return pd.DataFrame(rows)


def nearest(strengths: Iterable[str], wanted: str) -> str:
    """Return the strength nearest to the one wanted; the smaller of two."""
    return min(strengths, key=lambda s: (abs(float(s) - float(wanted)), float(s)))


def of_both(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the mean score of the two modalities, as that of a modality ``"a+b"``."""
    keys = ["dataset", "strength", "seed", "split", "metric"]
    mean = scores.groupby(keys, sort=False)["value"].agg(lambda v: v.mean(skipna=False))
    return mean.reset_index().assign(modality="+".join(dict.fromkeys(scores["modality"])))


def _average(gain: pd.DataFrame) -> pd.Series:
    """Return each seed's gain averaged over the strengths from 0 to the usual one."""
    whole = gain.dropna(axis="columns", how="all")
    curve = whole.set_axis(whole.columns.astype(float), axis="columns").sort_index(axis="columns")
    x = curve.columns.to_numpy()
    end = min(float(USUAL), x[-1]) if len(x) > 1 else 0.0
    if end == 0:
        return curve.mean(axis="columns") * np.nan
    grid = np.union1d(x[x < end], end)
    values = [np.interp(grid, x, row) for row in curve.to_numpy()]
    return pd.Series(np.trapezoid(values, grid, axis=1) / end, index=curve.index)


def _plateau(gain: pd.DataFrame, optimum: str | None) -> list[str]:
    """Return the strengths whose gains are not distinguishable from the optimum's, in order."""
    if optimum is None:
        return []
    behind = {s: paired((gain[optimum] - gain[s]).dropna().to_numpy()) for s in gain}
    level = [s for s, d in behind.items() if not (d["gain"] > 0 and d["p_value"] < LEVEL)]
    return sorted(level, key=float)


def _winners(validation: pd.DataFrame) -> dict[Any, str]:
    """Return, for each seed, the strength that wins on the validation gains of the other seeds."""
    if validation.empty:
        return {}
    return {s: str(validation.drop(index=s).mean().idxmax()) for s in validation.index}


def holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Holm's step-down adjusted p values (Holm 1979); NaN are left out of the family."""
    adjusted = np.full(p.shape, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    stepped = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1)
    return adjusted


def paired(differences: NDArray[np.float64]) -> dict[str, float]:
    """Mean, 95 % t interval and two-sided p of paired differences."""
    n = len(differences)
    mean = float(differences.mean()) if n else np.nan
    error = float(differences.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan
    if error == 0:  # the baseline against itself, or no difference in any seed
        return {
            "gain": mean, "gain_low": mean, "gain_high": mean,
            "p_value": 1.0 if mean == 0 else 0.0, "seeds": n,
        }  # fmt: skip
    half = error * stdtrit(n - 1, (1 + CONFIDENCE) / 2) if n > 1 else np.nan
    return {
        "gain": mean,
        "gain_low": mean - half,
        "gain_high": mean + half,
        "p_value": 2 * stdtr(n - 1, -abs(mean) / error) if n > 1 else np.nan,
        "seeds": n,
    }


def _differences(scores: pd.DataFrame, better: bool, split: str) -> pd.DataFrame:
    """Return the gain over strength 0, seeds x strengths, of one curve on one split."""
    values = scores[scores["split"] == split].pivot_table(
        index="seed", columns="strength", values="value", sort=False, dropna=False
    )
    if BASELINE not in values:
        name = f"{scores['dataset'].iloc[0]}, {scores['modality'].iloc[0]}"
        raise ValueError(f"{name}: strength {BASELINE} is missing; it is the baseline")
    return values.sub(values[BASELINE], axis=0) * (1 if better else -1)


def _verdict(crossed: Mapping[str, float], average: Mapping[str, float]) -> str:
    if crossed["p_value"] < LEVEL and crossed["gain"] > 0:
        return "align"
    if crossed["gain_low"] <= 0 and average["p_value"] < LEVEL and average["gain"] < 0:
        return "do not align"
    return "indifferent"
