"""What is claimed of synthetic data, held against a study's own tables.

First what the paper claims (arXiv 2511.12121), of InfoNCE on its own distribution, whose shared
bits all matter or are nuisance. R is the number of label bits, of 8, that both modalities see:

- redundant (R of 6 and more): accuracy rises with strength, monotonically, and then saturates,
- unique (R up to 2): it falls,
- mixed (between): an inverted U, best at a strength of 0.4 to 0.6,
- whatever R: the modalities' alignment grows with strength, by every metric.

The paper trains every model for the same epochs, and so are its claims judged: by the scores at the
last epoch, each by an interval; what the paper says and the tables do not show is shown as not
holding. Beside it stands what is left of a claim about accuracy where the epoch is chosen on
validation, at strength 0 as at the others. Then what is claimed here (`beyond`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alignsweep.answers import beyond
from alignsweep.data.checks import LABEL_BITS
from alignsweep.metrics import METRICS
from alignsweep.scores import headline
from alignsweep.selection.curve import BASELINE, Curve, curves
from alignsweep.selection.optimum import MARGIN, recommend
from alignsweep.selection.statistics import Mean, paired

METRIC = "accuracy"
UNIQUE, REDUNDANT = 2, 6
BEST_OF_MIXED = ("0.4", "0.6")
COLUMNS = (
    *("claim", "dataset", "alignment", "modality", "expected", "observed"),
    *("effect", "low", "high", "holds"),
    *("tuned_effect", "tuned_low", "tuned_high", "holds_tuned", "source"),
)

Row = dict[str, Any]


def check(
    datasets: pd.DataFrame,
    alignment: pd.DataFrame,
    probe: pd.DataFrame,
    objectives: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """Hold the claims against the tables of a study.

    Parameters
    ----------
    datasets, alignment, probe
        The tables of these names. Only datasets whose `redundancy` is a fact in `datasets` are
        looked at.
    objectives
        Alignment -> objective; by default InfoNCE for all of them.

    Returns
    -------
    pandas.DataFrame
        Columns ``claim, dataset, alignment, modality, expected, observed, effect, low, high,
        holds``, at the last epoch. The effect is a paired difference over seeds with its 95 %
        interval, or the optimal strength with its range; `expected` says what must be true of it.
        For alignment metrics, `modality` names the metric. For claims about accuracy, the same at
        the epoch that validation chose: ``tuned_effect, tuned_low, tuned_high, holds_tuned``. The
        ``source`` is ``paper`` or ``here``.
    """
    known = _known(datasets)
    own = headline(probe)
    scores = own[own["dataset"].isin(known.index) & (own["metric"] == METRIC)]
    of = objectives or dict.fromkeys(scores["alignment"].unique(), beyond.CONTRASTIVE)
    about = partial(_about_accuracy, known, objectives=of)
    ended = list(about(scores.assign(value=scores["fixed_epochs"])))
    tuned = {_name(row): row for row in about(scores)}
    rows: list[Row] = []
    for row in ended:
        # what is claimed where InfoNCE loses, or gains, may be claimed of one of the two alone
        beside = tuned.get(_name(row), {})
        renamed = {f"tuned_{c}": beside.get(c, np.nan) for c in ("effect", "low", "high")}
        rows.append(row | renamed | {"holds_tuned": beside.get("holds")})
    shares = _shares(scores)
    for dataset in known.index[known["published"]]:
        measured = alignment[alignment["dataset"] == dataset]
        for name, part in measured.groupby("alignment", sort=False):
            if of[str(name)] == beyond.CONTRASTIVE and shares[dataset, str(name)] == 1:
                rows += _alignment(str(dataset), part)
    order = {dataset: i for i, dataset in enumerate(known.index)}
    rows.sort(key=lambda row: (row["source"] != "paper", order[row["dataset"]]))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _known(datasets: pd.DataFrame) -> pd.DataFrame:
    """Return redundancy, nuisance, and whether they are those of the paper, by dataset."""
    facts = datasets[datasets["fact"].isin(["redundancy", "nuisance"])]
    wanted = {"index": "dataset", "columns": "fact", "values": "value", "sort": False}
    known = facts.pivot_table(**wanted).reindex(columns=["redundancy", "nuisance"])
    known = known[known["redundancy"].notna()]
    theirs = LABEL_BITS - known["redundancy"]
    return known.fillna({"nuisance": theirs}).assign(
        published=known["nuisance"].isna() | (known["nuisance"] == theirs)
    )


def _shares(scores: pd.DataFrame) -> dict[tuple[str, str], float]:
    """Return the share of the embedding that is aligned, by dataset and alignment."""
    keys = ["dataset", "alignment"]
    if "shared_width" not in scores:
        return dict.fromkeys(scores.set_index(keys).index, 1.0)
    share = scores["shared_width"] / scores["width"]
    return {
        (str(d), str(a)): v for (d, a), v in share.groupby([scores[k] for k in keys]).min().items()
    }


def _name(row: Row) -> tuple[str, ...]:
    return tuple(str(row[c]) for c in COLUMNS[:4])


def _about_accuracy(
    known: pd.DataFrame, scores: pd.DataFrame, *, objectives: Mapping[str, str]
) -> Iterator[Row]:
    if scores.empty:
        return
    best = recommend(scores).set_index(["dataset", "alignment", "modality"])
    single, shares = set(scores["modality"]), _shares(scores)
    found = [
        c
        for c in curves(scores)
        if c.keys[2] in single and best.loc[c.keys[:3], "optimum"] is not None
    ]
    for curve in found:
        dataset, alignment, *_ = curve.keys
        full = objectives[alignment] == beyond.CONTRASTIVE and shares[dataset, alignment] == 1
        if known.loc[dataset, "published"] and full:
            redundancy = int(known.loc[dataset, "redundancy"])
            yield from _accuracy(curve, redundancy, best.loc[curve.keys[:3]])
    yield from beyond.rows(known, found, objectives, shares)


def _accuracy(curve: Curve, redundancy: int, best: pd.Series) -> Iterator[Row]:
    row: Row = dict(zip(("dataset", "alignment", "modality"), curve.keys, strict=False))
    row["source"] = "paper"
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
            **beyond.effect(last),
            "holds": last.negative,
        }
    elif redundancy >= REDUNDANT:
        yield row | {"claim": "redundant information: accuracy rises", **gained}
        fall = _from_peak(curve)
        yield row | {
            "claim": "redundant information: it rises monotonically, then saturates",
            "expected": f"from its peak to strength {largest} it falls by less than {MARGIN}",
            "observed": f"{fall.value:+.3f} from the peak to strength {largest}",
            **beyond.effect(fall),
            "holds": bool(fall.low > -MARGIN),
        }
    else:
        fall = _from_peak(curve)
        yield row | {"claim": "mixed information: an inverted U rises", **gained}
        yield row | {
            "claim": "mixed information: an inverted U falls again",
            "expected": f"from its peak to strength {largest} it falls",
            "observed": f"{fall.value:+.3f} from the peak to strength {largest}",
            **beyond.effect(fall),
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
    others = np.array([_mean_of_known(np.delete(gain, k, axis=0)) for k in seeds])
    peak = others.argmax(axis=1)
    return paired(gain[:, -1] - gain[seeds, peak], curve.resolution)


def _mean_of_known(gain: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean gain over seeds of each strength; of one whose models diverged, -inf."""
    known = np.isfinite(gain)
    count = known.sum(axis=0)
    total = np.where(known, gain, 0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), -np.inf)


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
            **beyond.effect(found),
            "holds": found.positive if higher else found.negative,
            "source": "paper",
        }
