"""What a sweep trains: the branches of the two modalities, and the trained stack with its file."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from alignsweep import damage, tables
from alignsweep.data.tensors import TensorFile, save_tensors
from alignsweep.training.branch import Branch, restore
from alignsweep.training.optimisation import Checkpoint, Schedule

if TYPE_CHECKING:
    from alignsweep.training.encoders import Weights

Array = NDArray[np.float64]

#: Values of inputs embedded at once, which bounds the memory of a wide encoder's activations.
EMBEDDED_VALUES = 2**21


class Model(NamedTuple):
    """One trained model: its strength, its seed, and the step at which it diverged, if it did."""

    strength: str
    seed: int
    diverged_at: int | None = None


@dataclass(frozen=True, repr=False)
class Trained:
    """A stack of trained models.

    Attributes
    ----------
    dataset
        Name of the dataset they were trained on.
    alignment
        Name of the alignment that strengths weigh.
    branches
        Modality -> its network, in the order (a, b).
    models
        Strength and seed of each of the M models.
    weights
        Modality -> name -> ``(M, ...)``, on the CPU.
    history
        ``(M, epochs, 4)``: means over an epoch of L_task(a), L_task(b) and L_align, cross-entropies
        in nats, absolute errors in standard deviations of the training labels; and the alignment
        that is achieved, debiased linear CKA of the embeddings of the epoch's last batch.
    plan
        How long they were trained; ln of the batch is the L_align of uninformative projections.
    end
        The checkpoint that `weights` are of: the end of training.
    others
        Other checkpoint -> modality -> name -> ``(M, ...)``: weights of encoders and projections.
    """

    dataset: str
    alignment: str
    branches: Mapping[str, Branch]
    models: tuple[Model, ...]
    weights: Mapping[str, Mapping[str, Tensor]]
    history: Array
    plan: Schedule
    end: Checkpoint
    others: Mapping[Checkpoint, Mapping[str, Mapping[str, Tensor]]] = dataclasses.field(
        default_factory=dict
    )

    def __repr__(self) -> str:
        """Say what is there, not the weights."""
        strengths = ", ".join(dict.fromkeys(model.strength for model in self.models))
        seeds = len({model.seed for model in self.models})
        return (
            f"Trained({self.dataset!r}, {self.alignment!r}: {len(self.models)} models, strengths "
            f"{strengths}, {seeds} seeds, {self.plan.epochs} epochs)"
        )

    @property
    def checkpoints(self) -> list[Checkpoint]:
        """Where there are encoders; the last is the end of training."""
        return [*self.others, self.end]

    @property
    def finite(self) -> NDArray[np.bool_]:
        """Which models trained to the end, ``(M,)``."""
        return np.array([model.diverged_at is None for model in self.models])

    def select(self, kept: NDArray[np.bool_]) -> Trained:
        """Return the stack of some of the models, ``(M,)`` True for those."""
        rows = torch.as_tensor(np.flatnonzero(kept))

        def some(weights: Mapping[str, Mapping[str, Tensor]]) -> dict[str, dict[str, Tensor]]:
            return {m: {n: w[rows] for n, w in own.items()} for m, own in weights.items()}

        return dataclasses.replace(
            self,
            models=tuple(m for m, keep in zip(self.models, kept, strict=True) if keep),
            weights=some(self.weights),
            history=self.history[kept],
            others={at: some(own) for at, own in self.others.items()},
        )

    def by_seed(self) -> Iterator[tuple[int, Trained]]:
        """Yield the stack of each seed: its models share their data."""
        seeds = np.array([model.seed for model in self.models])
        for seed in dict.fromkeys(seeds.tolist()):
            yield seed, self.select(seeds == seed)

    def embed(
        self,
        modality: str,
        inputs: NDArray[np.generic],
        mask: NDArray[np.bool_] | None = None,
        at: Checkpoint | None = None,
        models: NDArray[np.intp] | None = None,
    ) -> Array:
        """Embed inputs by every model, or some, in float64.

        In double precision, equal inputs get equal embeddings to about 1e-15, wherever they stand
        in the batch.

        Parameters
        ----------
        modality
            Name of the modality.
        inputs
            ``(n, ...)``.
        mask
            ``(n, steps)``, see `Pairs.masks`.
        at
            One of the `checkpoints`; by default the end of training.
        models
            Positions of the models to embed by; by default all M.

        Returns
        -------
        numpy.ndarray
            ``(M, n, width)``; NaN for a model that diverged.
        """
        weights = self.weights_at(at)[modality]
        if models is not None:
            rows = torch.as_tensor(models)
            weights = {name: w[rows] for name, w in weights.items()}
        return self._apply(weights, inputs, mask, self.branches[modality].embed)

    def weights_at(self, at: Checkpoint | None) -> Mapping[str, Mapping[str, Tensor]]:
        """Return the weights at one of the `checkpoints`, by default the end, by modality."""
        return self.weights if at is None or at == self.end else self.others[at]

    def project(
        self, modality: str, inputs: NDArray[np.generic], mask: NDArray[np.bool_] | None = None
    ) -> Array:
        """Map inputs to what the alignment loss sees: as `embed`, ``(M, n, projection width)``."""
        branch = self.branches[modality]
        return self._apply(
            self.weights[modality],
            inputs,
            mask,
            lambda w, x, m: branch.project(w, branch.embed(w, x, m)),
        )

    def project_embedded(
        self,
        modality: str,
        embeddings: Tensor,
        models: NDArray[np.intp],
        at: Checkpoint | None = None,
    ) -> Tensor:
        """Map what some of the models embedded, ``(K, n, width)``, to what the loss sees."""
        rows = torch.as_tensor(models)
        weights = {n: w[rows].double() for n, w in self.weights_at(at)[modality].items()}
        return self.branches[modality].project(weights, embeddings.transpose(1, 2)).transpose(1, 2)

    def _apply(
        self,
        weights: Mapping[str, Tensor],
        inputs: NDArray[np.generic],
        mask: NDArray[np.bool_] | None,
        function: Callable[[Weights, Tensor, Tensor | None], Tensor],
    ) -> Array:
        rows = max(1, EMBEDDED_VALUES // max(1, inputs[:1].size))
        parts = [slice(start, start + rows) for start in range(0, max(1, len(inputs)), rows)]
        count = len(next(iter(weights.values())))
        out: list[list[Array]] = [[] for _ in range(count)]
        with torch.no_grad():
            for part in parts:
                x = torch.as_tensor(inputs[part]).double().unsqueeze(0)
                there = None if mask is None else torch.as_tensor(mask[part]).unsqueeze(0)
                for m, found in enumerate(out):  # one by one: memory stays that of a single model
                    own = {k: w[m : m + 1].double() for k, w in weights.items()}
                    found.append(function(own, x, there)[0].T.numpy())
        return np.stack([np.concatenate(found) for found in out])

    def table(self, columns: Mapping[str, object], times: int = 1) -> pd.DataFrame:
        """Return a row per model, so many times one below the other.

        Columns ``dataset, alignment, strength, seed``, then those given (one value for all, or one
        per row), then ``diverged_at``.
        """
        models = self.models * times
        diverged_at = pd.array([m.diverged_at for m in models], dtype="Int64")
        return pd.DataFrame(
            {
                "dataset": self.dataset,
                "alignment": self.alignment,
                "strength": [m.strength for m in models],
                "seed": [m.seed for m in models],
                **columns,
                "diverged_at": diverged_at,
            }
        )

    def curves(self) -> pd.DataFrame:
        """Return the training curves.

        Returns
        -------
        pandas.DataFrame
            Columns ``dataset, alignment, strength, seed, epoch, loss, value``: means over an epoch
            of the task loss of each modality (``task_{modality}``) and of the alignment loss
            (``align``), and ``align_over_ln_batch``, the latter divided by ln(batch size), which is
            1 for uninformative projections under InfoNCE whatever the batch size;
            ``cka_debiased``, the alignment of the embeddings of the last batch.
        """
        task_a, task_b, align, achieved = self.history.transpose(2, 0, 1)
        first, second = self.branches
        losses = {
            f"task_{first}": task_a,
            f"task_{second}": task_b,
            "align": align,
            "align_over_ln_batch": align / math.log(self.plan.batch),
            "cka_debiased": achieved,
        }
        frames = [
            pd.DataFrame(
                {
                    "dataset": self.dataset,
                    "alignment": self.alignment,
                    "strength": model.strength,
                    "seed": model.seed,
                    "epoch": range(1, self.history.shape[1] + 1),
                    "loss": loss,
                    "value": values[m],
                }
            )
            for m, model in enumerate(self.models)
            for loss, values in losses.items()
        ]
        return pd.concat(frames, ignore_index=True)

    def save(self, path: str | Path, strength: str | None = None) -> None:
        """Write the models of one strength, leading axis = seed, or all, to a safetensors file."""
        rows = [i for i, m in enumerate(self.models) if strength in (None, m.strength)]
        header = {
            "dataset": self.dataset,
            "alignment": self.alignment,
            "models": [self.models[i] for i in rows],
            "branches": {m: branch.describe() for m, branch in self.branches.items()},
            "plan": self.plan,
            "checkpoints": self.checkpoints,
        }
        arrays = {
            f"{i}/{modality}.{name}": w[rows].numpy()
            for i, weights in enumerate([*self.others.values(), self.weights])
            for modality, own in weights.items()
            for name, w in own.items()
        }
        arrays["history"] = self.history[rows]
        save_tensors(arrays, path, header)


def save(
    trained: Sequence[Trained],
    cells: Sequence[tuple[str, str]],
    encoders: Sequence[str | Path],
    histories: Sequence[str | Path],
) -> None:
    """Write weights and training curves of each cell (alignment, strength) to files of its own."""
    of_alignment = {stack.alignment: stack for stack in trained}
    for (alignment, strength), path in zip(cells, encoders, strict=True):
        of_alignment[alignment].save(path, strength)
    tables.write_cells(tables.join(stack.curves() for stack in trained), cells, histories)


def load(paths: Iterable[str | Path]) -> list[Trained]:
    """Read files of `Trained.save` of one dataset, as one stack per alignment.

    Raises
    ------
    DamagedError
        If a file is not what was written, or is of other models than its folders say.
    """
    parts: dict[str, list[Trained]] = {}
    for part in map(_load, paths):
        parts.setdefault(part.alignment, []).append(part)
    return [join(own) for own in parts.values()]


def join(parts: Sequence[Trained]) -> Trained:
    """Put stacks of one dataset and alignment one behind the other."""
    first = parts[0]

    def all_of(
        weights: Sequence[Mapping[str, Mapping[str, Tensor]]],
    ) -> dict[str, dict[str, Tensor]]:
        return {
            m: {name: torch.cat([w[m][name] for w in weights]) for name in own}
            for m, own in weights[0].items()
        }

    return dataclasses.replace(
        first,
        models=tuple(model for part in parts for model in part.models),
        weights=all_of([part.weights for part in parts]),
        history=np.concatenate([part.history for part in parts]),
        others={at: all_of([part.others[at] for part in parts]) for at in first.others},
    )


def encoders_of(weights: Mapping[str, Mapping[str, Tensor]]) -> dict[str, dict[str, Tensor]]:
    """Return a copy of the weights of encoders and projections."""
    kept = ("encoder.", "projection.")
    return {
        m: {n: w.detach().cpu().clone() for n, w in own.items() if n.startswith(kept)}
        for m, own in weights.items()
    }


def with_variants(first: Trained, *variants: Trained) -> Trained:
    """Return the first stack, with the encoders of other trainings of it to choose from.

    A model diverged if it did so in all of them.
    """
    others = dict(first.others)
    for variant in variants:
        others |= {**variant.others, variant.end: encoders_of(variant.weights)}
    survived = np.any([one.finite for one in (first, *variants)], axis=0)
    kept = tuple(
        model._replace(diverged_at=None) if well else model
        for model, well in zip(first.models, survived, strict=True)
    )
    return dataclasses.replace(first, models=kept, others=others)


def _load(path: str | Path) -> Trained:
    file = TensorFile(path)
    with damage.reading(path):
        header = file.header
        branches = {m: restore(branch) for m, branch in header["branches"].items()}
        checkpoints = [Checkpoint(*values) for values in header["checkpoints"]]
        kept: list[dict[str, dict[str, Tensor]]] = [{m: {} for m in branches} for _ in checkpoints]
        for key in file.names:
            place, _, name = key.partition("/")
            if name:
                modality, _, part = name.partition(".")
                kept[int(place)][modality][part] = torch.from_numpy(file.get(key))
        found = Trained(
            dataset=header["dataset"],
            alignment=header["alignment"],
            branches=branches,
            models=tuple(Model(*model) for model in header["models"]),
            weights=kept[-1],
            history=file.get("history"),
            plan=Schedule(*header["plan"]),
            end=checkpoints[-1],
            others=dict(zip(checkpoints[:-1], kept[:-1], strict=True)),
        )
        for strength, _, _ in found.models:
            seeds = [model.seed for model in found.models if model.strength == strength]
            said = {"strength": strength, "seeds": f"{min(seeds)}-{max(seeds)}"}
            damage.check_place(
                path, {"dataset": found.dataset, "alignment": found.alignment, **said}
            )
    return found
