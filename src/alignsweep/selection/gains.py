"""What every strength gains over strength 0: the table ``gains.csv``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from alignsweep.selection.curve import KEYS, Samples, curves
from alignsweep.selection.design import Design
from alignsweep.selection.statistics import Mean, holm, paired


def gains(
    scores: pd.DataFrame,
    samples: Samples | None = None,
    designs: Mapping[str, Design] | None = None,
) -> pd.DataFrame:
    """Compare each strength with strength 0 on the test split, paired by seed.

    Parameters
    ----------
    scores
        A probe table, see `probe_samples`.
    samples, designs
        As for `curves`.

    Returns
    -------
    pandas.DataFrame
        One row per dataset, alignment, modality, metric and strength (modality ``"both"``: the mean
        of the two; ``use``: what the score is for): ``validation`` (mean over seeds), ``score``
        (`Curve.score`) with its 95 % t interval over seeds ``score_low``, ``score_high``, ``gain``
        (mean paired difference on test, positive when better), ``gain_low``, ``gain_high`` (its
        95 % interval, which covers what ``interval`` says), ``p_value`` (Holm-corrected over
        strengths), ``seeds`` (pairs that trained to the end), ``seed_low, seed_high, sd_seed,
        sd_test, sd_data`` (`statistics.Mean`), and ``gain_fixed_epochs``, the same gain at the end
        of training.

    Raises
    ------
    ValueError
        If strength 0 is missing.
    """
    rows: list[dict[str, Any]] = []
    fixed = curves(scores, value="fixed_epochs" if "fixed_epochs" in scores else "value")
    for curve, end in zip(curves(scores, samples, designs), fixed, strict=True):
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
                    **interval("gain", found[s]),
                    "p_value": corrected[s],
                    "seeds": found[s].seeds,
                    **parts(found[s]),
                    "interval": curve.design.interval,
                    "use": curve.use,
                    "gain_fixed_epochs": end.mean_gain(s).value,
                }
            )
    return pd.DataFrame(rows)


def interval(name: str, mean: Mean, value: str | None = None) -> dict[str, float]:
    """Return the columns of a mean and its interval."""
    return {value or name: mean.value, f"{name}_low": mean.low, f"{name}_high": mean.high}


def parts(mean: Mean) -> dict[str, float]:
    """Return the columns of what a mean's uncertainty is made of."""
    names = ("seed_low", "seed_high", "sd_seed", "sd_test", "sd_data")
    return {name: getattr(mean, name) for name in names}
