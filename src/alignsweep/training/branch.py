"""The network of one modality."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from alignsweep.training import encoders
from alignsweep.training.encoders.mlp import MLP

if TYPE_CHECKING:
    from alignsweep.training.encoders import Encoder, Weights


@dataclass(frozen=True)
class Branch:
    """The network of one modality: encoder -> embedding -> task head, and -> projection.

    The projection sees the first `shared` dimensions of the embedding; all, if it is None.
    """

    encoder: Encoder
    projection: MLP
    head: MLP
    shared: int | None = None

    def initialise(
        self,
        shape: tuple[int, ...],
        generators: Sequence[torch.Generator],
        usual: MLP,
        others: Sequence[torch.Generator],
    ) -> dict[str, Tensor]:
        """Draw the weights of all parts, one model per generator.

        So that encoders and heads are the same for every alignment, the `usual` projection is drawn
        with them whether it is the alignment's or not; any other comes from generators of its own.
        """
        width = (self.encoder.width,)
        parts = {
            "encoder": self.encoder.initialise(shape, generators),
            "head": self.head.initialise(width, generators),
            "projection": usual.initialise(width, generators),
        }
        if self.projection != usual or self.shared is not None:
            width = (self.shared or self.encoder.width,)
            parts["projection"] = self.projection.initialise(width, others)
        return {f"{part}.{name}": w for part, own in parts.items() for name, w in own.items()}

    def embed(self, weights: Weights, x: Tensor, mask: Tensor | None = None) -> Tensor:
        """Embed inputs ``(groups, samples, *shape)`` as ``(M, width, samples)``."""
        return self.encoder(part_of(weights, "encoder"), x, mask)

    def project(self, weights: Weights, embedding: Tensor) -> Tensor:
        """Map embeddings to what the alignment loss sees."""
        return self.projection.forward(part_of(weights, "projection"), embedding[:, : self.shared])

    def predict(self, weights: Weights, embedding: Tensor) -> Tensor:
        """Map embeddings to the outputs of the task, ``(M, classes or 1, samples)``."""
        return self.head.forward(part_of(weights, "head"), embedding)

    def describe(self) -> dict[str, Any]:
        """Return what `restore` makes it of."""
        kinds = {cls: kind for kind, cls in encoders.ENCODERS.items()}
        parts = {"encoder": self.encoder, "projection": self.projection, "head": self.head}
        said: dict[str, Any] = {k: {"kind": kinds[type(p)], **vars(p)} for k, p in parts.items()}
        return said | {"shared": self.shared}


def restore(said: Mapping[str, Any]) -> Branch:
    """Make the network of `Branch.describe`."""
    parts = {k: v for k, v in said.items() if k != "shared"}
    made: dict[str, Any] = {part: encoders.make(**options) for part, options in parts.items()}
    return Branch(**made, shared=said["shared"])


def part_of(weights: Weights, part: str) -> dict[str, Tensor]:
    """Return the weights of a part, by their names in it."""
    prefix = f"{part}."
    return {k.removeprefix(prefix): w for k, w in weights.items() if k.startswith(prefix)}
