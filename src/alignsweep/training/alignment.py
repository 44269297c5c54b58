"""An alignment: a named way to align, that is an objective and what it sees of the embeddings."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any

from alignsweep.options import INTERNAL, rule
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
        ``null``: one layer as wide as the narrower of the two embeddings.
    """

    name: Annotated[str, INTERNAL] = "infonce"
    objective: Annotated[objectives.Objective, INTERNAL] = field(default=InfoNCE())
    projection: Annotated[
        tuple[int, ...] | None,
        rule(items={"minimum": 1}, minItems=1, allowed="a list of layer widths, or null"),
    ] = None

    def layers(self, *embedded: int) -> MLP:
        """Return the layers that project embeddings of these widths."""
        *hidden, width = self.projection or (min(embedded),)
        return MLP(tuple(hidden), width)


def make(
    name: str,
    objective: str = "infonce",
    projection: tuple[int, ...] | None = None,
    **options: Any,
) -> Alignment:
    """Make an alignment from its entry in the configuration; `options` are the objective's."""
    return Alignment(
        name,
        objectives.make(objective, **options),
        None if projection is None else tuple(projection),
    )
