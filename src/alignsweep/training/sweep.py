"""The one training loop: all strengths and seeds of a job, trained together as a stack.

Every model minimises ``L_task(a) + L_task(b) + strength * L_align``. For one seed, all strengths
share initialisation and batch order: the strength is the only difference between them.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args

import torch
from torch import Tensor
from tqdm import tqdm

from alignsweep.data.store import Pairs
from alignsweep.options import Count, NotNegative, Positive, rule
from alignsweep.training import memory, models, stack, tasks
from alignsweep.training.alignment import Alignment
from alignsweep.training.encoders.mlp import MLP
from alignsweep.training.models import Branch, Model, Trained

if TYPE_CHECKING:
    from alignsweep.training.encoders import Encoder
    from alignsweep.training.objectives import Objective

logger = logging.getLogger(__name__)

Optimizer = Literal["adam", "adamw"]

#: What is drawn from a seed, each from a stream of its own.
INITIALISATION, BATCH_ORDER = 0, 1


@dataclass(frozen=True)
class Training:
    """How the models are trained; the same for all models of a sweep.

    Attributes
    ----------
    epochs
        Passes over the training pairs. 20 under-train and show only the harm of alignment.
    batch_size
        Pairs per step, and so the number of negatives: the meaning of a strength depends on it,
        which is why ``history.csv`` also has the alignment loss divided by ln(batch size). A last,
        smaller batch is dropped; with fewer training pairs than this, all of them make one batch.
    optimizer
        ``adam`` or ``adamw``.
    learning_rate
        Its step size.
    weight_decay
        Its weight decay (an L2 penalty with ``adam``, decoupled with ``adamw``).
    """

    epochs: Count = 80
    batch_size: Annotated[
        int,
        rule(minimum=2, allowed="an integer of at least 2, because alignment needs negatives"),
    ] = 128
    optimizer: Optimizer = "adam"
    learning_rate: Positive = 3e-3
    weight_decay: NotNegative = 0.0

    def __post_init__(self) -> None:
        if self.optimizer not in get_args(Optimizer):
            allowed = ", ".join(get_args(Optimizer))
            raise ValueError(f"optimizer is {self.optimizer!r}; allowed: {allowed}")

    def optimise(self, weights: Sequence[Tensor]) -> torch.optim.Optimizer:
        """Return the optimiser of these weights."""
        kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[self.optimizer]
        return kind(weights, lr=self.learning_rate, weight_decay=self.weight_decay, fused=True)


def train(
    pairs: Pairs,
    strengths: Sequence[str],
    seeds: Sequence[int],
    *,
    encoder: Encoder | Mapping[str, Encoder] | None = None,
    training: Training | None = None,
    alignment: Alignment | None = None,
    device: str = "auto",
    dtype: torch.dtype = torch.float32,
    together: int | None = None,
    progress: bool = False,
) -> Trained:
    """Train one pair of encoders per strength and seed.

    Numbers (regression) are standardised by the training split, so that a strength means the same
    whatever their unit.

    Parameters
    ----------
    pairs
        The dataset; its train split is used.
    strengths
        Weights of the alignment loss, as decimal strings ("0", "0.4"), which name the models.
    seeds
        Seeds of initialisation and batch order. A model depends on its own seed and strength only,
        not on the others in the call.
    encoder
        The encoder of both modalities, or modality -> encoder; by default ``MLP()``.
    training
        Options of the optimisation.
    alignment
        What `strengths` weigh; by default InfoNCE on a linear projection of the embeddings.
    device
        ``"cpu"``, ``"cuda"``, or ``"auto"``: a GPU when there is one.
    dtype
        float32, or float64 for checks.
    together
        Models trained at once, at most; by default as many as fit in memory (`memory.budget`), and
        fewer where a GPU runs out of it. The result does not depend on it.
    progress
        Show a progress bar on standard error.

    Returns
    -------
    Trained
        Weights and history. A model whose loss stops being finite has weights NaN and a
        `Model.diverged_at`; the others go on.

    Raises
    ------
    ValueError
        If a strength is negative or a modality has no encoder.
    """
    training, alignment = training or Training(), alignment or Alignment()
    if not seeds or not strengths:
        raise ValueError("strengths and seeds must not be empty")
    if any(not float(s) >= 0 for s in strengths):
        raise ValueError(f"strengths are {list(strengths)}; allowed: at least 0")
    place = torch.device(_resolve(device))
    branches = _branches(pairs, encoder, alignment)
    data = _TrainingData(pairs, place, dtype)
    if together is None:
        needed = _bytes_per_model(branches, data, training, alignment.objective)
        together = memory.budget(place) // needed
    train_some = partial(_train_stack, branches, data, training, alignment, progress)
    return models.join(memory.in_slices(train_some, strengths, seeds, together))


def train_alignments(
    pairs: Pairs,
    cells: Sequence[tuple[str, str]],
    seeds: Sequence[int],
    *,
    alignments: Mapping[str, Alignment],
    **options: Any,
) -> list[Trained]:
    """Train the cells (alignment, strength) that are asked for, one stack per alignment.

    `options` are those of `train`.
    """
    found = []
    for name, alignment in alignments.items():
        strengths = [strength for own, strength in cells if own == name]
        if strengths:
            found.append(train(pairs, strengths, seeds, alignment=alignment, **options))
    return found


def _train_stack(
    branches: Mapping[str, Branch],
    data: _TrainingData,
    training: Training,
    alignment: Alignment,
    progress: bool,
    strengths: Sequence[str],
    seeds: Sequence[int],
) -> Trained:
    weights = _initialise(branches, data, seeds, len(strengths))
    alignment_weight = data.like([float(s) for _ in seeds for s in strengths])
    n, batch = len(data.labels), data.batch(training)
    optimizer = training.optimise([w for own in weights.values() for w in own.values()])
    orders = [stack.generator(seed, BATCH_ORDER) for seed in seeds]
    count = len(alignment_weight)
    diverged_at = torch.full((count,), -1, dtype=torch.int64, device=alignment_weight.device)
    history = []
    bar = f"{count} models, seeds {seeds[0]}-{seeds[-1]}"
    for epoch in tqdm(
        range(training.epochs), bar, unit="epoch", disable=not progress, mininterval=1
    ):
        order = torch.stack([torch.randperm(n, generator=g) for g in orders])
        terms = alignment_weight.new_empty(n // batch, 3, count)
        for step in range(n // batch):
            rows = order[:, step * batch : (step + 1) * batch].to(terms.device)
            losses = _losses(branches, weights, data, rows, alignment.objective)
            terms[step] = torch.stack(losses).detach()
            total = losses[0] + losses[1] + alignment_weight * losses[2]
            optimizer.zero_grad(set_to_none=True)
            # A model's weights touch its own loss only: the gradient of the sum is each one's own.
            total.sum().backward()
            optimizer.step()
        history.append(terms.mean(dim=0).cpu())
        total = terms[:, 0] + terms[:, 1] + alignment_weight * terms[:, 2]
        _note_divergence(diverged_at, total, epoch * len(terms), strengths, seeds)
    # The last step is seen in the weights alone, since no loss was computed after it.
    last = training.epochs * (n // batch) - 1
    _note_divergence(diverged_at, _sums(weights).unsqueeze(0), last, strengths, seeds)
    diverged = diverged_at.tolist()
    return Trained(
        dataset=data.name,
        alignment=alignment.name,
        branches=branches,
        models=tuple(
            Model(strength, seed, None if at < 0 else at)
            for (seed, strength), at in zip(
                ((k, s) for k in seeds for s in strengths), diverged, strict=True
            )
        ),
        weights={
            modality: {name: _spoil(w, diverged_at >= 0) for name, w in own.items()}
            for modality, own in weights.items()
        },
        history=torch.stack(history).permute(2, 0, 1).double().numpy(),
        batch_size=batch,
    )


def _bytes_per_model(
    branches: Mapping[str, Branch], data: _TrainingData, training: Training, objective: Objective
) -> int:
    """Return the memory of one model's activations in one step, by trying."""
    weights = _initialise(branches, data, [0], 1)
    rows = torch.arange(data.batch(training), device=data.labels.device).unsqueeze(0)
    return memory.saved_bytes(
        lambda: torch.stack(_losses(branches, weights, data, rows, objective))
    )


def _spoil(weight: Tensor, diverged: Tensor) -> Tensor:
    """Return the trained weight on the CPU, NaN where a model diverged."""
    return weight.detach().index_fill(0, diverged.nonzero()[:, 0], math.nan).cpu()


def _resolve(device: str) -> str:
    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    return device


def _branches(
    pairs: Pairs,
    encoder: Encoder | Mapping[str, Encoder] | None,
    alignment: Alignment,
) -> dict[str, Branch]:
    encoder = encoder or MLP()
    if isinstance(encoder, Mapping):
        missing = set(pairs.modalities) - set(encoder)
        if missing:
            raise ValueError(f"no encoder given for modality {', '.join(sorted(missing))}")
        chosen = dict(encoder)
    else:
        chosen = dict.fromkeys(pairs.modalities, encoder)
    projection = alignment.layers(*(chosen[m].width for m in pairs.modalities))
    head = MLP((), pairs.classes or 1)
    return {m: Branch(chosen[m], projection, head) for m in pairs.modalities}


def _initialise(
    branches: Mapping[str, Branch], data: _TrainingData, seeds: Sequence[int], strengths: int
) -> dict[str, dict[str, Tensor]]:
    """Draw the weights of each seed and repeat them for its strengths: models are seed by seed."""
    generators = [stack.generator(seed, INITIALISATION) for seed in seeds]
    drawn = {
        modality: branch.initialise(tuple(data.inputs[modality].shape[1:]), generators)
        for modality, branch in branches.items()
    }
    return {
        modality: {
            name: w.repeat_interleave(strengths, dim=0).to(data.inputs[modality]).requires_grad_()
            for name, w in own.items()
        }
        for modality, own in drawn.items()
    }


class _TrainingData:
    """The train split on the device."""

    def __init__(self, pairs: Pairs, place: torch.device, dtype: torch.dtype) -> None:
        rows = pairs.rows("train")
        self.name, self.task = pairs.name, pairs.task
        self.inputs = {
            m: torch.as_tensor(x[rows]).to(place, dtype) for m, x in pairs.inputs.items()
        }
        self.masks = {m: torch.as_tensor(x[rows]).to(place) for m, x in pairs.masks.items()}
        labels = torch.as_tensor(pairs.labels[rows])
        if pairs.classes is None:
            labels = (labels - labels.mean()) / labels.std(correction=0).clamp_min(1e-12)
            labels = labels.to(dtype)
        self.labels = labels.to(place)

    def batch(self, training: Training) -> int:
        """Return how many pairs a step has."""
        return min(training.batch_size, len(self.labels))

    def like(self, values: Sequence[float]) -> Tensor:
        """Return values as a tensor where the inputs are, and of their type."""
        return torch.tensor(values, dtype=torch.float64).to(next(iter(self.inputs.values())))


def _losses(
    branches: Mapping[str, Branch],
    weights: Mapping[str, Mapping[str, Tensor]],
    data: _TrainingData,
    rows: Tensor,
    objective: Objective,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return L_task(a), L_task(b) and L_align, each ``(M,)``, on batches ``(K, batch)``."""
    losses, projections = [], []
    for modality, branch in branches.items():
        own = weights[modality]
        mask = data.masks[modality][rows] if modality in data.masks else None
        embedding = branch.embed(own, data.inputs[modality][rows], mask)
        labels = stack.per_model(data.labels[rows], len(embedding))
        losses.append(tasks.LOSSES[data.task](branch.predict(own, embedding), labels))
        projections.append(branch.project(own, embedding))
    return losses[0], losses[1], objective(projections[0], projections[1])


def _sums(weights: Mapping[str, Mapping[str, Tensor]]) -> Tensor:
    """Return a number per model that is finite exactly if all its weights are."""
    everything = [w.detach().flatten(1) for own in weights.values() for w in own.values()]
    return torch.stack([(w * 0).sum(dim=1) for w in everything]).sum(dim=0)


def _note_divergence(
    diverged_at: Tensor,
    values: Tensor,
    first_step: int,
    strengths: Sequence[str],
    seeds: Sequence[int],
) -> None:
    """Record, in place, the step at which a model's value first was not finite, and say so.

    `values` is ``(steps, M)``.
    """
    bad = ~torch.isfinite(values)
    for m in ((diverged_at < 0) & bad.any(dim=0)).nonzero()[:, 0].tolist():
        diverged_at[m] = first_step + int(bad[:, m].nonzero()[0, 0])
        seed, strength = divmod(m, len(strengths))
        logger.warning(
            "strength %s, seed %d: not finite at step %d; this model is stopped, the others go on",
            strengths[strength],
            seeds[seed],
            int(diverged_at[m]),
        )
