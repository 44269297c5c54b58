"""Probing the encoders of a stack of trained models."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from alignsweep import tables
from alignsweep.data.store import SPLITS, Pairs
from alignsweep.models import Trained
from alignsweep.probe import logistic, ridge
from alignsweep.probe.logistic import Logistic
from alignsweep.probe.ridge import Ridge

logger = logging.getLogger(__name__)

#: L2 penalties tried by default; the one that is best on validation is kept.
PENALTIES = (1e-4, 1e-2, 1.0)
#: task -> the metric, lower is better, by which the penalty is chosen
CHOSEN_BY = {"classification": "cross_entropy", "regression": "mae"}


def linear_probe(
    trained: Trained, pairs: Pairs, penalties: Sequence[float] = PENALTIES
) -> pd.DataFrame:
    """Probe the encoders of both modalities.

    Embeddings are standardised by the training split. For each model the probe (logistic regression
    for classes, ridge regression for numbers) is fitted on the training split with every penalty,
    and the one with the best validation cross-entropy, or mean absolute error, is scored.

    Parameters
    ----------
    trained
        The encoders.
    pairs
        The dataset they were trained on.
    penalties
        L2 penalties to choose from, see `logistic.fit` and `ridge.fit`.

    Returns
    -------
    pandas.DataFrame
        Columns ``dataset, strength, seed, modality, split, metric, value, diverged_at``; metrics
        as in `tables.PROBE_METRICS`. The value of a model that diverged is NaN, and ``diverged_at``
        is the training step.
    """
    frames = []
    finite = torch.tensor([m.diverged_at is None for m in trained.models])
    labels = {s: torch.as_tensor(pairs.labels[pairs.rows(s)]) for s in SPLITS}
    for modality in pairs.modalities:
        raw = {
            s: torch.as_tensor(trained.embed(modality, *pairs.of(modality, pairs.rows(s))))
            for s in SPLITS
        }
        x = _standardise({s: e[finite] for s, e in raw.items()})
        best = _best_probe(x, labels, pairs, penalties, modality) if finite.any() else None
        for split in SPLITS:
            found = best.scores(x[split], labels[split]) if best else {}
            for metric in tables.PROBE_METRICS[pairs.task]:
                value = np.full(len(trained.models), np.nan)
                value[finite.numpy()] = found.get(metric, np.nan)
                columns = {"modality": modality, "split": split, "metric": metric, "value": value}
                frames.append(tables.per_model(trained, columns))
    return pd.concat(frames, ignore_index=True)


def _standardise(x: dict[str, Tensor]) -> dict[str, Tensor]:
    mean = x["train"].mean(dim=1, keepdim=True)
    scale = ((x["train"] - mean) ** 2).mean(dim=1, keepdim=True).sqrt()
    scale = torch.where(scale > 1e-12, scale, 1.0)  # a constant column stays constant, at zero
    return {split: (e - mean) / scale for split, e in x.items()}


def _best_probe(
    x: dict[str, Tensor],
    labels: dict[str, Tensor],
    pairs: Pairs,
    penalties: Sequence[float],
    modality: str,
) -> Logistic | Ridge:
    """Fit with every penalty and keep, model by model, the best on validation."""
    fits: list[Any] = [
        ridge.fit(x["train"], labels["train"], penalty)
        if pairs.classes is None
        else logistic.fit(x["train"], labels["train"], pairs.classes, penalty)
        for penalty in penalties
    ]
    metric = CHOSEN_BY[pairs.task]
    losses = np.stack([f.scores(x["validation"], labels["validation"])[metric] for f in fits])
    choice = torch.as_tensor(losses.argmin(axis=0))
    counts = torch.bincount(choice, minlength=len(penalties)).tolist()
    logger.info(
        "%s: penalty chosen (models): %s",
        modality,
        ", ".join(f"{p:g} ({c})" for p, c in zip(penalties, counts, strict=True)),
    )
    rows = torch.arange(len(choice))
    kind: type[Logistic] | type[Ridge] = type(fits[0])
    return kind(
        *(
            torch.stack([getattr(f, part.name) for f in fits])[choice, rows]
            for part in dataclasses.fields(kind)
        )
    )
