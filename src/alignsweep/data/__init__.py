"""Datasets of paired modalities: one module per kind, and one form for all of them."""

from alignsweep.data import digits, store, synthetic

__all__ = ["EXACT_JOINTS", "KINDS", "digits", "store", "synthetic"]

#: kind of dataset (as in the configuration) -> function ``(name, **options) -> Pairs``
KINDS = {
    "synthetic": synthetic.generate,
    "digits": digits.load,
}

#: kind of dataset whose distribution is known -> function ``(**options) -> p(a, b, y)``
EXACT_JOINTS = {
    "synthetic": synthetic.exact_joint,
}
