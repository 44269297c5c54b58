"""What a prediction is made from, of each modality, alignment and strength.

Made of ``features.csv``, the width of the embedding, how much of it is aligned, and the strength.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from alignsweep.feature_names import CANONICAL
from alignsweep.scores import headline
from alignsweep.selection.curve import BASELINE

#: The objective of the world's alignments.
LEARNT = "infonce"
KEYS = ["dataset", "alignment", "modality", "strength"]
#: what the forest learns from -> what it is, in words
INPUTS = {
    "linear_own": "what {own} tells of the label",
    "linear_other": "what {other} tells of the label",
    "linear_missing": "what {other} knows of the label and {own} does not",
    "linear_unique": "what {own} knows of the label and {other} does not",
    "linear_score": "how well {own} does without alignment",
    "linear_gap": "how far a linear model of {own} overfits",
    "network_own": "what a network makes of {own}",
    "network_other": "what a network makes of {other}",
    "network_missing": "what {other} adds to a network of {own}",
    "network_unique": "what {own} adds to a network of {other}",
    "network_score": "how well a network of {own} does without alignment",
    "network_gap": "how far a network of {own} overfits",
    "canonical_aligned": "what is left of {own} in the directions that would be aligned",
    "canonical_width": "what is left of {own} in as many common directions as the embedding is "
    "wide",
    "aligned_share": "how much of the embedding is aligned",
    "private_width": "how much of the embedding stays private",
    "width": "the width of the embedding",
    "nuisance_dimensions": "what {own} and {other} share that is no matter of the label",
    "nuisance_per_width": "the shared nuisance for each aligned dimension",
    "nuisance_bits": "the bits of shared nuisance",
    "nuisance_gaussian_bits": "how closely {own} and {other} agree within classes",
    "common_dimensions": "in how many directions {own} and {other} agree",
    "common_bits": "what {own} and {other} tell of each other",
    "own_dimensions": "how many dimensions {own} has",
    "other_dimensions": "how many dimensions {other} has",
    "dimensions_per_width": "how many dimensions {own} has for each of the embedding",
    "train": "how many training pairs there are",
    "classes": "how many classes there are",
    "log_strength": "the strength",
}


def inputs(features: pd.DataFrame, ways: pd.DataFrame, strengths: Sequence[str]) -> pd.DataFrame:
    """Return what is learnt from.

    Parameters
    ----------
    features
        ``features.csv`` of one or several datasets.
    ways
        The embeddings, see `planned`.
    strengths
        Strengths; 0 is left out.

    Returns
    -------
    pandas.DataFrame
        Columns ``dataset, alignment, modality, strength`` and `INPUTS`, a row of each modality.
    """
    rows = []
    for dataset, own in features.groupby("dataset", sort=False):
        seen = {
            m: part.set_index("feature")["value"].to_dict()
            for m, part in own.groupby("modality", sort=False)
        }
        pair = next(m for m in seen if "train" in seen[m])
        first, second = (m for m in seen if m != pair)
        for way in ways[ways["dataset"] == dataset].to_dict("records"):
            for m, other in ((first, second), (second, first)):
                known = _of_modality(seen[m], seen[other], seen[pair], way)
                for strength in strengths:
                    if strength != BASELINE:
                        keys = (dataset, way["alignment"], m, strength)
                        rows.append(
                            dict(zip(KEYS, keys, strict=True))
                            | {"other": other}
                            | known
                            | {"log_strength": np.log(float(strength))}
                        )
    return pd.DataFrame(rows, columns=[*KEYS, "other", *INPUTS])


def _of_modality(
    own: Mapping[str, float],
    other: Mapping[str, float],
    pair: Mapping[str, float],
    way: Mapping[str, Any],
) -> dict[str, float]:
    """Return the inputs of a modality, but for the strength; information as a share of all."""
    out: dict[str, float] = {}
    for kind in ("linear", "network"):
        mine, theirs, both = (part[f"{kind}_bits"] for part in (own, other, pair))
        out[f"{kind}_own"], out[f"{kind}_other"] = mine, theirs
        out[f"{kind}_missing"] = max(both, mine) - mine
        out[f"{kind}_unique"] = max(both, theirs) - theirs
    out = {name: value / pair["label_bits"] for name, value in out.items()}
    for kind in ("linear", "network"):
        out[f"{kind}_score"], out[f"{kind}_gap"] = own[f"{kind}_score"], own[f"{kind}_gap"]
    width, aligned = float(way["width"]), float(way["shared_width"])
    left = [own[f"canonical_{k}_score"] - own["linear_score"] for k in CANONICAL]

    def canonical(directions: float) -> float:
        return float(np.interp(np.log2(directions), np.log2(CANONICAL), left))

    return out | {
        "canonical_aligned": canonical(aligned),
        "canonical_width": canonical(width),
        "aligned_share": aligned / width,
        "private_width": width - aligned,
        "width": np.log2(width),
        "nuisance_dimensions": pair["nuisance_dimensions"],
        "nuisance_per_width": pair["nuisance_dimensions"] / aligned,
        "nuisance_bits": pair["nuisance_bits"],
        "nuisance_gaussian_bits": pair["nuisance_gaussian_bits"],
        "common_dimensions": pair["common_dimensions"],
        "common_bits": pair["common_bits"],
        "own_dimensions": np.log1p(own["dimensions"]),
        "other_dimensions": np.log1p(other["dimensions"]),
        "dimensions_per_width": own["dimensions"] / width,
        "train": np.log10(pair["train"]),
        "classes": np.log1p(pair["classes"]),
    }


def points(features: pd.DataFrame, gains: pd.DataFrame, ways: pd.DataFrame) -> pd.DataFrame:
    """Put what can be seen before training, and what was gained, side by side.

    Parameters
    ----------
    features, ways
        As for `inputs`.
    gains
        ``gains.csv`` of the same datasets.

    Returns
    -------
    pandas.DataFrame
        The columns of `inputs`, ``gain``, and ``error``, half its 95 % interval.
    """
    change = headline(gains)
    change = change.assign(
        strength=change["strength"].astype(str),
        error=(change["gain_high"] - change["gain_low"]) / 2,
    )
    strengths = sorted(set(change["strength"]) - {BASELINE}, key=float)
    known = inputs(features, ways, strengths)
    return known.merge(change[[*KEYS, "gain", "error"]], on=KEYS).dropna(subset=["gain"])


def planned(
    dataset: str, encoder: Mapping[str, Mapping[str, Any]], alignments: Mapping[str, Any]
) -> pd.DataFrame:
    """Return the embedding's width, and how much of it is aligned, by alignment.

    Parameters
    ----------
    dataset
        Its name.
    encoder
        Modality -> the encoder's options, with its ``width``.
    alignments
        Name -> options. Those by another objective than `LEARNT` are left out: nothing was learnt
        of them. So are all, where an encoder of one's own does not say how wide it is.

    Returns
    -------
    pandas.DataFrame
        Columns ``dataset, alignment, width, shared_width``.
    """
    if not all("width" in e for e in encoder.values()):
        alignments = {}
    width = min((int(e["width"]) for e in encoder.values() if "width" in e), default=0)
    rows = [
        (dataset, name, width, options["shared_width"] or width)
        for name, options in alignments.items()
        if options["objective"] == LEARNT
    ]
    return pd.DataFrame(rows, columns=["dataset", "alignment", "width", "shared_width"])
