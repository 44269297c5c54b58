"""Claims beyond the paper: what harms, and how the harm is avoided, held against a study's tables.

Of synthetic data, where redundancy and shared nuisance are known:

- shared nuisance harms: at one redundancy, InfoNCE at strength 1 loses more with more of it;
- without it nothing loses more than a point at strength 1, whatever the redundancy;
- aligning up to a third of the embedding loses less than a point at any strength up to 2, and gains
  as much as aligning all of it where that gains;
- the harm is contrastive: where InfoNCE loses at strength 1, other losses lose less at the same.

Each is decided by an interval. Which objectives are contrastive is named here: a loss of a user's
own is in no claim.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from alignsweep.selection.curve import Curve
from alignsweep.selection.optimum import MARGIN
from alignsweep.selection.statistics import CONFIDENCE, Mean, paired
from alignsweep.selection.winners import winners

Row = dict[str, Any]

CONTRASTIVE = "infonce"
NOT_CONTRASTIVE = ("cosine", "barlow", "vicreg", "cca", "cka", "prediction")
#: A point, and the strength up to which a part is held to be harmless.
POINT, STRONG = 0.01, 2.0
#: The largest share of the embedding that is a part here.
PART = 1 / 3


def rows(
    known: pd.DataFrame,
    curves: Sequence[Curve],
    objectives: Mapping[str, str],
    shares: Mapping[tuple[str, str], float],
) -> Iterator[Row]:
    """Yield the claims about accuracy that the curves of a study can decide.

    Parameters
    ----------
    known
        Columns ``redundancy`` and ``nuisance``, by dataset.
    curves
        Of single modalities.
    objectives
        Alignment -> objective.
    shares
        (dataset, alignment) -> share of the embedding that is aligned.
    """
    own = [c for c in curves if c.keys[0] in known.index and c.usual is not None]
    share = {id(c): shares[c.keys[0], c.keys[1]] for c in own}
    whole = [c for c in own if share[id(c)] == 1]
    full = {(c.keys[0], c.keys[2]): c for c in whole if objectives[c.keys[1]] == CONTRASTIVE}
    yield from _nuisance_harms(known, list(full.values()))
    yield from _nothing_else_harms(known, list(full.values()))
    for curve in own:
        beside = full.get((curve.keys[0], curve.keys[2]))
        objective = objectives[curve.keys[1]]
        if objective == CONTRASTIVE and share[id(curve)] <= PART:
            yield from _a_part(curve, beside)
        if objective in NOT_CONTRASTIVE and share[id(curve)] == 1 and beside is not None:
            yield from _contrastive(curve, beside)


def _nuisance_harms(known: pd.DataFrame, full: Sequence[Curve]) -> Iterator[Row]:
    def level(curve: Curve) -> tuple[float, str, str]:
        dataset, alignment, modality, _ = curve.keys
        return float(known.loc[dataset, "redundancy"]), alignment, modality

    def nuisance(curve: Curve) -> float:
        return float(known.loc[curve.keys[0], "nuisance"])

    for (redundancy, *_), group in groupby(sorted(full, key=level), key=level):
        ordered = sorted(group, key=nuisance)
        least, most = ordered[0], ordered[-1]
        if nuisance(least) == nuisance(most):
            continue
        gains = [(c, c.mean_gain(_usual(c))) for c in ordered]
        said = ", ".join(f"{nuisance(c):g}: {g.value:+.3f}" for c, g in gains)
        change = _between(_gains(most), _gains(least))
        yield _row(most) | {
            "claim": "shared nuisance harms: the loss at strength 1 grows with it",
            "expected": f"at R = {redundancy:g}, the gain with {nuisance(most):g} bits of nuisance "
            f"is below that with {nuisance(least):g}",
            "observed": f"gain at strength {most.strengths[_usual(most)]} by bits: {said}",
            **change,
            "holds": change["high"] < 0,
        }


def _nothing_else_harms(known: pd.DataFrame, full: Sequence[Curve]) -> Iterator[Row]:
    for curve in full:
        if known.loc[curve.keys[0], "nuisance"] == 0:
            found, at = curve.mean_gain(_usual(curve)), curve.strengths[_usual(curve)]
            yield _row(curve) | {
                "claim": "without shared nuisance: strength 1 does no harm",
                "expected": f"the gain at strength {at} is above -{POINT}",
                "observed": f"{found.value:+.3f} at strength {at}",
                **effect(found),
                "holds": bool(found.low > -POINT),
            }


def _a_part(part: Curve, full: Curve | None) -> Iterator[Row]:
    places = [s for s in part.aligned if float(part.strengths[s]) <= STRONG]
    found = [(part.mean_gain(s), part.strengths[s]) for s in places]
    worst, at = min(found, key=lambda f: f[0].value)
    yield _row(part) | {
        "claim": "aligning a part: no strength does harm",
        "expected": f"the lowest gain up to strength {STRONG:g} is above -{POINT}",
        "observed": f"{worst.value:+.3f} at strength {at}",
        **effect(worst),
        "holds": bool(worst.low > -POINT),
    }
    if full is None:
        return
    of_full, of_part = (_at_optimum(curve) for curve in (full, part))
    if paired(of_full, full.resolution).positive:
        more = paired(of_part - of_full, full.resolution)
        yield _row(part) | {
            "claim": "aligning a part: it gains as much as aligning all, where that gains",
            "expected": f"gain at the optimum less that of {full.keys[1]} is above -{MARGIN}",
            "observed": f"{np.nanmean(of_part):+.3f} against {np.nanmean(of_full):+.3f}",
            **effect(more),
            "holds": bool(more.low > -MARGIN),
        }


def _contrastive(curve: Curve, full: Curve) -> Iterator[Row]:
    if not full.mean_gain(_usual(full)).negative:
        return
    mine, theirs = _gains(curve), _gains(full)
    more = paired(mine - theirs, curve.resolution)
    yield _row(curve) | {
        "claim": "the harm is contrastive: another loss loses less at strength 1",
        "expected": f"where {full.keys[1]} loses, the gain is above its",
        "observed": f"{np.nanmean(mine):+.3f} against {np.nanmean(theirs):+.3f}",
        **effect(more),
        "holds": more.positive,
    }


def _usual(curve: Curve) -> int:
    assert curve.usual is not None
    return curve.usual


def _gains(curve: Curve) -> Any:
    """Return the gain of each seed at the usual strength."""
    return curve.gain[:, _usual(curve)]


def _at_optimum(curve: Curve) -> Any:
    """Return the gain of each seed at the strength that the others choose."""
    won = winners(curve)
    if won is None:
        return np.full(len(curve.seeds), np.nan)
    return curve.gain[won.seeds, won.of_seed]


def _between(one: Any, other: Any) -> dict[str, float]:
    """Return the difference of two means of independent samples, with Welch's 95 % interval."""
    one, other = (x[~np.isnan(x)] for x in (one, other))
    if min(len(one), len(other)) < 2:
        return dict.fromkeys(("effect", "low", "high"), np.nan)
    parts = np.array([x.var(ddof=1) / len(x) for x in (one, other)])
    if not parts.any():
        return dict.fromkeys(("effect", "low", "high"), np.nan)
    freedom = parts.sum() ** 2 / (parts**2 / [len(one) - 1, len(other) - 1]).sum()
    half = float(np.sqrt(parts.sum()) * stdtrit(freedom, (1 + CONFIDENCE) / 2))
    value = float(one.mean() - other.mean())
    return {"effect": value, "low": value - half, "high": value + half}


def _row(curve: Curve) -> Row:
    return {
        **dict(zip(("dataset", "alignment", "modality"), curve.keys, strict=False)),
        "source": "here",
    }


def effect(found: Mean) -> dict[str, float]:
    """Return the columns of an effect and its interval."""
    return {"effect": found.value, "low": found.low, "high": found.high}
