"""An alignment: a named way to align, that is an objective and what it sees of the embeddings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from alignsweep.options import INTERNAL, CountOrNone, Positive, check, rule
from alignsweep.training import objectives
from alignsweep.training.encoders.mlp import MLP
from alignsweep.training.objectives.infonce import InfoNCE


@dataclass(frozen=True)
class Alignment:
    """How the two modalities are aligned.

    Attributes
    ----------
    name
        What files and tables call it.
    objective
        The alignment loss.
    projection
        Widths of the layers between the embedding and the alignment loss; the last is linear.
        ``null``: one layer as wide as the narrower of the two embeddings, also where a part of it
        is aligned: unit vectors of one or two dimensions have little room to differ.
    shared_width
        How many dimensions of either embedding are aligned, the first so many; the rest are
        private. ``null``: all.
    scale
        Weight of the alignment loss at strength 1: losses differ in size.
    """

    name: Annotated[str, INTERNAL] = "infonce"
    objective: Annotated[objectives.Objective, INTERNAL] = field(default=InfoNCE())
    projection: Annotated[
        tuple[int, ...] | None,
        rule(items={"minimum": 1}, minItems=1, allowed="a list of layer widths, or null"),
    ] = None
    shared_width: CountOrNone = None
    scale: Positive = 1.0

    def __post_init__(self) -> None:
        check(self)

    def layers(self, *embedded: int) -> MLP:
        """Return the layers that project embeddings of these widths.

        Raises
        ------
        ValueError
            If more dimensions are to be aligned than an embedding has.
        """
        narrower = min(embedded)
        if self.shared_width is not None and self.shared_width > narrower:
            raise ValueError(
                f"shared_width of alignment {self.name} is {self.shared_width}; allowed: up to "
                f"{narrower}, the width of the narrower embedding"
            )
        *hidden, width = self.projection or (narrower,)
        return MLP(tuple(hidden), width)


def make(
    name: str,
    objective: str = "infonce",
    projection: tuple[int, ...] | None = None,
    shared_width: int | None = None,
    scale: float = 1.0,
    **options: Any,
) -> Alignment:
    """Make an alignment from its entry in the configuration; `options` are the objective's."""
    return Alignment(
        name,
        objectives.make(objective, **options),
        None if projection is None else tuple(projection),
        shared_width,
        scale,
    )
