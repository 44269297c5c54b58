"""A plain model on the raw inputs, as a yardstick: what an encoder ought to reach.

Logistic regression for classes, ridge regression for numbers, on the inputs of each modality by
itself, and on those of both side by side; for every seed on its own draw of the data.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from alignsweep.data.store import SPLITS, Pairs
from alignsweep.probe import logistic, ridge, scoring
from alignsweep.training.threads import side_by_side

logger = logging.getLogger(__name__)

Array = NDArray[np.float64]
#: split -> ``(n, d)``
BySplit = dict[str, Array]

#: L2 penalties per sample, of which the best on validation is taken. Inputs may be wider than the
#: samples are many, so that they go farther than those of the probe.
PENALTIES = (10.0, 1.0, 1e-1, 1e-2, 1e-3, 1e-4)
#: Of wider inputs, so many principal components are taken.
MOST_FEATURES = 1024
#: Log-probability of a class that has no training sample.
NEVER = -50.0


def baseline(pairs: Pairs, seeds: Sequence[int], *, threads: int | None = None) -> pd.DataFrame:
    """Fit plain models to the inputs and score them.

    Inputs are flattened (sequences with padding become mean and standard deviation over their
    steps, see `Pairs.vectors`) and standardised by the training split; of very wide ones,
    `MOST_FEATURES` principal components are taken.

    Parameters
    ----------
    pairs
        The dataset.
    seeds
        Seeds whose draws are scored.
    threads
        Seeds that are scored side by side, see `threads.side_by_side`; by default
        ``OMP_NUM_THREADS``, and else one.

    Returns
    -------
    pandas.DataFrame
        Columns ``dataset, seed, modality, split, metric, value, n, penalty``: modality ``a``,
        ``b``, and ``a+b``, both side by side; metrics as in `scores.OF_TASK`.
    """
    if pairs.resampling is None:  # the same data
        only = pd.DataFrame(_rows(pairs, seeds[0]))
        frames = [only.assign(seed=seed) for seed in seeds]
    else:
        frames = side_by_side(lambda k: pd.DataFrame(_rows(pairs.draw(k), k)), seeds, threads)
    return pd.concat(frames, ignore_index=True)


def _rows(draw: Pairs, seed: int) -> Iterator[dict[str, object]]:
    """Yield the rows of one seed's draw."""
    labels = {s: draw.labels[draw.rows(s)] for s in SPLITS}
    sides = {m: _standardised(draw, m) for m in draw.modalities}
    first, second = sides.values()
    sides["+".join(sides)] = {s: np.hstack([first[s], second[s]]) for s in SPLITS}
    for modality, x in sides.items():
        penalty, found = _best(x, labels, draw.classes)
        logger.info("seed %d, %s: penalty %g", seed, modality, penalty)
        for split, own in found.items():
            for metric, value in own.items():
                yield {
                    **{"dataset": draw.name, "seed": seed, "modality": modality, "split": split},
                    **{"metric": metric, "value": value, "n": len(labels[split])},
                    "penalty": penalty,
                }


def _standardised(draw: Pairs, modality: str) -> BySplit:
    x = {s: draw.vectors(modality, draw.rows(s)) for s in SPLITS}
    mean, spread = x["train"].mean(axis=0), x["train"].std(axis=0)
    spread[spread <= 1e-12 * np.abs(mean)] = 1  # a constant column stays constant, at zero
    x = {s: (own - mean) / spread for s, own in x.items()}
    if x["train"].shape[1] <= MOST_FEATURES:
        return x
    from sklearn.decomposition import PCA  # takes a second to import

    components = min(MOST_FEATURES, len(x["train"]))
    leading = PCA(components, svd_solver="randomized", random_state=0).fit(x["train"])
    return {s: leading.transform(own) for s, own in x.items()}


def _best(
    x: BySplit, labels: Mapping[str, NDArray[Any]], classes: int | None
) -> tuple[float, dict[str, dict[str, float]]]:
    """Return the penalty that is best on validation, and its scores: split -> metric -> value."""
    task = "regression" if classes is None else "classification"
    inputs = {s: torch.as_tensor(own)[None] for s, own in x.items()}
    y = {s: torch.as_tensor(own) for s, own in labels.items()}
    found_by = list(fits(inputs["train"], labels["train"], classes))
    validation = inputs["validation"]
    losses = [float(scoring.LOSS[task](f(validation), y["validation"])) for f in found_by]
    best = int(np.argmin(losses))
    found = {}
    for split, own in inputs.items():
        values, _ = scoring.SCORING[task](found_by[best](own), y[split])
        found[split] = {metric: float(value[0]) for metric, value in values.items()}
    return PENALTIES[best], found


def fits(x: Tensor, y: NDArray[Any], classes: int | None) -> Iterator[Callable[[Tensor], Tensor]]:
    """Yield for each of `PENALTIES` what predicts, as `scoring` takes it.

    Inputs are ``(1, n, d)``.
    """
    if classes is None:
        for penalty in PENALTIES:
            yield ridge.fit(x, torch.as_tensor(y), penalty).predict
        return
    known, place = np.unique(y, return_inverse=True)
    for fitted in logistic.path(x, torch.as_tensor(place), len(known), PENALTIES):
        yield partial(_of_all_classes, fitted, known, classes)


def _of_all_classes(
    fitted: logistic.Logistic, known: NDArray[np.intp], classes: int, x: Tensor
) -> Tensor:
    """Return log-probabilities of all classes, of which training has some."""
    found = x.new_full((1, x.shape[1], classes), NEVER)
    found[:, :, known] = fitted.predict(x)
    return found
