"""The information structure of a pair: what two modalities tell about the label, in bits.

`broja` decomposes a known distribution, `estimate` samples, `decompose_pairs` a dataset of a study.
"""

from alignsweep.information.decomposition import Decomposition, broja
from alignsweep.information.estimate import Estimate, estimate, sensitivity
from alignsweep.information.measure import decompose_pairs

__all__ = ["Decomposition", "Estimate", "broja", "decompose_pairs", "estimate", "sensitivity"]
