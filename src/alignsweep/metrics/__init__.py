"""Alignment metrics: how similar two representations of the same samples are.

``METRICS[name](x, y)`` is the value for arrays ``(n, d1)`` and ``(n, d2)`` whose rows are pairs. A
name states its convention, an entry its facts: range, invariances, chance level (see `Metric`). A
new metric is a function in the file of its family and an entry in `table`. `Searched` arrays share
their neighbours among metrics.

Families: `kernels` (CKA), `correlations` (CCA), `neighbours`, `geometry` (Procrustes, RSA),
`projections` (retrieval and the geometry of the shared space). `platonic` has the conventions of
public code.
"""

from alignsweep.metrics.kernels import MinibatchCKA
from alignsweep.metrics.measure import measure_alignment
from alignsweep.metrics.metric import Metric, UndefinedError, permutation_chance
from alignsweep.metrics.neighbours import Searched
from alignsweep.metrics.platonic import PLATONIC
from alignsweep.metrics.table import METRICS

__all__ = [
    "METRICS",
    "PLATONIC",
    "Metric",
    "MinibatchCKA",
    "Searched",
    "UndefinedError",
    "measure_alignment",
    "permutation_chance",
]
