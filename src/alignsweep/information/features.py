"""What can be seen of a dataset before anything is aligned: the table ``features.csv``.

A prediction of what alignment gains is made from these (`answers.prediction`). `feature_names`
says what each means.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alignsweep.data.store import Pairs, split_codes
from alignsweep.feature_names import CANONICAL
from alignsweep.information import common, knowledge
from alignsweep.information.estimate import bin_labels

Array = NDArray[np.float64]

#: Samples that are looked at, at most, and leading principal components of a modality.
SAMPLES, COMPONENTS = 3072, 64
#: Quantiles at which labels that are numbers are cut, where classes are needed.
BINS = (0.2, 0.4, 0.6, 0.8)


def features(pairs: Pairs, *, seed: int = 0) -> pd.DataFrame:
    """Look at a dataset: training and validation samples, at most `SAMPLES`.

    Parameters
    ----------
    pairs
        The dataset; of one whose seeds have draws of their own, that of seed 0.
    seed
        Seed of the choice of samples, of folds and networks.

    Returns
    -------
    pandas.DataFrame
        Columns ``dataset, modality, feature, value, low, high, unit``: features in `OF_MODALITY` of
        each modality, those in `OF_PAIR` of ``a+b``; the 95 % interval is NaN where there is none.
    """
    pairs = pairs.draw(0)
    train = len(pairs.rows("train"))
    looked_at = _chosen(pairs, seed)
    y, classes = pairs.labels[looked_at], pairs.classes
    sides = {m: _components(pairs.vectors(m, looked_at)) for m in pairs.modalities}
    rows = [
        {"dataset": pairs.name, "modality": modality, "feature": name, "value": value}
        | {"low": low, "high": high, "unit": unit}
        for modality, name, (value, low, high), unit in _rows(
            pairs.name, sides, y, classes, train, seed
        )
    ]
    return pd.DataFrame(rows)


def _chosen(pairs: Pairs, seed: int) -> NDArray[np.intp]:
    """Return the rows that are looked at: of training and validation, in these shares."""
    n = {s: len(pairs.rows(s)) for s in ("train", "validation")}
    share = min(1.0, SAMPLES / sum(n.values()))
    return np.concatenate([pairs.sample(s, max(10, int(share * n[s])), seed) for s in n])


def _components(x: Array) -> tuple[Array, float]:
    """Return leading principal components of standardised inputs, and how many count."""
    x = x - x.mean(axis=0)
    spread = x.std(axis=0)
    x = x[:, spread > 1e-9 * max(spread.max(), 1e-300)]
    x = x / x.std(axis=0)
    if not x.shape[1]:
        return np.zeros((len(x), 1)), 0.0
    by_sample = len(x) < x.shape[1]
    moments = (x @ x.T if by_sample else x.T @ x) / len(x)
    values, vectors = np.linalg.eigh(moments)
    values, vectors = values[::-1].clip(min=0), vectors[:, ::-1]
    count = float(values.sum() ** 2 / (values**2).sum())
    kept = min(COMPONENTS, int((values > 1e-9 * values[0]).sum()))
    scores = vectors * np.sqrt(len(x) * values) if by_sample else x @ vectors
    leading = scores[:, :kept]
    return leading / np.sqrt(values[0]), count


def _rows(
    name: str,
    sides: dict[str, tuple[Array, float]],
    y: NDArray[Any],
    classes: int | None,
    train: int,
    seed: int,
) -> Iterator[tuple[str, str, tuple[float, float, float], str]]:
    """Yield modality, feature, value with its interval, and unit."""
    rng = np.random.default_rng([seed, 16])
    first, second = sides
    pair = f"{first}+{second}"
    inputs = {m: x for m, (x, _) in sides.items()}
    x_a, x_b = inputs.values()
    both = np.hstack([x_a, x_b])
    strata = y if classes is not None else bin_labels(y, BINS)
    small = Pairs(
        name=name,
        inputs={m: x.astype(np.float32) for m, x in inputs.items()},
        labels=y,
        split=split_codes(len(y) - 2, 1, 1),  # drawn anew for each network
        classes=classes,
    )
    fold = knowledge.folds(y, classes, rng)
    found = {
        "linear": {
            m: knowledge.linear(x, y, classes, fold) for m, x in {**inputs, pair: both}.items()
        },
        "network": knowledge.network(small, seed),
    }
    for kind, known in found.items():
        for modality, own in known.items():
            yield modality, f"{kind}_score", own.score, "score"
            yield modality, f"{kind}_bits", own.bits, "bits"
            if modality != pair:
                missing = max(0.0, known[pair].bits[0] - own.bits[0])
                yield modality, f"{kind}_missing_bits", _exact(missing), "bits"
                yield modality, f"{kind}_gap", own.gap, "score"
    by_fold = [common.variates(x_a, x_b, fold != k) for k in range(knowledge.FOLDS)]
    for modality, of_side in zip(sides, zip(*by_fold, strict=True), strict=True):
        for k in CANONICAL:
            own = knowledge.linear([x[:, :k] for x in of_side], y, classes, fold)
            yield modality, f"canonical_{k}_score", own.score, "score"
    for modality, (_, dimensions) in sides.items():
        yield modality, "dimensions", _exact(dimensions), "dimensions"
    for part, within in (("common", None), ("nuisance", strata)):
        seen = common.common(x_a, x_b, within, rng=rng)
        yield pair, f"{part}_dimensions", seen.mean_dimensions(), "dimensions"
        yield pair, f"{part}_bits", seen.mean_bits(), "bits"
        if within is not None:
            yield pair, f"{part}_gaussian_bits", _exact(seen.gaussian_bits), "bits"
    counts = np.bincount(strata)
    share = counts[counts > 0] / len(y)
    yield pair, "train", _exact(train), "samples"
    yield pair, "classes", _exact(classes or 0), "classes"
    yield pair, "label_bits", _exact(-(share * np.log2(share)).sum()), "bits"
    yield pair, "imbalance", _exact(share.max() / share.min() if classes else 1.0), "ratio"


def _exact(value: float) -> tuple[float, float, float]:
    return float(value), np.nan, np.nan
