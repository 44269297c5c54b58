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
from operator import index
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from tqdm import tqdm

from alignsweep import seeds as streams
from alignsweep.data.store import Pairs
from alignsweep.training import memory, models, stack, tasks
from alignsweep.training.alignment import Alignment
from alignsweep.training.batches import Order, Side, TrainingData, nominal
from alignsweep.training.branch import Branch, part_of
from alignsweep.training.encoders.mlp import MLP
from alignsweep.training.models import Model, Trained
from alignsweep.training.objectives import Batch
from alignsweep.training.objectives.cka import linear_cka
from alignsweep.training.optimisation import Schedule, Training
from alignsweep.training.threads import limited

if TYPE_CHECKING:
    from alignsweep.training.encoders import Encoder

__all__ = ["CONTROLS", "Training", "train", "train_alignments"]

logger = logging.getLogger(__name__)

#: What a control aligns in place of pairs: samples that are no pair; each side with a noisy copy.
CONTROLS = ("shuffled", "self")
#: Where the weights are that an objective has of its own.
OBJECTIVE = "objective"
#: Standard deviation of the noise of the copy, in those of the inputs.
COPY_NOISE = 0.5


def train(
    pairs: Pairs,
    strengths: Sequence[str],
    seeds: int | Sequence[int],
    *,
    encoder: Encoder | Mapping[str, Encoder] | None = None,
    training: Training | None = None,
    alignment: Alignment | None = None,
    control: str | None = None,
    device: str = "auto",
    dtype: torch.dtype = torch.float32,
    together: int | None = None,
    threads: int | None = None,
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
        Seeds of data, initialisation and batch order; 5 are ``range(5)``. A model depends on its
        own seed and strength only, not on the others in the call.
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
    threads
        Threads of torch; by default ``OMP_NUM_THREADS``, and else one, see `threads.limited`.
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
        If a strength is negative or no text, a modality has no encoder, or a control is unknown.
    """
    training, alignment = training or Training(), alignment or Alignment()
    seeds = range(seeds) if isinstance(seeds, int) else [index(s) for s in seeds]
    if not seeds or not strengths:
        raise ValueError("strengths and seeds must not be empty")
    if not all(isinstance(s, str) and float(s) >= 0 for s in strengths):
        raise ValueError(
            f"strengths are {list(strengths)}; allowed: at least 0, and as text, which names models"
        )
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
    with limited(threads):
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
    seeds: int | Sequence[int],
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
    weights = _initialise(run, data, seeds, len(strengths))
    scale = run.alignment.scale
    alignment_weight = data.like([float(s) * scale for _ in seeds for s in strengths])
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
            optimizer.zero_grad()
            # A model's weights touch its own loss only: the gradient of the sum is each one's own.
            total.sum().backward()
            optimizer.step()
        achieved = _achieved(run.branches, weights, data, rows)
        history.append(torch.cat((terms.mean(dim=0), achieved.unsqueeze(0))).cpu())
        total = terms[:, 0] + terms[:, 1] + alignment_weight * terms[:, 2]
        _note_divergence(diverged_at, total, epoch * plan.steps, strengths, seeds)
        if epoch + 1 in plan.kept[:-1]:
            kept[run.training.at(epoch + 1)] = models.encoders_of(_of(run.branches, weights))
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
        weights=_spoilt(_of(run.branches, weights), gone),
        history=torch.stack(history).permute(2, 0, 1).double().numpy(),
        plan=plan,
        end=run.training.at(plan.epochs),
        others={at: _spoilt(own, gone) for at, own in kept.items()},
    )


def _bytes_per_model(run: _Run, seed: int) -> int:
    """Return the memory of one model's activations in one step, by trying."""
    data = TrainingData(run.pairs, [seed], run.place, run.dtype)
    weights, order = _initialise(run, data, [seed], 1), Order(data, [seed], run.plan)
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


def _of(
    branches: Mapping[str, Branch], weights: Mapping[str, Mapping[str, Tensor]]
) -> dict[str, Mapping[str, Tensor]]:
    """Return the weights of the modalities; those of the objective have served."""
    return {modality: weights[modality] for modality in branches}


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
    shared = alignment.shared_width
    return {m: Branch(chosen[m], projection, head, shared) for m in pairs.modalities}


def _initialise(
    run: _Run, data: TrainingData, seeds: Sequence[int], strengths: int
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


def _terms(run: _Run) -> list[tuple[str, str]]:
    """Return the modalities whose projections are aligned with each other, by term."""
    first, second = run.branches
    return [(first, first), (second, second)] if run.control == "self" else [(first, second)]


def _losses(
    run: _Run,
    weights: Mapping[str, Mapping[str, Tensor]],
    data: TrainingData,
    rows: Tensor,
    order: Order,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return L_task(a), L_task(b) and L_align, each ``(M,)``, on batches ``(K, batch)``."""
    labels = data.labels_of(rows)
    losses, sides, copies = [], [], []
    for modality, branch in run.branches.items():
        own = weights[modality]
        x, mask = data.of(modality, rows)
        embedding = branch.embed(own, x, mask)
        expected = stack.per_model(labels, len(embedding))
        losses.append(tasks.LOSSES[data.task](branch.predict(own, embedding), expected))
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
    return losses[0], losses[1], torch.stack(aligned).mean(dim=0)


@torch.no_grad()
def _achieved(
    branches: Mapping[str, Branch],
    weights: Mapping[str, Mapping[str, Tensor]],
    data: TrainingData,
    rows: Tensor,
) -> Tensor:
    """Return how aligned the embeddings of a batch are, by debiased CKA, ``(M,)``."""
    a, b = (branch.embed(weights[m], *data.of(m, rows)) for m, branch in branches.items())
    return linear_cka(a, b)


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
