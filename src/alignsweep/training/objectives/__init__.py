"""Alignment objectives, stacked: what pulls the projections of a pair together.

A new objective is a class like `Objective` in a file here, named as in the configuration, and an
entry in `OBJECTIVES`.
"""

from __future__ import annotations

from typing import Any

from alignsweep.training.objectives.barlow import Barlow
from alignsweep.training.objectives.base import Batch, Objective
from alignsweep.training.objectives.cca import CCA
from alignsweep.training.objectives.cka import CKA
from alignsweep.training.objectives.cosine import Cosine
from alignsweep.training.objectives.infonce import InfoNCE
from alignsweep.training.objectives.infonce_labels import InfoNCELabels
from alignsweep.training.objectives.prediction import Prediction
from alignsweep.training.objectives.siglip import SigLIP
from alignsweep.training.objectives.vicreg import VICReg

__all__ = ["OBJECTIVES", "Batch", "InfoNCE", "Objective", "make"]

#: kind of objective (as in the configuration) -> its class
OBJECTIVES: dict[str, type[Any]] = {
    "infonce": InfoNCE,
    "infonce_labels": InfoNCELabels,
    "siglip": SigLIP,
    "cosine": Cosine,
    "barlow": Barlow,
    "vicreg": VICReg,
    "cca": CCA,
    "cka": CKA,
    "prediction": Prediction,
}


def make(kind: str = "infonce", **options: Any) -> Objective:
    """Make an objective from its entry in the configuration.

    Raises
    ------
    ValueError
        If the kind is unknown.
    """
    if kind not in OBJECTIVES:
        raise ValueError(f"objective is {kind!r}; allowed: {', '.join(OBJECTIVES)}")
    objective: Objective = OBJECTIVES[kind](**options)
    return objective
