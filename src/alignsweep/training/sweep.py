"""The one training loop: all strengths and seeds of a job, trained together as a stack.

Every model minimises ``L_task(a) + L_task(b) + strength * L_align``. For one seed, all strengths
share data, initialisation and batch order: the strength is the only difference between them.
"""

from __future__ import annotations

import dataclasses
import logging
import math
from collections.abc import Mapping, Sequence
from functools import partial
from operator import index
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from tqdm import tqdm

from alignsweep.data.store import Pairs
from alignsweep.training import memory, models
from alignsweep.training.alignment import Alignment
from alignsweep.training.batches import Order, TrainingData, nominal
from alignsweep.training.branch import Branch
from alignsweep.training.encoders.mlp import MLP
from alignsweep.training.models import Model, Trained
from alignsweep.training.optimisation import Training
from alignsweep.training.step import CONTROLS, Run, achieved, initialise, losses
from alignsweep.training.threads import limited
from alignsweep.training.unfinished import State, Unfinished

if TYPE_CHECKING:
    from alignsweep.training.encoders import Encoder

__all__ = ["CONTROLS", "Training", "train", "train_alignments"]

logger = logging.getLogger(__name__)


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
    unfinished: Unfinished | None = None,
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
    unfinished
        Where a training that takes long is kept, so that one that was killed goes on; by default
        nowhere. Weights and history are the same to the bit.

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
    run = Run(
        pairs,
        _branches(pairs, encoder, alignment),
        first,
        first.schedule(nominal(pairs)),
        alignment,
        control,
        torch.device(_resolve(device)),
        dtype,
        progress,
        unfinished,
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


def _train_stack(run: Run, strengths: Sequence[str], seeds: Sequence[int]) -> Trained:
    data = TrainingData(run.pairs, seeds, run.place, run.dtype)
    weights = initialise(run, data, seeds, len(strengths))
    scale = run.alignment.scale
    alignment_weight = data.like([float(s) * scale for _ in seeds for s in strengths])
    order, plan = Order(data, seeds, run.plan), run.plan
    count = len(alignment_weight)
    state = State(
        weights,
        run.training.optimise([w for own in weights.values() for w in own.values()]),
        order,
        torch.full((count,), -1, dtype=torch.int64, device=run.place),
    )
    optimizer, kept_at = state.optimizer, plan.kept[:-1]
    path = run.unfinished and run.unfinished.path(_what(run), strengths, seeds, pairs=run.pairs)
    if run.unfinished and path:
        run.unfinished.restore(state, path)
    bar = f"{count} models, seeds {seeds[0]}-{seeds[-1]}"
    done, hidden = len(state.history), not run.progress
    for epoch in tqdm(
        range(done, plan.epochs),
        bar,
        total=plan.epochs,
        initial=done,
        unit="epoch",
        disable=hidden,
        mininterval=1,
    ):
        terms = alignment_weight.new_empty(plan.steps, 3, count)
        for step, rows in enumerate(order.epoch()):
            found = losses(run, weights, data, rows, order)
            terms[step] = torch.stack(found).detach()
            total = found[0] + found[1] + alignment_weight * found[2]
            optimizer.zero_grad()
            # A model's weights touch its own loss only: the gradient of the sum is each one's own.
            total.sum().backward()
            optimizer.step()
        aligned = achieved(run.branches, weights, data, rows)
        state.history.append(torch.cat((terms.mean(dim=0), aligned.unsqueeze(0))).cpu())
        total = terms[:, 0] + terms[:, 1] + alignment_weight * terms[:, 2]
        _note_divergence(state.diverged_at, total, epoch * plan.steps, strengths, seeds)
        if epoch + 1 in kept_at:
            state.kept[epoch + 1] = models.encoders_of(_of(run.branches, weights))
        if run.unfinished and path:
            run.unfinished.keep(state, path)
    # The last step is seen in the weights alone, since no loss was computed after it.
    last = plan.epochs * plan.steps - 1
    _note_divergence(state.diverged_at, _sums(weights).unsqueeze(0), last, strengths, seeds)
    gone = (state.diverged_at >= 0).cpu()
    return Trained(
        dataset=data.name,
        alignment=run.alignment.name,
        branches=run.branches,
        models=tuple(
            Model(strength, seed, None if at < 0 else at)
            for (seed, strength), at in zip(
                ((k, s) for k in seeds for s in strengths), state.diverged_at.tolist(), strict=True
            )
        ),
        weights=_spoilt(_of(run.branches, weights), gone),
        history=torch.stack(state.history).permute(2, 0, 1).double().numpy(),
        plan=plan,
        end=run.training.at(plan.epochs),
        others={run.training.at(at): _spoilt(own, gone) for at, own in state.kept.items()},
    )


def _what(run: Run) -> tuple[object, ...]:
    """Return what the models of a run depend on, beside their data, strengths and seeds."""
    return run.branches, run.training, run.plan, run.alignment, run.control, run.dtype


def _bytes_per_model(run: Run, seed: int) -> int:
    """Return the memory of one model's activations in one step, by trying."""
    data = TrainingData(run.pairs, [seed], run.place, run.dtype)
    weights, order = initialise(run, data, [seed], 1), Order(data, [seed], run.plan)
    rows = order.epoch()[0]
    return memory.saved_bytes(lambda: torch.stack(losses(run, weights, data, rows, order)))


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
