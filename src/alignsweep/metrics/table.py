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
        invariances=_DIRECTIONS,
        chance_function=partial(neighbours.mutual_knn_chance, k=k),
        smallest_n=k + 1,
    )


def _recall(k: int) -> Metric:
    return Metric(
        f"recall_at_{k}",
        partial(projections.recall, k=k),
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
            low=-1.0,  # unbiased HSIC is an inner product, of U-centred Gram matrices
            chance_function=_zero,
            smallest_n=4,
            batched=True,
        ),
        Metric(
            "cka_biased",
            kernels.cka_biased,
            chance_function=kernels.cka_biased_chance,
            smallest_n=2,
            batched=True,
        ),
        Metric(
            "cka_rbf_debiased",
            kernels.cka_rbf,
            low=-1.0,
            chance_function=_zero,
            smallest_n=4,
        ),
        Metric("svcca_var99", partial(correlations.svcca, variance=0.99)),
        Metric("svcca_dim10", partial(correlations.svcca, dim=10)),
        Metric(
            "cca_mean",
            correlations.cca_mean,
            invariances=frozenset({ORTHOGONAL, SCALING, LINEAR, TRANSLATION}),
        ),
        Metric(
            "pwcca",
            correlations.pwcca,
            invariances=frozenset({SCALING, TRANSLATION}),  # its weights depend on the axes of x
            symmetric=False,
        ),
        _mutual(10),
        _mutual(100),
        Metric(
            "cycle_knn_k10",
            partial(neighbours.cycle_knn, k=10),
            identity=None,  # a row may be nobody's neighbour
            invariances=_DIRECTIONS,
            shuffled_function=partial(neighbours.shuffled, of_graphs=neighbours.cycle, k=10),
            symmetric=False,
            smallest_n=11,
        ),
        Metric(
            "cknna_k10",
            partial(neighbours.cknna, k=10),
            low=-np.inf,
            high=np.inf,
            invariances=_DIRECTIONS,
            shuffled_function=partial(neighbours.shuffled, of_graphs=neighbours.common_cka, k=10),
            symmetric=False,
            smallest_n=11,
        ),
        Metric(
            "jaccard_knn_k10",
            partial(neighbours.jaccard_knn, k=10),
            invariances=_DIRECTIONS,
            shuffled_function=partial(neighbours.shuffled, of_graphs=neighbours.jaccard, k=10),
            smallest_n=11,
        ),
        Metric("procrustes", geometry.procrustes),
        Metric("rsa_spearman", geometry.rsa_spearman, low=-1.0, chance_function=_zero),
        Metric("rsa_pearson", geometry.rsa_pearson, low=-1.0, chance_function=_zero),
        _recall(1),
        _recall(5),
        Metric(
            "median_rank",
            projections.median_rank,
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
