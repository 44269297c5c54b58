"""One step of a stack: the weights it begins with, and the losses of every model on a batch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from alignsweep import seeds as streams
from alignsweep.data.store import Pairs
from alignsweep.training import stack, tasks
from alignsweep.training.alignment import Alignment
from alignsweep.training.batches import Order, Side, TrainingData
from alignsweep.training.branch import Branch, part_of
from alignsweep.training.objectives import Batch
from alignsweep.training.objectives.cka import linear_cka
from alignsweep.training.optimisation import Schedule, Training
from alignsweep.training.unfinished import Unfinished

#: What a control aligns in place of pairs: samples that are no pair; each side with a noisy copy.
CONTROLS = ("shuffled", "self")
#: Where the weights are that an objective has of its own.
OBJECTIVE = "objective"
#: Standard deviation of the noise of the copy, in those of the inputs.
COPY_NOISE = 0.5


@dataclass(frozen=True)
class Run:
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
    unfinished: Unfinished | None


def initialise(
    run: Run, data: TrainingData, seeds: Sequence[int], strengths: int
) -> dict[str, dict[str, Tensor]]:
    """Draw the weights of each seed and repeat them for its strengths: models are seed by seed.

    By modality; the objective's own, for each of its terms, are under ``OBJECTIVE``.
    """
    generators, others = (
        [stack.generator(data.name, seed, stream) for seed in seeds]
        for stream in (streams.INITIALISATION, streams.ALIGNMENT)
    )
    branches = run.branches
    usual = Alignment().layers(*(branch.encoder.width for branch in branches.values()))
    drawn = {
        modality: branch.initialise(data.shape[modality], generators, usual, others)
        for modality, branch in branches.items()
    }
    drawn[OBJECTIVE] = {
        f"{term}.{name}": w
        for term, sides in enumerate(_terms(run))
        for name, w in run.alignment.objective.parameters(
            branches[sides[0]].projection.width,
            (math.prod(data.shape[sides[0]]), math.prod(data.shape[sides[1]])),
            others,
        ).items()
    }
    return {
        part: {
            name: w.repeat_interleave(strengths, dim=0).to(data.empty).requires_grad_()
            for name, w in own.items()
        }
        for part, own in drawn.items()
    }


def _terms(run: Run) -> list[tuple[str, str]]:
    """Return the modalities whose projections are aligned with each other, by term."""
    first, second = run.branches
    return [(first, first), (second, second)] if run.control == "self" else [(first, second)]


def losses(
    run: Run,
    weights: Mapping[str, Mapping[str, Tensor]],
    data: TrainingData,
    rows: Tensor,
    order: Order,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return L_task(a), L_task(b) and L_align, each ``(M,)``, on batches ``(K, batch)``."""
    labels = data.labels_of(rows)
    of_task, sides, copies = [], [], []
    for modality, branch in run.branches.items():
        own = weights[modality]
        x, mask = data.of(modality, rows)
        embedding = branch.embed(own, x, mask)
        expected = stack.per_model(labels, len(embedding))
        of_task.append(tasks.LOSSES[data.task](branch.predict(own, embedding), expected))
        seen = x.flatten(2).transpose(1, 2)
        sides.append(Side(branch.project(own, embedding), labels, seen))
        if run.control == "self":
            spread = x.flatten(1).std(dim=1).view(-1, *[1] * (x.dim() - 1))  # of each seed
            noisy = x + COPY_NOISE * spread * order.noise(x)
            copies.append(Side(branch.project(own, branch.embed(own, noisy, mask)), labels, seen))
    if run.control == "self":
        terms = list(zip(sides, copies, strict=True))
    elif run.control == "shuffled":
        terms = [(sides[0], sides[1].of(order.partners()))]
    else:
        terms = [(sides[0], sides[1])]
    aligned = []
    for term, (a, b) in enumerate(terms):
        own = part_of(weights[OBJECTIVE], str(term))
        given = Batch((a.labels, b.labels), (a.inputs, b.inputs), own)
        aligned.append(run.alignment.objective(a.projection, b.projection, given))
    return of_task[0], of_task[1], torch.stack(aligned).mean(dim=0)


@torch.no_grad()
def achieved(
    branches: Mapping[str, Branch],
    weights: Mapping[str, Mapping[str, Tensor]],
    data: TrainingData,
    rows: Tensor,
) -> Tensor:
    """Return how aligned the embeddings of a batch are, by debiased CKA, ``(M,)``."""
    a, b = (branch.embed(weights[m], *data.of(m, rows)) for m, branch in branches.items())
    return linear_cka(a, b)
