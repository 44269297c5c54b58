"""Scoring the encoders of a stack of trained models, for each of the uses asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from alignsweep import scores
from alignsweep.data.store import Pairs
from alignsweep.probe import scoring
from alignsweep.probe.linear import Linear
from alignsweep.probe.uses import SCORERS, Scored, Seen
from alignsweep.sample_scores import SampleScores, merged
from alignsweep.training import memory
from alignsweep.training.models import Trained
from alignsweep.training.threads import side_by_side

if TYPE_CHECKING:
    from alignsweep.probe import Probe

Array = NDArray[np.float64]
#: Bytes that the models of a seed may take together, and how often their embeddings are held:
#: as they are, standardised, projected.
MODELS_BYTES, MADE_OF_EACH = 512 * 1024**2, 3
#: Values (encoders x samples x width) that are scored at once, at most.
PART_VALUES = 2**21


class Probed(NamedTuple):
    """What a probe tells: the table of scores, and the headline score of every test sample."""

    table: pd.DataFrame
    samples: SampleScores


def probe_encoders(
    trained: Trained,
    pairs: Pairs,
    probe: Probe | None = None,
    uses: Sequence[str] = (scores.UNIMODAL,),
) -> pd.DataFrame:
    """Probe the frozen encoders of both modalities, and return the table of `probe_samples`."""
    return probe_samples(trained, pairs, probe, uses).table


def probe_samples(
    trained: Trained,
    pairs: Pairs,
    probe: Probe | None = None,
    uses: Sequence[str] = (scores.UNIMODAL,),
    *,
    threads: int | None = None,
) -> Probed:
    """Score the frozen encoders of both modalities.

    Every seed is scored on its own draw of the data. Embeddings are standardised by the training
    split; the probe is fitted on the training split, with the validation split to choose its
    options by. Of each model's checkpoints the one that is best on validation is taken, for each
    use and modality: at strength 0 as at any other.

    Parameters
    ----------
    trained
        The encoders.
    pairs
        The dataset they were trained on.
    probe
        What is fitted; by default `Linear`.
    uses
        What is scored, names in `scores.USES`; by default each encoder alone.
    threads
        Seeds that are scored side by side, see `threads.side_by_side`; by default
        ``OMP_NUM_THREADS``, and else one. The scores do not depend on it.

    Returns
    -------
    Probed
        The table has columns ``dataset, alignment, strength, seed, modality, split, metric, value,
        n, use, fixed_epochs, epoch, learning_rate, weight_decay, steps, width, shared_width,
        task_loss_ratio, diverged_at``; metrics as in `scores.scores_of`, `n` the samples scored,
        ``fixed_epochs`` the value at the end of training, ``epoch`` and what follows the checkpoint
        taken, ``steps`` all of training, ``width`` that of what is scored, ``shared_width`` how
        many dimensions of the embedding are aligned, ``task_loss_ratio`` the final training loss of
        the task over that of knowing nothing, of a single modality. Values of a model that diverged
        are NaN, and ``diverged_at`` is the training step.
    """
    of_seeds = side_by_side(
        partial(_of_seed, pairs=pairs, probe=probe or Linear(), uses=uses),
        list(trained.by_seed()),
        threads,
    )
    frames = [frame for probed in of_seeds for frame in probed[0]]
    return Probed(pd.concat(frames, ignore_index=True), merged(own for _, own in of_seeds))


def _of_seed(
    own: tuple[int, Trained], pairs: Pairs, probe: Probe, uses: Sequence[str]
) -> tuple[list[pd.DataFrame], SampleScores]:
    """Score the models of a seed on its draw."""
    seed, of_seed = own
    frames, samples = [], SampleScores()
    draw = pairs.draw(seed)
    for part in _parts(of_seed, draw):
        seen = Seen(part, draw, seed)
        for use, scored in _scored(seen, probe, uses):
            taken = _choose(seen, use, scored)
            frames.append(_rows(seen, use, scored, taken))
            for m, model in enumerate(part.models):
                if model.diverged_at is None:
                    key = (part.alignment, model.strength, seed, use, scored.modality)
                    samples[key] = taken.per_sample[m]
        del seen, scored, taken  # before the next are made
        memory.give_back()
    return frames, samples


def _parts(own: Trained, draw: Pairs) -> Iterator[Trained]:
    """Cut a stack where the embeddings of all, and what is made of them, take too much memory."""
    widths = sum(branch.encoder.width for branch in own.branches.values())
    values = MADE_OF_EACH * len(own.checkpoints) * len(draw.labels) * widths
    most = max(1, MODELS_BYTES // (8 * values))
    for start in range(0, len(own.models), most):
        places = np.arange(len(own.models))
        yield own.select((start <= places) & (places < start + most))


def _scored(seen: Seen, probe: Probe, uses: Sequence[str]) -> Iterator[tuple[str, Scored]]:
    """Yield what is scored for each use."""
    for use in uses:
        for scored in SCORERS[use](seen, probe) if seen.known.any() else _nothing(use, seen):
            yield use, scored


class _Taken(NamedTuple):
    """The checkpoint taken of each of M models (its position), and the scores there and at the end.

    `taken` and `fixed` map split -> metric -> ``(M,)``; `per_sample` is ``(M, n_test)``.
    """

    checkpoint: NDArray[np.intp]
    taken: Mapping[str, Mapping[str, Array]]
    fixed: Mapping[str, Mapping[str, Array]]
    per_sample: Array


def _choose(seen: Seen, use: str, scored: Scored) -> _Taken:
    """Take, of every model's checkpoints, the best on validation; of equal ones, the last."""
    models, places = len(seen.own.models), len(seen.own.checkpoints)
    end = np.full(models, places - 1)
    position = np.full(models * places, -1)  # of an encoder among those that are finite
    position[seen.known] = seen.every.numpy()
    at = position.reshape(models, places)
    validation, _ = _in_parts(scored, "validation", seen.every)
    known = _loss(use, seen.draw.task, validation)
    loss = np.append(np.nan_to_num(known, nan=np.inf), np.inf)[at]
    best = places - 1 - loss[:, ::-1].argmin(axis=1)
    best = np.where(seen.own.finite, best, end)

    # of all encoders, only those taken and those at the end are looked at on the other splits
    wanted = np.stack([at[np.arange(models), place] for place in (best, end)])
    rows, where = np.unique(wanted, return_inverse=True)
    lacking = int(rows[0] < 0)
    where = where.reshape(wanted.shape) - lacking

    def spread(values: Array) -> Array:
        """Return what encoders have, for the checkpoint taken and for the end of each model."""
        padded = np.concatenate([values, np.full((1, *values.shape[1:]), np.nan)])
        return padded[where]  # -1, of those that are not finite, is the last row

    taken: dict[str, Mapping[str, Array]] = {}
    fixed: dict[str, Mapping[str, Array]] = {}
    kept = rows[lacking:]
    for split in scored.samples:
        if split == "validation":
            values = {metric: v[kept] for metric, v in validation.items()}
        else:
            values, per_sample = _in_parts(scored, split, torch.as_tensor(kept))
        both = {metric: spread(v) for metric, v in values.items()}
        taken[split], fixed[split] = ({m: v[i] for m, v in both.items()} for i in (0, 1))
        if split == "test":
            at_best = spread(per_sample)[0].copy()  # and not both
    return _Taken(best, taken, fixed, at_best)


def _in_parts(scored: Scored, split: str, rows: Tensor) -> tuple[dict[str, Array], Array]:
    """Score encoders a few at a time, since what is made of a large split is large."""
    width = max(1, PART_VALUES // (scored.samples[split] * scored.width))
    found = [scored.score(split, part) for part in rows.split(width)]
    values = {m: np.concatenate([own[m] for own, _ in found]) for m in found[0][0]}
    return values, np.concatenate([per_sample for _, per_sample in found])


def _loss(use: str, task: str, values: Mapping[str, Array]) -> Array:
    """Return what checkpoints are chosen by, lower is better."""
    name = scoring.CHOSEN_BY[scores.RETRIEVAL if use == scores.RETRIEVAL else task]
    return -scores.SCORES[name].sign * values[name]


def _nothing(use: str, seen: Seen) -> list[Scored]:
    """Return scores of no encoder: all models diverged."""
    first, second = seen.draw.modalities
    ways = [f"{first}>{second}", f"{second}>{first}"]
    named = {scores.UNIMODAL: [first, second], scores.FUSED: [f"{first}+{second}"]}
    metrics = [score.name for score in scores.scores_of(use, seen.draw.task)]
    width = seen.own.branches[first].encoder.width
    samples = {split: len(y) for split, y in seen.labels.items()}

    def score(split: str, rows: Tensor) -> tuple[dict[str, Array], Array]:
        return {metric: np.empty(0) for metric in metrics}, np.empty((0, samples[split]))

    return [Scored(modality, score, width, samples) for modality in named.get(use, ways)]


def _rows(seen: Seen, use: str, scored: Scored, found: _Taken) -> pd.DataFrame:
    """Return the rows of the table of one seed, use and modality, split by split."""
    own, draw, modality = seen.own, seen.draw, scored.modality
    checkpoints = [own.checkpoints[place] for place in found.checkpoint]
    branch = next(iter(own.branches.values()))
    ratio = np.full(len(own.models), np.nan)
    if modality in draw.modalities:
        side = draw.modalities.index(modality)
        ratio = own.history[:, -1, side] / _knowing_nothing(draw)
    parts = list(product(found.taken, scores.scores_of(use, draw.task)))

    def repeated(of_part: Sequence[object]) -> list[object]:
        return [value for value in of_part for _ in own.models]

    def values(of_split: Mapping[str, Mapping[str, Array]]) -> Array:
        every = np.concatenate([of_split[split][score.name] for split, score in parts])
        return np.where(np.tile(own.finite, len(parts)), every, np.nan)

    def each(of_model: Sequence[object] | Array) -> list[object]:
        return list(of_model) * len(parts)

    return own.table(
        {
            "modality": modality,
            "split": repeated([split for split, _ in parts]),
            "metric": repeated([score.name for _, score in parts]),
            "value": values(found.taken),
            "n": repeated([scored.samples[split] for split, _ in parts]),
            "use": use,
            "fixed_epochs": values(found.fixed),
            "epoch": each([c.epoch for c in checkpoints]),
            "learning_rate": each([c.learning_rate for c in checkpoints]),
            "weight_decay": each([c.weight_decay for c in checkpoints]),
            "steps": own.plan.epochs * own.plan.steps,
            "width": scored.width,
            "shared_width": branch.shared or branch.encoder.width,
            "task_loss_ratio": each(ratio),
        },
        times=len(parts),
    )


def _knowing_nothing(draw: Pairs) -> float:
    """Return the task loss of a head that knows nothing: of equal odds, or of the median."""
    if draw.classes is not None:
        return float(np.log(draw.classes))
    labels = draw.labels[draw.rows("train")]
    return float(np.abs(labels - np.median(labels)).mean() / max(labels.std(), 1e-12))
