"""Datasets of paired modalities: one module per kind, and one form for all of them."""

from alignsweep.data import (
    avmnist,
    avmnist_multibench,
    digits,
    files,
    mmmo,
    mosi,
    multibench,
    store,
    synthetic,
)

__all__ = ["EXACT_JOINTS", "KINDS", "digits", "store", "synthetic"]

#: kind of dataset (as in the configuration) -> function ``(name, **options) -> Pairs``; those that
#: read files have an option ``resources``, the folder of the downloads
KINDS = {
    "synthetic": synthetic.generate,
    "digits": digits.load,
    "avmnist": avmnist.load,
    "avmnist-multibench": avmnist_multibench.load,
    "multibench": multibench.load,
    "mosi": mosi.load,
    "mmmo": mmmo.load,
    "files": files.load,
}

#: kind of dataset whose distribution is known -> function ``(**options) -> p(a, b, y)``
EXACT_JOINTS = {
    "synthetic": synthetic.exact_joint,
}
