"""Probing the encoders of a stack of trained models."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from alignsweep import scores
from alignsweep.data.store import SPLITS, Pairs
from alignsweep.probe import scoring
from alignsweep.probe.linear import Linear
from alignsweep.training.models import Trained

if TYPE_CHECKING:
    from alignsweep.probe import Probe

logger = logging.getLogger(__name__)


def probe_encoders(trained: Trained, pairs: Pairs, probe: Probe | None = None) -> pd.DataFrame:
    """Probe the frozen encoders of both modalities.

    Embeddings are standardised by the training split; the probe is fitted on the training split,
    with the validation split to choose its options by.

    Parameters
    ----------
    trained
        The encoders.
    pairs
        The dataset they were trained on.
    probe
        What is fitted; by default `Linear`.

    Returns
    -------
    pandas.DataFrame
        Columns ``dataset, alignment, strength, seed, modality, split, metric, value, n,
        diverged_at``; metrics as in `scores.OF_TASK`, `n` the samples scored. The value of a model
        that diverged is NaN, and ``diverged_at`` is the training step.
    """
    probe = probe or Linear()
    frames = []
    finite = torch.tensor([m.diverged_at is None for m in trained.models])
    labels = {s: torch.as_tensor(pairs.labels[pairs.rows(s)]) for s in SPLITS}
    for modality in pairs.modalities:
        logger.info("probing %s", modality)
        raw = {
            s: torch.as_tensor(trained.embed(modality, *pairs.of(modality, pairs.rows(s))))
            for s in SPLITS
        }
        x = _standardise({s: e[finite] for s, e in raw.items()})
        predict = None
        if finite.any():
            fitted = (x["train"], labels["train"], x["validation"], labels["validation"])
            predict = probe.fit(*fitted, pairs.classes)
        for split in SPLITS:
            found = scoring.SCORING[pairs.task](predict(x[split]), labels[split]) if predict else {}
            for score in scores.OF_TASK[pairs.task]:
                value = np.full(len(trained.models), np.nan)
                value[finite.numpy()] = found.get(score.name, np.nan)
                named = {"modality": modality, "split": split, "metric": score.name}
                frames.append(trained.table({**named, "value": value, "n": len(labels[split])}))
    return pd.concat(frames, ignore_index=True)


def _standardise(x: dict[str, Tensor]) -> dict[str, Tensor]:
    mean = x["train"].mean(dim=1, keepdim=True)
    scale = ((x["train"] - mean) ** 2).mean(dim=1, keepdim=True).sqrt()
    scale = torch.where(scale > 1e-12, scale, 1.0)  # a constant column stays constant, at zero
    return {split: (e - mean) / scale for split, e in x.items()}
