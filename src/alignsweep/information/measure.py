"""The information structure of a dataset: exact where its distribution is known, and estimated."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, Literal

import numpy as np
import pandas as pd

from alignsweep.information.decomposition import Decomposition, broja
from alignsweep.information.estimate import (
    PERMUTATIONS,
    estimate_prepared,
    prepare,
    sensitivity_prepared,
)
from alignsweep.information.preparation import Array, Prepared
from alignsweep.options import Samples, Seed, rule

if TYPE_CHECKING:
    from alignsweep.data.store import Pairs

logger = logging.getLogger(__name__)

#: Certified gap of an exact decomposition, in bits.
EXACT_TOLERANCE = 1e-5

AtLeastTwo = Annotated[int, rule(minimum=2, allowed="an integer of at least 2")]
Draws = Annotated[int, rule(minimum=10, maximum=10_000, allowed="an integer from 10 to 10000")]


def decompose_pairs(
    pairs: Pairs,
    joint: Array | None = None,
    *,
    methods: Annotated[
        Sequence[Literal["exact", "discrete", "neural"]], rule(minItems=1, uniqueItems=True)
    ] = ("exact", "discrete"),
    clusters: AtLeastTwo = 20,
    features: Literal["posterior", "pca"] = "posterior",
    samples: Samples = 4096,
    permutations: Draws = 100,
    resamples: Draws = 50,
    sensitivity_clusters: Annotated[
        Sequence[int],
        rule(
            uniqueItems=True,
            items={"minimum": 2, "allowed": "an integer of at least 2"},
            allowed="a list of different integers of at least 2",
        ),
    ] = (5, 10, 20, 30),
    bins: Annotated[
        Literal["sign"] | Sequence[float],
        rule(
            anyOf=[
                {"enum": ["sign"]},
                {
                    "type": "array",
                    "minItems": 1,
                    "uniqueItems": True,
                    "items": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
                },
            ],
            allowed='"sign", or a list of different quantiles between 0 and 1',
        ),
    ] = (1 / 3, 2 / 3),
    seed: Seed = 0,
) -> dict[str, Any]:
    """Decompose what the two modalities of a dataset tell about its label.

    Parameters
    ----------
    pairs
        The dataset. Estimates are fitted on its train and validation splits and counted on test.
    joint
        p(a, b, y), if it is known.
    methods
        ``exact`` from the known distribution, left out for real data; ``discrete``: clusters,
        counted; ``neural``: posteriors by networks. What is known exactly stands for a dataset,
        else the first of these that applies.
    clusters
        Clusters per modality of the discrete method. More lose less information and need more
        samples: there are never more than the square root of the samples counted, or fitted.
    features
        What is clustered: ``posterior``, a logistic regression's p(label | input), on which alone
        redundancy and unique information depend; or ``pca``, principal components, which know
        nothing of the label.
    samples
        Test samples counted, drawn at random within classes (clusters and networks are fitted on
        at most four times as many of the other splits).
    permutations
        Shuffles of the labels behind the null. Plug-in information is biased upwards, above all
        synergy. The neural method takes a tenth, at least 10.
    resamples
        Bootstrap samples behind the intervals.
    sensitivity_clusters
        Numbers of clusters for which the discrete estimate is repeated, as a check; in
        ``information.json``.
    bins
        How labels that are numbers become classes: quantiles to cut at, or ``sign``, above 0
        against the rest.
    seed
        Seed of the choice of samples, of clusters, networks, shuffles and resamples.

    Returns
    -------
    dict
        ``dataset``; ``status``, ``"estimated"`` or ``"skipped: {reason}"``; ``table``: rows of
        ``information.csv``; and ``sensitivity``: the same for other numbers of clusters, with the
        column ``clusters``.
    """
    pairs = pairs.draw(0)  # one draw: its uncertainty is in the intervals of the estimate
    found: dict[str, Any] = {"dataset": pairs.name, "status": "estimated"}
    tables, checks = [], pd.DataFrame()
    if "exact" in methods and joint is not None:
        tables.append(_exact(broja(joint, tolerance=EXACT_TOLERANCE)).assign(method="exact"))
    sample, common = _sample(pairs, samples, seed, bins)
    prepared: Prepared | None = None
    for method in (m for m in methods if m != "exact"):
        few = PERMUTATIONS["neural"]
        shuffles = permutations if method == "discrete" else max(few, permutations // few)
        options: dict[str, Any] = {"resamples": resamples, "permutations": shuffles, "seed": seed}
        try:
            most = _most_clusters(common["fit"], sample[2]) if method == "discrete" else 0
            prepared = prepared or prepare(*sample, **common)
            if method == "discrete":
                if most < clusters:
                    logger.info("%d clusters in place of %d: few samples", most, clusters)
                options |= {"clusters": min(clusters, most), "features": features}
                checked = [k for k in sensitivity_clusters if k <= most]
                if checked:
                    checks = sensitivity_prepared(prepared, checked, features=features, seed=seed)
            estimated = estimate_prepared(prepared, method, **options)
            tables.append(estimated.table().assign(method=method))
        except ValueError as error:
            found["status"] = f"skipped: {error}"
            logger.warning("%s, %s: %s", pairs.name, method, found["status"])
    if not tables and found["status"] == "estimated":
        found["status"] = "skipped: the distribution is not known"
    names = dict(zip(("modality_a", "modality_b"), pairs.modalities, strict=True))
    rows: list[dict[str, Any]] = []
    if tables:
        atoms = pd.concat(tables).assign(dataset=pairs.name, **names)
        first = ["dataset", "modality_a", "modality_b", "method", "atom"]
        rows = _records(atoms[first + [c for c in atoms if c not in first]])
    return {**found, "table": rows, "sensitivity": _records(checks)}


def _sample(
    pairs: Pairs, samples: int, seed: int, bins: str | Sequence[float]
) -> tuple[tuple[Any, Any, Any], dict[str, Any]]:
    """Draw the rows to fit on and those to count: inputs and labels, and how they are prepared."""
    fit = np.concatenate(
        [pairs.sample("train", 4 * samples, seed), pairs.sample("validation", samples, seed)]
    )
    fit = np.random.default_rng(seed).permutation(fit)  # a part of them calibrates networks
    rows = np.concatenate([fit, pairs.sample("test", samples, seed)])
    x_a, x_b = (pairs.vectors(m, rows) for m in pairs.modalities)
    common = {"fit": np.arange(len(fit)), "bins": bins if pairs.classes is None else None}
    return (x_a, x_b, pairs.labels[rows]), common


def _most_clusters(fit: Any, labels: Any) -> int:
    """Return how many clusters the samples allow: with more, most would be empty."""
    most = int(np.sqrt(min(len(fit), len(labels) - len(fit))))
    if most < 2:
        raise ValueError(
            f"{len(labels) - len(fit)} test samples, {len(fit)} others; needed: at least 4 of each"
        )
    return most


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
