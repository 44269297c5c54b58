"""Trainings that are not finished: kept as they go, so that one that was killed goes on from there.

What comes out is the same to the bit as if it had not been killed.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from alignsweep.damage import DamagedError
from alignsweep.data.store import Pairs
from alignsweep.data.tensors import TensorFile, save_tensors
from alignsweep.training.adam import Adam
from alignsweep.training.batches import Order

logger = logging.getLogger(__name__)

#: Seconds of training that may be lost.
EVERY = 60.0
#: What the files are called.
PREFIX = "unfinished-"


@dataclass
class State:
    """A stack in training, at the end of an epoch.

    Attributes
    ----------
    weights
        Modality (or the objective) -> name -> ``(M, ...)``.
    optimizer, order
        What steps them, and draws their batches.
    diverged_at
        ``(M,)``, the step at which a model diverged; -1 if it did not.
    history
        Of every epoch that is done, ``(4, M)``, as in `Trained`.
    kept
        Epoch -> modality -> name -> weights of the encoders that were kept then.
    """

    weights: dict[str, dict[str, Tensor]]
    optimizer: Adam
    order: Order
    diverged_at: Tensor
    history: list[Tensor] = field(default_factory=list)
    kept: dict[int, dict[str, dict[str, Tensor]]] = field(default_factory=dict)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return all of it, by name."""
        found = {f"live/{i}": x for i, x in enumerate(self._live())}
        found |= {f"generator/{i}": g.get_state() for i, g in enumerate(self.order.generators)}
        found |= {
            f"kept/{epoch}/{modality}/{name}": w
            for epoch, encoders in self.kept.items()
            for modality, own in encoders.items()
            for name, w in own.items()
        }
        return {n: x.numpy(force=True) for n, x in found.items()} | {
            "history": torch.stack(self.history).numpy()
        }

    def restore(self, arrays: dict[str, NDArray[Any]]) -> None:
        """Become what `arrays` were returned of."""
        found = {name: torch.from_numpy(x) for name, x in arrays.items()}
        for i, x in enumerate(self._live()):
            x.copy_(found[f"live/{i}"])
        for i, generator in enumerate(self.order.generators):
            generator.set_state(found[f"generator/{i}"])
        self.history = list(found["history"])
        # in the order they were kept in, which the file has not
        for epoch in sorted({int(n.split("/")[1]) for n in found if n.startswith("kept/")}):
            place = f"kept/{epoch}"
            self.kept[epoch] = {
                m: {n: found[f"{place}/{m}/{n}"] for n in own if f"{place}/{m}/{n}" in found}
                for m, own in self.weights.items()
                if any(n.startswith(f"{place}/{m}/") for n in found)
            }

    def _live(self) -> list[Tensor]:
        """Return what changes in place."""
        weights = [w.detach() for own in self.weights.values() for w in own.values()]
        return [*weights, *self.optimizer.state, self.diverged_at]


class Unfinished:
    """Where the trainings of a job are kept until they are not needed any more (`forget`).

    Parameters
    ----------
    folder
        A folder in which no other job keeps any.
    code
        Digest of the code that trains: what other code began is begun anew.
    """

    def __init__(self, folder: str | Path, code: str = "") -> None:
        self._folder, self._code = Path(folder), code
        self._kept = time.monotonic()

    def path(
        self, what: object, strengths: Sequence[str], seeds: Sequence[int], *, pairs: Pairs
    ) -> Path:
        """Return the file of these models: its name tells all that they depend on."""
        all_of_it = (self._code, what, list(strengths), list(seeds), pairs.digest)
        digest = hashlib.sha256(repr(all_of_it).encode()).hexdigest()
        return self._folder / f"{PREFIX}{digest[:16]}.safetensors"

    def restore(self, state: State, path: Path) -> None:
        """Let a stack that begins go on where an earlier job was, if there is anything of it."""
        if not path.exists():
            return
        try:
            file = TensorFile(path)
            arrays = {name: file.get(name) for name in file.names}
        except DamagedError as error:
            logger.warning("%s; it is not needed, and begun anew", error)
            return
        state.restore(arrays)
        logger.info("goes on after epoch %d of an earlier job", len(state.history))

    def keep(self, state: State, path: Path) -> None:
        """Keep a stack, if the last one was kept long ago."""
        if time.monotonic() - self._kept >= EVERY:
            path.parent.mkdir(parents=True, exist_ok=True)
            save_tensors(state.arrays(), path, {})
            self._kept = time.monotonic()

    def forget(self) -> None:
        """Remove what was kept: what was asked for is written."""
        for path in self._folder.glob(f"{PREFIX}*"):
            path.unlink()
