"""The information structure of a pair: what two modalities tell about the label, in bits.

`broja` decomposes a known distribution (`broja_stack` several together), `estimate` samples,
`decompose_pairs` a dataset of a study.
"""

from alignsweep.information.decomposition import Decomposition, broja, broja_stack
from alignsweep.information.estimate import Estimate, bin_labels, estimate, sensitivity
from alignsweep.information.measure import decompose_pairs

__all__ = [
    "Decomposition",
    "Estimate",
    "bin_labels",
    "broja",
    "broja_stack",
    "decompose_pairs",
    "estimate",
    "sensitivity",
]
