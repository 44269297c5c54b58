"""What a stack is trained on: the training samples of every seed, and the batches it sees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from alignsweep import seeds as streams
from alignsweep.data.store import Inputs, Pairs
from alignsweep.training import stack
from alignsweep.training.optimisation import Schedule


def nominal(pairs: Pairs) -> int:
    """Return how many training samples a seed has (about, if groups are kept whole).

    The schedule follows from it, and so is the same for all seeds.
    """
    if pairs.resampling is None or pairs.resample == "samples":
        return len(pairs.rows("train"))
    train = pairs.resampling.numbers(len(pairs.labels))[0]
    return train if pairs.resample == "split" else min(train, len(pairs.rows("train")))


#: Bytes of training samples that are held; more are read batch by batch.
HELD_BYTES = 1024**3


class TrainingData:
    """The training samples of some seeds, on the device, or read batch by batch if they are many.

    Seeds that have the same inputs, and differ in their split alone, share them.
    """

    def __init__(
        self, pairs: Pairs, seeds: Sequence[int], place: torch.device, dtype: torch.dtype
    ) -> None:
        draws = [pairs.draw(k) for k in seeds] if pairs.resampling else [pairs] * len(seeds)
        first = draws[0]
        self.name, self.task, self.place = pairs.name, pairs.task, place
        shared = all(d.inputs[m] is first.inputs[m] for d in draws for m in pairs.modalities)
        size = sum(x.nbytes for d in draws[: 1 if shared else None] for x in d.inputs.values())
        self._draws = draws if size > HELD_BYTES else []
        rows = [torch.as_tensor(d.rows("train")) for d in draws]
        whole = shared or bool(self._draws)  # rows are numbered as in the dataset
        self.rows = rows if whole else [torch.arange(len(own)) for own in rows]
        kept = draws[:1] if shared else draws
        self.shape = {m: tuple(x.shape[1:]) for m, x in first.inputs.items()}
        self.empty = torch.empty(0, dtype=dtype, device=place)

        def stacked(parts: Sequence[Inputs]) -> Tensor:
            taken = [
                torch.as_tensor(x[:] if whole else x[own.numpy()])
                for x, own in zip(parts, rows, strict=False)
            ]
            if len(taken) == 1:  # not copied: it may be in a file
                return taken[0].unsqueeze(0)
            return torch.nn.utils.rnn.pad_sequence(taken, batch_first=True)

        self.inputs = {
            m: stacked([d.inputs[m] for d in kept]).to(self.empty)
            for m in pairs.modalities
            if not self._draws
        }
        self.masks = {m: stacked([d.masks[m] for d in kept]).to(place) for m in first.masks}
        labels = []
        for draw, own in zip(draws, rows, strict=True):
            scaled = _scaled(torch.as_tensor(draw.labels), own, dtype)
            labels.append(scaled if whole else scaled[own])
        self.labels = torch.nn.utils.rnn.pad_sequence(labels, batch_first=True).to(place)
        self._seeds = torch.arange(len(seeds), device=place).unsqueeze(1)

    def of(self, modality: str, rows: Tensor) -> tuple[Tensor, Tensor | None]:
        """Return inputs and mask of rows ``(K, batch)``, row k of seed k."""
        mask = self.masks.get(modality)
        if self._draws:
            own = zip(self._draws, rows.cpu().numpy(), strict=True)
            x = torch.stack([torch.as_tensor(d.inputs[modality][r]) for d, r in own]).to(self.empty)
        else:
            held = self.inputs[modality]
            x = held[self._seeds if len(held) > 1 else 0, rows]
        seed = self._seeds if mask is not None and len(mask) > 1 else 0
        return x, None if mask is None else mask[seed, rows]

    def labels_of(self, rows: Tensor) -> Tensor:
        """Return the labels of rows ``(K, batch)``; numbers in training standard deviations."""
        return self.labels[self._seeds, rows]

    def like(self, values: Sequence[float]) -> Tensor:
        """Return values as a tensor where the inputs are, and of their type."""
        return torch.tensor(values, dtype=torch.float64).to(self.empty)


def _scaled(labels: Tensor, train: Tensor, dtype: torch.dtype) -> Tensor:
    """Standardise labels that are numbers by the training samples."""
    if not labels.is_floating_point():
        return labels
    own = labels[train]
    return ((labels - own.mean()) / own.std(correction=0).clamp_min(1e-12)).to(dtype)


class Order:
    """The batches of every seed: a permutation of its samples per epoch, begun anew if need be."""

    def __init__(self, data: TrainingData, seeds: Sequence[int], plan: Schedule) -> None:
        self._rows, self._plan, self._place = data.rows, plan, data.place
        self._batches, self._shuffles = (
            [stack.generator(data.name, seed, stream) for seed in seeds]
            for stream in (streams.BATCH_ORDER, streams.SHUFFLES)
        )

    @property
    def generators(self) -> list[torch.Generator]:
        """All that it draws from."""
        return [*self._batches, *self._shuffles]

    def epoch(self) -> Tensor:
        """Return the rows of an epoch, ``(steps, K, batch)``."""
        steps, batch = self._plan.steps, self._plan.batch
        drawn = []
        for rows, generator in zip(self._rows, self._batches, strict=True):
            passes = -(-steps * batch // len(rows))
            parts = [torch.randperm(len(rows), generator=generator) for _ in range(passes)]
            order = torch.cat(parts)
            drawn.append(rows[order[: steps * batch]].view(steps, batch))
        return torch.stack(drawn, dim=1).to(self._place)

    def partners(self) -> Tensor:
        """Return for each place in a batch another one, ``(K, batch)``: pairs taken apart."""
        batch = self._plan.batch
        by = [torch.randint(1, batch, (1,), generator=g) for g in self._shuffles]
        places = torch.arange(batch)
        return torch.stack([(places + one) % batch for one in by]).to(self._place)

    def noise(self, like: Tensor) -> Tensor:
        """Return standard normal noise of the shape of inputs ``(K, batch, ...)``."""
        drawn = [torch.randn(like.shape[1:], generator=g) for g in self._shuffles]
        return torch.stack(drawn).to(like)


class Side(NamedTuple):
    """What an objective sees of one modality of a batch.

    Projections are ``(M, features, samples)``, labels ``(K, samples)``, inputs ``(K, features,
    samples)``.
    """

    projection: Tensor
    labels: Tensor
    inputs: Tensor

    def of(self, places: Tensor) -> Side:
        """Return the samples at these places of the batch, ``(K, batch)``."""
        own = stack.per_model(places, len(self.projection)).unsqueeze(1)
        given = places[: len(self.inputs)].unsqueeze(1).expand(-1, self.inputs.shape[1], -1)
        return Side(
            self.projection.gather(2, own.expand_as(self.projection)),
            self.labels.gather(1, places),
            self.inputs.gather(2, given),
        )
