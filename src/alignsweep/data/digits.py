"""Handwritten digits cut in two: real images with two views, and no download.

The images are the 1,797 digits of 8x8 pixels that come with scikit-learn (the test part of Alpaydin
and Kaynak, "Optical Recognition of Handwritten Digits", UCI, 1998).
"""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from alignsweep.data.checks import DIGITS
from alignsweep.data.resampling import Resampling, drawn
from alignsweep.data.store import Pairs, split_codes
from alignsweep.options import Each, Samples, Seed

VIEWS = {
    "left-right": ("left", "right", np.s_[:, :, :4], np.s_[:, :, 4:]),
    "top-bottom": ("top", "bottom", np.s_[:, :4, :], np.s_[:, 4:, :]),
}


def load(
    name: str | None = None,
    *,
    pair: Annotated[Literal["left-right", "top-bottom"], Each("pairs", "{}")],
    train: Samples = 300,
    validation: Samples = 500,
    resample: Literal["split", "none"] = "split",
    seed: Seed = 0,
) -> Pairs:
    """Return the digits as two half images.

    Parameters
    ----------
    name
        Name of the dataset; by default ``digits-{pair}``.
    pair
        How the images are cut: ``left-right`` or ``top-bottom``.
    train
        Training images. Few, because large training sets hide the effect of alignment.
    validation
        Validation images; what is left of the 1,797, 997 by default, is the test split.
    resample
        ``split``: every seed has a split of its own, so that intervals hold for new images;
        ``none``: all seeds share one.
    seed
        Seed of the splits.

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
    if train + validation >= DIGITS:
        raise ValueError(
            f"train + validation is {train + validation}; allowed: below {DIGITS}, "
            "the number of digits"
        )
    digits = load_digits()
    images = (digits.images / 8 - 1).astype(np.float32)
    first, second, first_half, second_half = VIEWS[pair]
    pairs = Pairs(
        name=name or f"digits-{pair}",
        inputs={first: images[first_half], second: images[second_half]},
        labels=digits.target.astype(np.int64),
        split=split_codes(train, validation, DIGITS - train - validation),
        classes=10,
    )
    return drawn(pairs, Resampling("split", (train, validation, None), seed), resample)
