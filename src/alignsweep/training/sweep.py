"""The one training loop: all strengths and seeds of a job, trained together as a stack.

Every model minimises ``L_task(a) + L_task(b) + strength * L_align``. For one seed, all strengths
share data, initialisation and batch order: the strength is the only difference between them.
"""

from __future__ import annotations

import dataclasses
import logging
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from tqdm import tqdm

from alignsweep import seeds as streams
from alignsweep.data.store import Pairs
from alignsweep.training import memory, models, stack, tasks
from alignsweep.training.alignment import Alignment
from alignsweep.training.batches import Order, TrainingData, nominal
from alignsweep.training.encoders.mlp import MLP
from alignsweep.training.models import Branch, Model, Trained
from alignsweep.training.optimisation import Schedule, Training

if TYPE_CHECKING:
    from alignsweep.training.encoders import Encoder

__all__ = ["CONTROLS", "Training", "train", "train_alignments"]

logger = logging.getLogger(__name__)

#: What a control aligns in place of pairs: samples that are no pair; each side with a noisy copy.
CONTROLS = ("shuffled", "self")
#: Standard deviation of the noise of the copy, in those of the inputs.
COPY_NOISE = 0.5


def train(
    pairs: Pairs,
    strengths: Sequence[str],
    seeds: Sequence[int],
    *,
    encoder: Encoder | Mapping[str, Encoder] | None = None,
    training: Training | None = None,
    alignment: Alignment | None = None,
    control: str | None = None,
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
        The dataset; the train split of every seed's draw is used.
    strengths
        Weights of the alignment loss, as decimal strings ("0", "0.4"), which name the models.
    seeds
        Seeds of data, initialisation and batch order. A model depends on its own seed and strength
        only, not on the others in the call.
    encoder
        The encoder of both modalities, or modality -> encoder; by default ``MLP()``.
    training
        Options of the optimisation.
    alignment
        What `strengths` weigh; by default InfoNCE on a linear projection of the embeddings.
    control
        Align something else than pairs, see `CONTROLS`: what is gained then is not the pairing's.
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
        If a strength is negative, a modality has no encoder, or a control is unknown.
    """
    training, alignment = training or Training(), alignment or Alignment()
    if not seeds or not strengths:
        raise ValueError("strengths and seeds must not be empty")
    if any(not float(s) >= 0 for s in strengths):
        raise ValueError(f"strengths are {list(strengths)}; allowed: at least 0")
    if control is not None and control not in CONTROLS:
        raise ValueError(f"control is {control!r}; allowed: {', '.join(CONTROLS)}")
    first, *others = training.variants()
    run = _Run(
        pairs,
        _branches(pairs, encoder, alignment),
        first,
        first.schedule(nominal(pairs)),
        alignment,
        control,
        torch.device(_resolve(device)),
        dtype,
        progress,
    )
    if together is None:
        together = memory.budget(run.place) // _bytes_per_model(run, seeds[0])
    found = [
        models.join(memory.in_slices(partial(_train_stack, one), strengths, seeds, together))
        for one in [run, *(dataclasses.replace(run, training=other) for other in others)]
    ]
    return models.with_variants(*found)


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


@dataclass(frozen=True)
class _Run:
    """What all slices of a sweep share."""

    pairs: Pairs
    branches: Mapping[str, Branch]
    training: Training
    plan: Schedule
    alignment: Alignment
    control: str | None
    place: torch.device
    dtype: torch.dtype
    progress: bool


def _train_stack(run: _Run, strengths: Sequence[str], seeds: Sequence[int]) -> Trained:
    data = TrainingData(run.pairs, seeds, run.place, run.dtype)
    weights = _initialise(run.branches, data, seeds, len(strengths))
    alignment_weight = data.like([float(s) for _ in seeds for s in strengths])
    optimizer = run.training.optimise([w for own in weights.values() for w in own.values()])
    order, plan = Order(data, seeds, run.plan), run.plan
    count = len(alignment_weight)
    diverged_at = torch.full((count,), -1, dtype=torch.int64, device=run.place)
    history, kept = [], {}
    bar = f"{count} models, seeds {seeds[0]}-{seeds[-1]}"
    for epoch in tqdm(
        range(plan.epochs), bar, unit="epoch", disable=not run.progress, mininterval=1
    ):
        terms = alignment_weight.new_empty(plan.steps, 3, count)
        for step, rows in enumerate(order.epoch()):
            losses = _losses(run, weights, data, rows, order)
            terms[step] = torch.stack(losses).detach()
            total = losses[0] + losses[1] + alignment_weight * losses[2]
            optimizer.zero_grad(set_to_none=True)
            # A model's weights touch its own loss only: the gradient of the sum is each one's own.
            total.sum().backward()
            optimizer.step()
        history.append(terms.mean(dim=0).cpu())
        total = terms[:, 0] + terms[:, 1] + alignment_weight * terms[:, 2]
        _note_divergence(diverged_at, total, epoch * plan.steps, strengths, seeds)
        if epoch + 1 in plan.kept[:-1]:
            kept[run.training.at(epoch + 1)] = models.encoders_of(weights)
    # The last step is seen in the weights alone, since no loss was computed after it.
    last = plan.epochs * plan.steps - 1
    _note_divergence(diverged_at, _sums(weights).unsqueeze(0), last, strengths, seeds)
    gone = (diverged_at >= 0).cpu()
    return Trained(
        dataset=data.name,
        alignment=run.alignment.name,
        branches=run.branches,
        models=tuple(
            Model(strength, seed, None if at < 0 else at)
            for (seed, strength), at in zip(
                ((k, s) for k in seeds for s in strengths), diverged_at.tolist(), strict=True
            )
        ),
        weights=_spoilt(weights, gone),
        history=torch.stack(history).permute(2, 0, 1).double().numpy(),
        plan=plan,
        end=run.training.at(plan.epochs),
        others={at: _spoilt(own, gone) for at, own in kept.items()},
    )


def _bytes_per_model(run: _Run, seed: int) -> int:
    """Return the memory of one model's activations in one step, by trying."""
    data = TrainingData(run.pairs, [seed], run.place, run.dtype)
    weights, order = _initialise(run.branches, data, [seed], 1), Order(data, [seed], run.plan)
    rows = order.epoch()[0]
    return memory.saved_bytes(lambda: torch.stack(_losses(run, weights, data, rows, order)))


def _spoilt(
    weights: Mapping[str, Mapping[str, Tensor]], diverged: Tensor
) -> dict[str, dict[str, Tensor]]:
    """Return the trained weights on the CPU, NaN where a model diverged."""
    gone = diverged.nonzero()[:, 0]
    return {
        modality: {n: w.detach().cpu().index_fill(0, gone, math.nan) for n, w in own.items()}
        for modality, own in weights.items()
    }


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
    branches: Mapping[str, Branch], data: TrainingData, seeds: Sequence[int], strengths: int
) -> dict[str, dict[str, Tensor]]:
    """Draw the weights of each seed and repeat them for its strengths: models are seed by seed."""
    generators = [stack.generator(data.name, seed, streams.INITIALISATION) for seed in seeds]
    drawn = {
        modality: branch.initialise(data.shape[modality], generators)
        for modality, branch in branches.items()
    }
    return {
        modality: {
            name: w.repeat_interleave(strengths, dim=0).to(data.inputs[modality]).requires_grad_()
            for name, w in own.items()
        }
        for modality, own in drawn.items()
    }


def _losses(
    run: _Run,
    weights: Mapping[str, Mapping[str, Tensor]],
    data: TrainingData,
    rows: Tensor,
    order: Order,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return L_task(a), L_task(b) and L_align, each ``(M,)``, on batches ``(K, batch)``."""
    losses, projections, copies = [], [], []
    for modality, branch in run.branches.items():
        own = weights[modality]
        x, mask = data.of(modality, rows)
        embedding = branch.embed(own, x, mask)
        labels = stack.per_model(data.labels_of(rows), len(embedding))
        losses.append(tasks.LOSSES[data.task](branch.predict(own, embedding), labels))
        projections.append(branch.project(own, embedding))
        if run.control == "self":
            spread = x.flatten(1).std(dim=1).view(-1, *[1] * (x.dim() - 1))  # of each seed
            noisy = x + COPY_NOISE * spread * order.noise(x)
            copies.append(branch.project(own, branch.embed(own, noisy, mask)))
    a, b = projections
    objective = run.alignment.objective
    if run.control == "self":
        align = (objective(a, copies[0]) + objective(b, copies[1])) / 2
    elif run.control == "shuffled":
        partner = stack.per_model(order.partners(), len(b)).unsqueeze(1)
        align = objective(a, b.gather(2, partner.expand_as(b)))
    else:
        align = objective(a, b)
    return losses[0], losses[1], align


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
