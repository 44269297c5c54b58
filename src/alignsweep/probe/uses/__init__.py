"""Uses: what encoders are scored for.

A new use is a module here, of the use's name, with a function `score`, an entry in `SCORERS`, and
its words in `scores.USES`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from alignsweep.probe.uses import fused, retrieval, transfer, unimodal
from alignsweep.probe.uses.base import Scored, Seen

if TYPE_CHECKING:
    from alignsweep.probe import Probe

__all__ = ["SCORERS", "Scored", "Seen"]

#: use -> function that scores the models of a seed for it, once for each of its modalities
SCORERS: dict[str, Callable[[Seen, Probe], Iterator[Scored]]] = {
    "unimodal": unimodal.score,
    "fused": fused.score,
    "transfer": transfer.score,
    "retrieval": retrieval.score,
}
