"""Which strength is best, by how much, and how sure: statistics paired by seed.

For one seed all strengths share initialisation and batch order, so differences to strength 0 are
taken seed by seed, and their spread over seeds gives intervals and tests. All seeds share the
data: what the intervals cover is training, not the draw of the samples.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    when its interval reaches 0 and the strengths above 0 that were tried lose on average (t test
    of each seed's mean gain, p below 0.05); else ``indifferent``.

    Parameters
    ----------
    scores, better
        As for `gains`.

    Returns
    -------
    pandas.DataFrame
        Columns ``dataset, modality, metric, optimum, baseline, score, gain, gain_low, gain_high,
        p_value, verdict, optimum_low, optimum_high``; `baseline` and `score` are mean test scores
        at 0 and at the optimum, and `optimum_low` to `optimum_high` is the range of the strengths
        that win when one seed is left out. A dataset on which strength 0 itself diverged has no
        optimum.
    """
    rows = []
    for (dataset, modality, metric), group in scores.groupby(_GROUP, sort=False):
        validation = _differences(group, better[metric], "validation").dropna(axis="columns")
        test = _differences(group, better[metric], "test")
        optimum = str(validation.mean().idxmax()) if len(validation.columns) else None
        mean = group[group["split"] == "test"].groupby("strength")["value"].mean()
        winners = _winners(validation)
        crossed = paired(np.array([test.loc[seed, winner] for seed, winner in winners.items()]))
        tried = paired(test.drop(columns=BASELINE).mean(axis=1).dropna().to_numpy())
        rows.append(
            {
                "dataset": dataset,
                "modality": modality,
                "metric": metric,
                "optimum": optimum,
                "baseline": mean[BASELINE],
                "score": mean[optimum] if optimum else np.nan,
                **{k: crossed[k] for k in ("gain", "gain_low", "gain_high", "p_value")},
                "verdict": _verdict(crossed, tried),
                "optimum_low": min(winners.values(), key=float, default=None),
                "optimum_high": max(winners.values(), key=float, default=None),
            }
        )
    return pd.DataFrame(rows)


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


def _verdict(crossed: Mapping[str, float], tried: Mapping[str, float]) -> str:
    if crossed["p_value"] < LEVEL and crossed["gain"] > 0:
        return "align"
    if crossed["gain_low"] <= 0 and tried["p_value"] < LEVEL and tried["gain"] < 0:
        return "do not align"
    return "indifferent"
