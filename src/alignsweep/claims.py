"""What the paper claims of synthetic data (arXiv 2511.12121), held against a study's own tables.

R is the number of label bits, of 8, that both modalities see:

- redundant (R of 6 and more): accuracy rises with strength,
- unique (R up to 2): it falls,
- mixed (between): an inverted U, best at a strength between 0 and the largest,
- whatever R: alignment metrics rise with strength.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from alignsweep.recommend import BASELINE, paired

METRIC = "accuracy"
UNIQUE, REDUNDANT = 2, 6
COLUMNS = (
    *("claim", "dataset", "modality", "expected", "observed"),
    *("effect", "low", "high", "holds"),
)

Row = dict[str, Any]


def check(
    datasets: pd.DataFrame, gains: pd.DataFrame, optimum: pd.DataFrame, alignment: pd.DataFrame
) -> pd.DataFrame:
    """Hold the paper's claims against the tables of a study.

    Parameters
    ----------
    datasets, gains, optimum, alignment
        The tables of these names. Only datasets whose `redundancy` is a fact in `datasets` are
        looked at.

    Returns
    -------
    pandas.DataFrame
        Columns ``claim, dataset, modality, expected, observed, effect, low, high, holds``. The
        effect is a paired difference over seeds with its 95 % interval; a claim holds if the
        interval lies on the expected side of 0 (and, for the inverted U, if the optimum is inside).
        For alignment metrics, `modality` names the metric.
    """
    known = datasets[datasets["fact"] == "redundancy"].set_index("dataset")["value"]
    rows: list[Row] = []
    for dataset, redundancy in known.items():
        own = [t[(t["dataset"] == dataset) & (t["metric"] == METRIC)] for t in (gains, optimum)]
        rows += _accuracy(str(dataset), int(redundancy), *own)
        rows += _alignment(str(dataset), alignment[alignment["dataset"] == dataset])
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _accuracy(
    dataset: str, redundancy: int, gains: pd.DataFrame, optimum: pd.DataFrame
) -> Iterator[Row]:
    largest = max(gains["strength"], key=float)
    for best in optimum.to_dict("records"):
        at_best = {"effect": best["gain"], "low": best["gain_low"], "high": best["gain_high"]}
        end = gains[(gains["modality"] == best["modality"]) & (gains["strength"] == largest)]
        gain, low, high = end[["gain", "gain_low", "gain_high"]].iloc[0]
        row: Row = {"dataset": dataset, "modality": best["modality"]}
        seen = f"optimum {best['optimum']}"
        if redundancy <= UNIQUE:
            yield row | {
                "claim": "unique information: accuracy falls",
                "expected": f"a loss at strength {largest}",
                "observed": f"{gain:+.3f} at strength {largest}",
                **{"effect": gain, "low": low, "high": high},
                "holds": bool(high < 0),
            }
        elif redundancy >= REDUNDANT:
            yield row | {
                "claim": "redundant information: accuracy rises",
                "expected": "a gain at the optimum",
                "observed": f"{best['gain']:+.3f}, {seen}",
                **at_best,
                "holds": bool(best["gain_low"] > 0),
            }
        else:
            inside = best["optimum"] not in (BASELINE, largest)
            yield row | {
                "claim": "mixed information: an inverted U",
                "expected": f"a gain at an optimum between 0 and {largest}",
                "observed": f"{best['gain']:+.3f}, {seen}",
                **at_best,
                "holds": bool(inside and best["gain_low"] > 0),
            }


def _alignment(dataset: str, alignment: pd.DataFrame) -> Iterator[Row]:
    largest = max(alignment["strength"], key=float)
    for metric, group in alignment.groupby("metric", sort=False):
        values = group.pivot_table(index="seed", columns="strength", values="value", dropna=False)
        found = paired((values[largest] - values[BASELINE]).dropna().to_numpy())
        yield {
            "claim": "alignment metrics rise",
            "dataset": dataset,
            "modality": metric,
            "expected": f"higher at strength {largest} than at 0",
            "observed": f"{values[BASELINE].mean():.3f} to {values[largest].mean():.3f}",
            **{"effect": found["gain"], "low": found["gain_low"], "high": found["gain_high"]},
            "holds": bool(found["gain_low"] > 0),
        }
