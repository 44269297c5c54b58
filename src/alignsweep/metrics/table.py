"""The table of metrics: one entry each, with its facts."""

from __future__ import annotations

from functools import partial

import numpy as np

from alignsweep.metrics import correlations, geometry, kernels, neighbours, projections
from alignsweep.metrics.arrays import Array
from alignsweep.metrics.metric import LINEAR, ORTHOGONAL, SCALING, TRANSLATION, Metric

_DIRECTIONS = frozenset({ORTHOGONAL, SCALING})
_SCALE = frozenset({SCALING})


def _zero(x: Array, y: Array) -> float:
    return 0.0


def _mutual(k: int) -> Metric:
    return Metric(
        f"mutual_knn_k{k}",
        partial(neighbours.mutual_knn, k=k),
        label=f"mutual kNN (k = {k})",
        description=f"share of the {k} nearest neighbours (cosine) in common",
        invariances=_DIRECTIONS,
        chance_function=partial(neighbours.mutual_knn_chance, k=k),
        smallest_n=k + 1,
        side=neighbours.as_rows,
    )


def _recall(k: int) -> Metric:
    return Metric(
        f"recall_at_{k}",
        partial(projections.recall, k=k),
        label=f"recall at {k}",
        description=(
            f"retrieval by the projections: share of pairs at rank {k} or better, mean of both "
            "directions"
        ),
        identity=None,  # below 1 with duplicate rows
        invariances=_SCALE,
        chance_function=lambda x, y: k / len(x),
        space="projection",
        smallest_n=k,
    )


#: name in the configuration and in ``alignment.csv`` -> metric
METRICS = {
    metric.name: metric
    for metric in (
        Metric(
            "cka_debiased",
            kernels.cka_debiased,
            label="CKA (debiased)",
            description=(
                "linear CKA with the unbiased HSIC of Song et al. 2012; about 0 for unrelated data "
                "of any width, may be negative. The primary metric"
            ),
            low=-1.0,  # unbiased HSIC is an inner product, of U-centred Gram matrices
            chance_function=_zero,
            smallest_n=4,
        ),
        Metric(
            "cka_biased",
            kernels.cka_biased,
            label="CKA (biased)",
            description=(
                "linear CKA as usually computed; grows with width over n even for unrelated data"
            ),
            chance_function=kernels.cka_biased_chance,
            smallest_n=2,
            variant_of="cka_debiased",
        ),
        Metric(
            "cka_rbf_debiased",
            kernels.cka_rbf,
            label="CKA (RBF, debiased)",
            description=(
                "CKA with RBF kernels, bandwidth the median distance; time of the order of n^2"
            ),
            low=-1.0,
            chance_function=_zero,
            smallest_n=4,
        ),
        Metric(
            "svcca_var99",
            partial(correlations.svcca, variance=0.99),
            label="SVCCA (99 %)",
            description=(
                "mean canonical correlation of the leading principal directions, those with 99 % "
                "of the variance"
            ),
            shuffled_function=partial(correlations.shuffled, variance=0.99),
        ),
        Metric(
            "svcca_dim10",
            partial(correlations.svcca, dim=10),
            label="SVCCA (10 directions)",
            description="mean canonical correlation of the ten leading principal directions",
            shuffled_function=partial(correlations.shuffled, dim=10),
        ),
        Metric(
            "cca_mean",
            correlations.cca_mean,
            label="mean CCA",
            description="mean canonical correlation of all directions",
            invariances=frozenset({ORTHOGONAL, SCALING, LINEAR, TRANSLATION}),
            shuffled_function=correlations.shuffled,
        ),
        Metric(
            "pwcca",
            correlations.pwcca,
            label="PWCCA",
            description=(
                "canonical correlations of all directions, weighted by how much of the first "
                "modality they account for"
            ),
            invariances=frozenset({SCALING, TRANSLATION}),  # its weights depend on the axes of x
            shuffled_function=correlations.pwcca_shuffled,
            symmetric=False,
        ),
        _mutual(10),
        _mutual(100),
        Metric(
            "cycle_knn_k10",
            partial(neighbours.cycle_knn, k=10),
            label="cycle kNN (k = 10)",
            description=(
                "share of rows that a neighbour in the second modality leads back to in the first"
            ),
            identity=None,  # a row may be nobody's neighbour
            invariances=_DIRECTIONS,
            shuffled_function=partial(neighbours.shuffled, of_graphs=neighbours.cycle, k=10),
            symmetric=False,
            smallest_n=11,
            side=neighbours.as_rows,
        ),
        Metric(
            "cknna_k10",
            partial(neighbours.cknna, k=10),
            label="CKNNA (k = 10)",
            description="CKA restricted to common neighbours",
            low=-np.inf,
            high=np.inf,
            invariances=_DIRECTIONS,
            shuffled_function=partial(neighbours.shuffled, of_graphs=neighbours.common_cka, k=10),
            symmetric=False,
            smallest_n=11,
            side=neighbours.as_rows,
        ),
        Metric(
            "jaccard_knn_k10",
            partial(neighbours.jaccard_knn, k=10),
            label="Jaccard kNN (k = 10)",
            description="nearest neighbours (cosine) in common, as intersection over union",
            invariances=_DIRECTIONS,
            shuffled_function=partial(neighbours.shuffled, of_graphs=neighbours.jaccard, k=10),
            smallest_n=11,
            side=neighbours.as_rows,
        ),
        Metric(
            "procrustes",
            geometry.procrustes,
            label="Procrustes",
            description=(
                "similarity after the best rotation, 1 - d^2/2 of the Procrustes distance d"
            ),
        ),
        Metric(
            "rsa_spearman",
            geometry.rsa_spearman,
            label="RSA (Spearman)",
            description=(
                "rank correlation of the two sides' Euclidean distances; memory of the order of n^2"
            ),
            low=-1.0,
            chance_function=_zero,
        ),
        Metric(
            "rsa_pearson",
            geometry.rsa_pearson,
            label="RSA (Pearson)",
            description="correlation of the two sides' Euclidean distances",
            low=-1.0,
            chance_function=_zero,
        ),
        _recall(1),
        _recall(5),
        Metric(
            "median_rank",
            projections.median_rank,
            label="median rank",
            description=(
                "median rank of the pair among the projections of the other modality, over both "
                "directions; 1 at best"
            ),
            low=1.0,
            high=np.inf,
            identity=None,
            invariances=_SCALE,
            higher_is_more_aligned=False,
            space="projection",
        ),
        Metric(
            "modality_gap",
            projections.modality_gap,
            label="modality gap",
            description=(
                "distance of the mean directions of the projections (Liang et al. 2022); lower is "
                "more aligned"
            ),
            high=2.0,
            identity=0.0,
            invariances=_SCALE,
            chance_function=projections.modality_gap,
            depends_on_pairing=False,
            higher_is_more_aligned=False,
            space="projection",
        ),
        Metric(
            "alignment_loss",
            projections.alignment_loss,
            label="alignment loss",
            description=(
                "mean squared distance of the projections of a pair (Wang and Isola 2020); lower "
                "is more aligned"
            ),
            high=4.0,
            identity=0.0,
            invariances=_SCALE,
            chance_function=projections.alignment_loss_chance,
            higher_is_more_aligned=False,
            space="projection",
        ),
        Metric(
            "uniformity",
            projections.uniformity,
            label="uniformity",
            description=(
                "how evenly the projections spread over the sphere (Wang and Isola 2020); lower is "
                "more uniform"
            ),
            low=-8.0,
            high=0.0,
            identity=None,
            invariances=_DIRECTIONS,
            chance_function=projections.uniformity,
            depends_on_pairing=False,
            higher_is_more_aligned=False,
            space="projection",
        ),
    )
}
