"""What can be seen of a dataset before training: the features' names, units and meanings."""

from __future__ import annotations

from typing import NamedTuple

#: Numbers of canonical directions that a linear model is fitted to.
CANONICAL = (2, 4, 8, 16)


class Meaning(NamedTuple):
    """Unit and meaning of a feature."""

    unit: str
    meaning: str


#: of a modality -> what it means
OF_MODALITY = {
    "linear_score": Meaning("score", "held-out accuracy (or correlation) of a linear model"),
    "linear_bits": Meaning("bits", "what a linear model tells of the label"),
    "linear_missing_bits": Meaning("bits", "what the other modality adds to it"),
    "linear_gap": Meaning("score", "by how much it is better on its training samples"),
    "network_score": Meaning("score", "held-out accuracy (or correlation) of an unaligned network"),
    "network_bits": Meaning("bits", "what an unaligned network tells of the label"),
    "network_missing_bits": Meaning("bits", "what the other modality adds to it"),
    "network_gap": Meaning("score", "by how much it is better on its training samples"),
    **{
        f"canonical_{k}_score": Meaning(
            "score", f"the same of the {k} directions in which it agrees most with the other"
        )
        for k in CANONICAL
    },
    "dimensions": Meaning("dimensions", "effective dimensions: participation ratio of variances"),
}
#: of the pair -> what it means
OF_PAIR = {
    "linear_score": OF_MODALITY["linear_score"],
    "linear_bits": OF_MODALITY["linear_bits"],
    "network_score": OF_MODALITY["network_score"],
    "network_bits": OF_MODALITY["network_bits"],
    "common_dimensions": Meaning("dimensions", "directions in which the modalities agree"),
    "common_bits": Meaning("bits", "what they tell of each other, I(A; B)"),
    "nuisance_dimensions": Meaning("dimensions", "directions in which they agree within classes"),
    "nuisance_bits": Meaning("bits", "what they tell of each other within classes, I(A; B | Y)"),
    "nuisance_gaussian_bits": Meaning("bits", "the same, were all Gaussian"),
    "train": Meaning("samples", "training pairs"),
    "classes": Meaning("classes", "number of classes; 0 where labels are numbers"),
    "label_bits": Meaning("bits", "entropy of the label; of five quantiles where it is a number"),
    "imbalance": Meaning("ratio", "how many times more frequent the first class is than the last"),
}
