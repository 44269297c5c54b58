"""The information structure of a pair: what two modalities tell about the label, in bits.

`broja` decomposes a known distribution, `estimate` samples, `decompose_pairs` a dataset of a study.
"""

from alignsweep.information.decomposition import Decomposition, broja
from alignsweep.information.estimate import Estimate, bin_labels, estimate, sensitivity
from alignsweep.information.measure import decompose_pairs

__all__ = [
    "Decomposition",
    "Estimate",
    "bin_labels",
    "broja",
    "decompose_pairs",
    "estimate",
    "sensitivity",
]
