"""Which strength is best, by how much, and how sure: statistics paired by seed.

For one seed all strengths share initialisation, batch order and data, so the differences to
strength 0 are taken seed by seed, and their spread over seeds gives intervals and tests.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from alignsweep.tables import HIGHER_IS_BETTER

BASELINE = "0"
CONFIDENCE = 0.95
#: Family-wise error rate of a verdict.
LEVEL = 0.05

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
        differences = _differences(group, better[metric])
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
                    **_paired(differences[strength].dropna().to_numpy()),
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

    The optimum is the strength with the best mean *validation* score; what it gains is measured on
    test. Verdicts: ``align`` when the optimum gains over strength 0 (Holm-corrected p below 0.05);
    ``do not align`` when the interval of that gain reaches 0 and the strengths above 0 lose on
    average (t test over seeds of each seed's mean gain, p below 0.05); else ``indifferent``.

    Parameters
    ----------
    scores, better
        As for `gains`.

    Returns
    -------
    pandas.DataFrame
        Columns ``dataset, modality, metric, optimum, baseline, score, gain, gain_low, gain_high,
        p_value, verdict``; `baseline` and `score` are mean test scores at 0 and at the optimum.
    """
    rows = []
    compared = gains(scores, better).groupby(_GROUP, sort=False)
    for (dataset, modality, metric), group in compared:
        table = group.set_index("strength")
        own = scores.query("dataset == @dataset and modality == @modality and metric == @metric")
        order = table["validation"].dropna() * (1 if better[metric] else -1)
        optimum = str(order.idxmax())
        best = table.loc[optimum]
        rows.append(
            {
                "dataset": dataset,
                "modality": modality,
                "metric": metric,
                "optimum": optimum,
                "baseline": table.loc[BASELINE, "score"],
                "score": best["score"],
                **{k: best[k] for k in ("gain", "gain_low", "gain_high", "p_value")},
                "verdict": _verdict(best, _mean_gain(own, better[metric])),
            }
        )
    return pd.DataFrame(rows)


def holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return Holm's step-down adjusted p values (Holm 1979); NaN are left out of the family."""
    adjusted = np.full(p.shape, np.nan)
    known = np.flatnonzero(~np.isnan(p))
    order = known[np.argsort(p[known], kind="stable")]
    stepped = p[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(stepped), 1)
    return adjusted


def _paired(differences: NDArray[np.float64]) -> dict[str, float]:
    """Mean, 95 % t interval and two-sided p of paired differences."""
    n = len(differences)
    mean = float(differences.mean()) if n else np.nan
    error = float(differences.std(ddof=1) / np.sqrt(n)) if n > 1 else np.nan
    if error == 0:  # the baseline against itself, or no difference in any seed
        return {
            "gain": mean, "gain_low": mean, "gain_high": mean,
            "p_value": 1.0 if mean == 0 else 0.0, "seeds": n,
        }  # fmt: skip
    half = error * stats.t.ppf((1 + CONFIDENCE) / 2, n - 1) if n > 1 else np.nan
    return {
        "gain": mean,
        "gain_low": mean - half,
        "gain_high": mean + half,
        "p_value": 2 * stats.t.sf(abs(mean) / error, n - 1) if n > 1 else np.nan,
        "seeds": n,
    }


def _differences(scores: pd.DataFrame, better: bool) -> pd.DataFrame:
    """Return the test gain over strength 0, seeds x strengths, of one curve."""
    test = scores[scores["split"] == "test"].pivot_table(
        index="seed", columns="strength", values="value", sort=False, dropna=False
    )
    if BASELINE not in test:
        name = f"{scores['dataset'].iloc[0]}, {scores['modality'].iloc[0]}"
        raise ValueError(f"{name}: strength {BASELINE} is missing; it is the baseline")
    return test.sub(test[BASELINE], axis=0) * (1 if better else -1)


def _mean_gain(scores: pd.DataFrame, better: bool) -> dict[str, float]:
    """Compare the strengths above 0 as a whole with strength 0: each seed's mean gain."""
    differences = _differences(scores, better).drop(columns=BASELINE)
    return _paired(differences.mean(axis=1).dropna().to_numpy())


def _verdict(best: pd.Series, overall: Mapping[str, float]) -> str:
    if best["p_value"] < LEVEL and best["gain"] > 0:
        return "align"
    if best["gain_low"] <= 0 and overall["p_value"] < LEVEL and overall["gain"] < 0:
        return "do not align"
    return "indifferent"
