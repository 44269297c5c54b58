"""The information structure of a dataset: exact where its distribution is known, and estimated."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from alignsweep.information.decomposition import Decomposition, broja
from alignsweep.information.estimate import PERMUTATIONS, Array, estimate, sensitivity

if TYPE_CHECKING:
    from alignsweep.data.store import Pairs

logger = logging.getLogger(__name__)

#: Certified gap of an exact decomposition, in bits.
EXACT_TOLERANCE = 1e-5


def decompose_pairs(
    pairs: Pairs,
    joint: Array | None = None,
    methods: Sequence[str] = ("exact", "discrete"),
    *,
    clusters: int = 20,
    features: str = "posterior",
    samples: int = 4096,
    permutations: int = 100,
    resamples: int = 50,
    sensitivity_clusters: Sequence[int] = (5, 10, 20, 30),
    bins: str | Sequence[float] = (1 / 3, 2 / 3),
    seed: int = 0,
) -> dict[str, Any]:
    """Decompose what the two modalities of a dataset tell about its label.

    Parameters
    ----------
    pairs
        The dataset. Estimates are fitted on its train and validation splits and counted on test.
    joint
        p(a, b, y), if it is known.
    methods
        ``"exact"`` (left out where `joint` is not known), ``"discrete"``, ``"neural"``.
    clusters, features
        Of the discrete method, see `discrete.Sampler`.
    samples
        Test samples counted: the first so many.
    permutations, resamples
        Shuffles behind the null and bootstrap samples behind the intervals. The neural method,
        which trains anew for each shuffle, takes a tenth of the shuffles, at least ten.
    sensitivity_clusters
        Numbers of clusters for which the discrete estimate is repeated, as a check; may be empty.
    bins
        How labels that are numbers become classes, see `bin_labels`.
    seed
        Seed of the estimates.

    Returns
    -------
    dict
        ``dataset``, ``atoms``: rows of ``information.csv``, and ``sensitivity``: the same for other
        numbers of clusters, with the column ``clusters``.
    """
    fit, test = np.flatnonzero(pairs.split < 2), pairs.rows("test")[:samples]
    rows = np.concatenate([fit, test])
    x_a, x_b = (pairs.vectors(m, rows) for m in pairs.modalities)
    sample = (x_a, x_b, pairs.labels[rows])
    common: dict[str, Any] = {
        "fit": np.arange(len(fit)),
        "seed": seed,
        "bins": bins if pairs.classes is None else None,
    }
    discrete = {**common, "features": features}
    frames = []
    for method in methods:
        if method == "exact":
            if joint is None:
                logger.info("%s: its distribution is not known, no exact decomposition", pairs.name)
                continue
            table = _exact(broja(joint, tolerance=EXACT_TOLERANCE))
        else:
            options = {**discrete, "clusters": clusters} if method == "discrete" else common
            few = PERMUTATIONS["neural"]
            shuffles = permutations if method == "discrete" else max(few, permutations // few)
            found = estimate(*sample, method, permutations=shuffles, resamples=resamples, **options)
            table = found.table()
        frames.append(table.assign(method=method))
    names = dict(zip(("modality_a", "modality_b"), pairs.modalities, strict=True))
    atoms = pd.concat(frames).assign(dataset=pairs.name, **names)
    first = ["dataset", "modality_a", "modality_b", "method", "atom"]
    atoms = atoms[first + [c for c in atoms if c not in first]]
    checks = (
        sensitivity(*sample, sensitivity_clusters, **discrete)
        if "discrete" in methods and sensitivity_clusters
        else pd.DataFrame()
    )
    return {
        "dataset": pairs.name,
        "atoms": _records(atoms),
        "sensitivity": _records(checks),
    }


def _exact(found: Decomposition) -> pd.DataFrame:
    """Return the rows of an exact decomposition: no null, and bounds instead of an interval."""
    gap = np.array([found.gap, -found.gap, -found.gap, found.gap, 0.0])
    bits = np.array(list(found.atoms.values()))
    return pd.DataFrame(
        {
            "atom": list(found.atoms),
            "bits": bits,
            "null_bits": np.nan,
            "low_bits": bits + np.minimum(gap, 0),
            "high_bits": bits + np.maximum(gap, 0),
            "corrected_bits": bits,
        }
    )


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return rows that JSON can hold: a missing value is None."""
    return [
        {k: None if isinstance(v, float) and np.isnan(v) else v for k, v in row.items()}
        for row in table.to_dict("records")
    ]
