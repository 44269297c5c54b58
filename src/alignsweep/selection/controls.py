"""Controls: is it the pairing that gains, or would aligning anything do?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from alignsweep import tables
from alignsweep.columns import Asked
from alignsweep.sample_scores import SampleScores
from alignsweep.sample_scores import load as load_samples
from alignsweep.scores import of_use
from alignsweep.selection.curve import KEYS, Curve, Samples
from alignsweep.selection.statistics import Mean, paired
from alignsweep.selection.winners import Winners


class Controls(NamedTuple):
    """Scores of models that aligned something else than pairs, at the same strengths.

    Attributes
    ----------
    scores
        A probe table with the column ``control`` in front.
    samples
        Control -> scores of its test samples.
    """

    scores: pd.DataFrame
    samples: Mapping[str, Samples]

    def save(self, table: str | Path, samples: str | Path) -> None:
        """Write the scores as a table, those of samples as tensors."""
        tables.write(self.scores, table)
        flat = SampleScores(
            ((f"{control}:{alignment}", strength, seed, use, modality), values)
            for control, own in self.samples.items()
            for (alignment, strength, seed, use, modality), values in own.items()
        )
        flat.save(samples)


def load(table: str | Path, samples: str | Path, *, asked: Asked | None = None) -> Controls:
    """Read what `Controls.save` wrote, see `tables.read`."""
    found: dict[str, dict[Any, Any]] = {}
    for (named, *key), values in load_samples([samples]).items():
        control, _, alignment = named.partition(":")
        found.setdefault(control, {})[alignment, *key] = values
    return Controls(tables.read(table, asked), found)


def over_controls(curve: Curve, won: Winners, controls: Controls | None) -> tuple[str | None, Mean]:
    """Return the better of the controls, and what pairs gain over it; seeds judged at 0 gain 0."""
    found: dict[str, Mean] = {}
    if controls is None or controls.scores.empty:
        return None, paired(np.array([]))
    keys = dict(zip(KEYS, curve.keys, strict=True))
    for name, own in controls.scores.groupby("control", sort=False):
        both = _with_control(curve, own, dict(controls.samples.get(str(name), {})), keys)
        if both is not None:
            beside, place = both
            against = np.where(won.of_seed == 0, 0, place + won.of_seed)
            mean = beside.difference(won.seeds, won.of_seed, against)
            if mean.seeds == len(won.seeds):
                found[str(name)] = mean
    if not found:
        return None, paired(np.array([]))
    name = min(found, key=lambda c: found[c].value)
    return name, found[name]


def _with_control(
    curve: Curve, scores: pd.DataFrame, samples: dict[Any, Any], keys: Mapping[str, str]
) -> tuple[Curve, int] | None:
    """Return the curve with a control's scores beside it, and the position where they begin."""
    scores, parts_ = of_use(scores, curve.use), []
    for modality in curve.modalities:
        own = scores[
            (scores["dataset"] == keys["dataset"])
            & (scores["alignment"] == keys["alignment"])
            & (scores["modality"] == modality)
            & (scores["metric"] == keys["metric"])
            & (scores["split"] == "test")
        ]
        values = np.full(curve.test.shape, np.nan)
        for seed, strength, value in zip(own["seed"], own["strength"], own["value"], strict=True):
            if seed in curve.seeds and strength in curve.strengths:
                values[curve.seeds.index(seed), curve.strengths.index(strength)] = value
        parts_.append(values)
    test = np.mean(parts_, axis=0)
    if np.isnan(test).all():
        return None
    renamed = {(a, f"control of {s}", *of): v for (a, s, *of), v in samples.items()}
    beside = Curve(
        curve.keys,
        (*curve.strengths, *(f"control of {s}" for s in curve.strengths)),
        curve.seeds,
        np.hstack([curve.validation, test]),
        np.hstack([curve.test, test]),
        curve.resolution,
        curve.modalities,
        {**curve.samples, **renamed} if curve.samples else {},
        curve.design,
        curve.use,
    )
    return beside, len(curve.strengths)
