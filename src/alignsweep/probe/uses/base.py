"""What uses share: what models make of the data, and fitting a probe to it.

Choosing a checkpoint needs the training and validation splits of all encoders. The test split, the
largest, is looked at for the encoders chosen only, so features are functions that make what they
are asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from alignsweep.data.store import SPLITS, Pairs
from alignsweep.probe import scoring
from alignsweep.training.models import Trained

if TYPE_CHECKING:
    from alignsweep.probe import Probe

Array = NDArray[np.float64]
#: Split, and which of the K encoders ``(R,)`` -> features ``(R, n, d)``, or predictions.
Features = Callable[[str, Tensor], Tensor]
#: Score -> its values of R encoders ``(R,)``.
Values = Mapping[str, Array]


class Scored(NamedTuple):
    """The scores of K encoders in one modality, or pair of such.

    Attributes
    ----------
    modality
        Its name in the tables: ``a``, ``b``; ``a+b``, both together; ``a>b``, from a to b.
    score
        Split, and which of the encoders ``(R,)`` -> their scores, and the headline score of every
        sample ``(R, n)``, NaN where it has none.
    width
        Of what is scored.
    samples
        Split that is scored -> how many samples.
    """

    modality: str
    score: Callable[[str, Tensor], tuple[Values, Array]]
    width: int
    samples: Mapping[str, int]


@dataclass(frozen=True)
class Seen:
    """What the models of one seed, at each of their checkpoints, make of its draw of the data.

    Encoders that are not finite are left out; K are left, model by model.
    """

    own: Trained
    draw: Pairs
    seed: int

    @cached_property
    def known(self) -> NDArray[np.bool_]:
        """Which are finite, ``(models * checkpoints,)``."""
        at_each = []
        for at in self.own.checkpoints:
            weights = self.own.weights_at(at)
            sums = [w.flatten(1).double().sum(dim=1) for m in weights.values() for w in m.values()]
            at_each.append(torch.isfinite(torch.stack(sums)).all(dim=0))
        return torch.stack(at_each, dim=1).flatten().numpy()

    @cached_property
    def every(self) -> Tensor:
        """All of the encoders, ``(K,)``."""
        return torch.arange(int(self.known.sum()))

    @cached_property
    def labels(self) -> dict[str, Tensor]:
        """Labels, split -> ``(n,)``."""
        return {s: torch.as_tensor(self.draw.labels[self.draw.rows(s)]) for s in SPLITS}

    @property
    def embeddings(self) -> dict[str, Features]:
        """Modality -> embeddings."""
        return {m: partial(self._kept, self._embed, m) for m in self.draw.modalities}

    @property
    def projections(self) -> dict[str, Features]:
        """Modality -> projections of unit length."""
        return {m: partial(self._kept, self._project, m) for m in self.draw.modalities}

    @cached_property
    def _made(self) -> dict[tuple[object, ...], Tensor]:
        return {}

    def _kept(
        self, make: Callable[[str, str, Tensor], Tensor], modality: str, split: str, rows: Tensor
    ) -> Tensor:
        """Return what a method makes of encoders, each made once."""

        def key(row: int) -> tuple[object, ...]:
            return make.__name__, modality, split, row

        missing = [row for row in rows.tolist() if key(row) not in self._made]
        if missing:
            made = make(modality, split, torch.as_tensor(missing))
            self._made.update(zip(map(key, missing), made, strict=True))
        return torch.stack([self._made[key(row)] for row in rows.tolist()])

    def projection_width(self, modality: str) -> int:
        """Return the width of what the alignment loss sees."""
        return self.own.branches[modality].projection.width

    def _at(self, rows: Tensor) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the models and the checkpoints of encoders."""
        places = len(self.own.checkpoints)
        models, checkpoints = np.divmod(np.flatnonzero(self.known)[rows.numpy()], places)
        return models, checkpoints

    def _embed(self, modality: str, split: str, rows: Tensor) -> Tensor:
        inputs = self.draw.of(modality, self.draw.rows(split))
        models, checkpoints = self._at(rows)
        width = self.own.branches[modality].encoder.width
        out = torch.empty(len(rows), len(inputs[0]), width, dtype=torch.float64)
        for c, at in enumerate(self.own.checkpoints):
            mine = checkpoints == c
            if mine.any():
                found = self.own.embed(modality, *inputs, at=at, models=models[mine])
                out[mine] = torch.as_tensor(found)
        return out

    def _project(self, modality: str, split: str, rows: Tensor) -> Tensor:
        embeddings = self.embeddings[modality](split, rows)
        models, checkpoints = self._at(rows)
        width = self.projection_width(modality)
        out = embeddings.new_empty(*embeddings.shape[:2], width)
        for c, at in enumerate(self.own.checkpoints):
            mine = checkpoints == c
            if mine.any():
                out[mine] = self.own.project_embedded(modality, embeddings[mine], models[mine], at)
        return torch.nn.functional.normalize(out, dim=2)


def standardised(seen: Seen, x: Features, *others: Features) -> list[Features]:
    """Standardise features, and others in the same way, by their training split."""
    train = x("train", seen.every)
    mean = train.mean(dim=1, keepdim=True)
    scale = ((train - mean) ** 2).mean(dim=1, keepdim=True).sqrt()
    scale = torch.where(scale > 1e-12, scale, 1.0)  # a constant column stays constant, at zero
    factor, shift = 1 / scale, -mean / scale

    def apply(own: Features, split: str, rows: Tensor) -> Tensor:
        return torch.addcmul(shift[rows], own(split, rows), factor[rows])

    return [partial(apply, own) for own in (x, *others)]


def fit(seen: Seen, probe: Probe, x: Features, rows: Tensor) -> Callable[[Tensor, Tensor], Tensor]:
    """Fit a probe to standardised features of some encoders; it predicts by their place among them.

    The validation split is there to choose its options by.
    """
    y = seen.labels
    train, validation = (x(split, rows) for split in ("train", "validation"))
    return probe.fit(train, y["train"], validation, y["validation"], seen.draw.classes)


def predictions(predictor: Callable[[Tensor, Tensor], Tensor], x: Features) -> Features:
    """Return what a probe predicts from features."""
    return lambda split, rows: predictor(x(split, rows), rows)


def scored(seen: Seen, modality: str, predicted: Features, width: int) -> Scored:
    """Score predictions by the task of the labels."""
    task, labels = seen.draw.task, seen.labels

    def score(split: str, rows: Tensor) -> tuple[Values, Array]:
        return scoring.SCORING[task](predicted(split, rows), labels[split])

    return Scored(modality, score, width, {split: len(y) for split, y in labels.items()})
