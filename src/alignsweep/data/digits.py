"""Handwritten digits cut in two: real images with two views, and no download.

The images are the 1,797 digits of 8x8 pixels that come with scikit-learn (the test part of Alpaydin
and Kaynak, "Optical Recognition of Handwritten Digits", UCI, 1998).
"""

from __future__ import annotations

import numpy as np

from alignsweep.data.store import Pairs, split_codes

SIZE = 1797
VIEWS = {
    "left-right": ("left", "right", np.s_[:, :, :4], np.s_[:, :, 4:]),
    "top-bottom": ("top", "bottom", np.s_[:, :4, :], np.s_[:, 4:, :]),
}


def load(
    name: str | None = None,
    *,
    pair: str = "left-right",
    train: int = 300,
    validation: int = 500,
    seed: int = 0,
) -> Pairs:
    """Return the digits as two half images.

    Parameters
    ----------
    name
        Name of the dataset; by default ``digits-{pair}``.
    pair
        ``"left-right"`` or ``"top-bottom"``.
    train, validation
        Number of images in these splits, drawn with `seed`; the rest are the test split.

    Returns
    -------
    Pairs
        Inputs ``(1797, rows, columns)`` float32, pixels scaled to -1 .. 1; 10 classes.

    Raises
    ------
    ValueError
        If the pair is unknown, or no image is left to test on.
    """
    from sklearn.datasets import load_digits

    if pair not in VIEWS:
        raise ValueError(f"pair is {pair!r}; allowed: {', '.join(VIEWS)}")
    if train + validation >= SIZE:
        raise ValueError(
            f"train + validation is {train + validation}; allowed: below {SIZE}, "
            "the number of digits"
        )
    digits = load_digits()
    order = np.random.default_rng(seed).permutation(SIZE)
    images = (digits.images[order] / 8 - 1).astype(np.float32)
    first, second, first_half, second_half = VIEWS[pair]
    return Pairs(
        name=name or f"digits-{pair}",
        inputs={first: images[first_half], second: images[second_half]},
        labels=digits.target[order].astype(np.int64),
        split=split_codes(train, validation, SIZE - train - validation),
        classes=10,
    )
