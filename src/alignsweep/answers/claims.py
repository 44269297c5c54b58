"""What the paper claims of synthetic data (arXiv 2511.12121), held against a study's own tables.

R is the number of label bits, of 8, that both modalities see:

- redundant (R of 6 and more): accuracy rises with strength, monotonically, and then saturates,
- unique (R up to 2): it falls,
- mixed (between): an inverted U, best at a strength of 0.4 to 0.6,
- whatever R: the modalities' alignment grows with strength, by every metric.

The paper trains every model for the same epochs, and so are its claims judged: by the scores at the
last epoch, each by an interval; what the paper says and the tables do not show is shown as not
holding. Beside it stands what is left of a claim about accuracy where the epoch is chosen on
validation, at strength 0 as at the others.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from alignsweep.metrics import METRICS
from alignsweep.selection.curve import BASELINE, Curve, curves
from alignsweep.selection.optimum import MARGIN, recommend
from alignsweep.selection.statistics import Mean, paired

METRIC = "accuracy"
UNIQUE, REDUNDANT = 2, 6
BEST_OF_MIXED = ("0.4", "0.6")
COLUMNS = (
    *("claim", "dataset", "alignment", "modality", "expected", "observed"),
    *("effect", "low", "high", "holds"),
    *("tuned_effect", "tuned_low", "tuned_high", "holds_tuned"),
)

Row = dict[str, Any]


def check(datasets: pd.DataFrame, alignment: pd.DataFrame, probe: pd.DataFrame) -> pd.DataFrame:
    """Hold the paper's claims against the tables of a study.

    Parameters
    ----------
    datasets, alignment, probe
        The tables of these names. Only datasets whose `redundancy` is a fact in `datasets` are
        looked at.

    Returns
    -------
    pandas.DataFrame
        Columns ``claim, dataset, alignment, modality, expected, observed, effect, low, high,
        holds``, at the last epoch. The effect is a paired difference over seeds with its 95 %
        interval, or the optimal strength with its range; `expected` says what must be true of it.
        For alignment metrics, `modality` names the metric. For claims about accuracy, the same at
        the epoch that validation chose: ``tuned_effect, tuned_low, tuned_high, holds_tuned``.
    """
    known = datasets[datasets["fact"] == "redundancy"].set_index("dataset")["value"]
    scores = probe[probe["dataset"].isin(known.index) & (probe["metric"] == METRIC)]
    ended = list(_about_accuracy(known, scores.assign(value=scores["fixed_epochs"])))
    tuned = {_name(row): row for row in _about_accuracy(known, scores)}
    rows: list[Row] = []
    for dataset in known.index:
        for row in (r for r in ended if r["dataset"] == dataset):
            beside = tuned[_name(row)]
            renamed = {f"tuned_{c}": beside[c] for c in ("effect", "low", "high")}
            rows.append(row | renamed | {"holds_tuned": beside["holds"]})
        rows += _alignment(str(dataset), alignment[alignment["dataset"] == dataset])
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _name(row: Row) -> tuple[str, ...]:
    return tuple(str(row[c]) for c in COLUMNS[:4])


def _about_accuracy(known: pd.Series, scores: pd.DataFrame) -> Iterator[Row]:
    if scores.empty:
        return
    best = recommend(scores).set_index(["dataset", "alignment", "modality"])
    single = set(scores["modality"])
    for curve in curves(scores):
        if curve.keys[2] in single and best.loc[curve.keys[:3], "optimum"] is not None:
            yield from _accuracy(curve, int(known[curve.keys[0]]), best.loc[curve.keys[:3]])


def _accuracy(curve: Curve, redundancy: int, best: pd.Series) -> Iterator[Row]:
    row: Row = dict(zip(("dataset", "alignment", "modality"), curve.keys, strict=False))
    last, largest = curve.mean_gain(-1), curve.strengths[-1]
    at_best = {"effect": best["gain"], "low": best["gain_low"], "high": best["gain_high"]}
    gained = {
        "expected": "the gain at the optimum is above 0",
        "observed": f"{best['gain']:+.3f}, optimum {best['optimum']}",
        **at_best,
        "holds": bool(best["gain_low"] > 0),
    }
    if redundancy <= UNIQUE:
        yield row | {
            "claim": "unique information: accuracy falls",
            "expected": f"the gain at strength {largest} is below 0",
            "observed": f"{last.value:+.3f} at strength {largest}",
            **_effect(last),
            "holds": last.negative,
        }
    elif redundancy >= REDUNDANT:
        yield row | {"claim": "redundant information: accuracy rises", **gained}
        fall = _from_peak(curve)
        yield row | {
            "claim": "redundant information: it rises monotonically, then saturates",
            "expected": f"from its peak to strength {largest} it falls by less than {MARGIN}",
            "observed": f"{fall.value:+.3f} from the peak to strength {largest}",
            **_effect(fall),
            "holds": bool(fall.low > -MARGIN),
        }
    else:
        fall = _from_peak(curve)
        yield row | {"claim": "mixed information: an inverted U rises", **gained}
        yield row | {
            "claim": "mixed information: an inverted U falls again",
            "expected": f"from its peak to strength {largest} it falls",
            "observed": f"{fall.value:+.3f} from the peak to strength {largest}",
            **_effect(fall),
            "holds": fall.negative,
        }
        low, high = BEST_OF_MIXED
        ends = [float(best[c]) for c in ("optimum_low", "optimum_high")]
        yield row | {
            "claim": "mixed information: the optimum",
            "expected": f"the optimum lies in {low} to {high}, with its range",
            "observed": f"{best['optimum']} ({best['optimum_low']} to {best['optimum_high']})",
            **{"effect": float(best["optimum"]), "low": ends[0], "high": ends[1]},
            "holds": float(low) <= ends[0] and ends[1] <= float(high),
        }


def _from_peak(curve: Curve) -> Mean:
    """Return the change from the peak to the largest strength.

    Each seed's peak is that of the other seeds, so that noise does not make it.
    """
    gain = curve.gain
    seeds = np.arange(len(gain))
    if len(seeds) < 2:
        return paired(np.array([]))
    others = np.array([np.nanmean(np.delete(gain, k, axis=0), axis=0) for k in seeds])
    peak = np.nanargmax(others, axis=1)
    return paired(gain[:, -1] - gain[seeds, peak], curve.resolution)


def _alignment(dataset: str, alignment: pd.DataFrame) -> Iterator[Row]:
    for (name, metric), group in alignment.groupby(["alignment", "metric"], sort=False):
        largest = max(group["strength"], key=float)
        values = group.pivot_table(index="seed", columns="strength", values="value", dropna=False)
        found = paired((values[largest] - values[BASELINE]).to_numpy())
        higher = METRICS[metric].higher_is_more_aligned
        yield {
            "claim": "alignment grows with strength",
            "dataset": dataset,
            "alignment": name,
            "modality": metric,
            "expected": f"{'higher' if higher else 'lower'} at strength {largest} than at 0",
            "observed": f"{values[BASELINE].mean():.3f} to {values[largest].mean():.3f}",
            **_effect(found),
            "holds": found.positive if higher else found.negative,
        }


def _effect(found: Mean) -> dict[str, float]:
    return {"effect": found.value, "low": found.low, "high": found.high}
