"""Multi-view sets: the same objects described in several ways, each a vector of features.

``mfeat`` is the data set "Multiple Features" of the UCI repository (number 72, CC BY 4.0; van
Breukelen et al., "Handwritten Digit Recognition by Combined Classifiers", Kybernetika, 1998): 2,000
handwritten digits, 200 of each, in six views of the same images. They are ``fac`` (216 profile
correlations), ``fou`` (76 Fourier coefficients of the shape), ``kar`` (64 Karhunen-Loeve
coefficients), ``mor`` (6 morphological features), ``pix`` (240 averages of 2x3 pixels) and ``zer``
(47 Zernike moments). ``kar`` and ``pix`` are nearly functions of each other.

The other sets are small, and come as one file of MATLAB each, from a collection of sets of several
views; they are fetched, not shipped, since no licence is stated. ``msrc-v1`` are 210 images of
seven kinds of objects by six descriptors (``x1`` to ``x6``: 1302, 48, 512, 100, 256 and 210
features); ``3-sources`` 169 news stories of six topics, as told by the BBC, the Guardian and
Reuters, in counts of words; ``webkb`` 203 pages of universities of four kinds, by three sets of
words that occur (``x1`` to ``x3``).
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from alignsweep.data import sequences
from alignsweep.data.checks import MULTIVIEW, multiview_sizes
from alignsweep.data.readers import matlab
from alignsweep.data.readers.columns import Columns
from alignsweep.data.resampling import Resampling, drawn
from alignsweep.data.scaling import standardise
from alignsweep.data.store import Pairs, split_codes
from alignsweep.options import Each, Resources, Seed, rule

FOLDER = "multiview"
#: Of the logarithm of counts of words, so many principal components are taken, of all samples.
WORD_COMPONENTS = 32

SamplesOrUsual = Annotated[
    int | None,
    rule(minimum=10, allowed="an integer of at least 10, or null for what is usual of the set"),
]


class _Set(NamedTuple):
    """Where the views of a set are in its file, and the classes: names of arrays, and cells."""

    file: str
    views: dict[str, tuple[str, int | None]]
    classes: str


_SETS = {
    "msrc-v1": _Set(
        "MSRCV1_6views.mat", {view: (view, None) for view in MULTIVIEW["msrc-v1"].views}, "gt"
    ),
    "3-sources": _Set(
        "3-sources.mat", {view: (view, None) for view in MULTIVIEW["3-sources"].views}, "truth"
    ),
    "webkb": _Set("webkb.mat", {f"x{i + 1}": ("X", i) for i in range(3)}, "Y"),
}


def load(
    name: str | None = None,
    *,
    set: Literal["mfeat", "msrc-v1", "3-sources", "webkb"],
    pair: Annotated[
        str, rule(allowed="a pair of views, such as fou-kar"), Each("pairs", "{}", "all")
    ],
    train: SamplesOrUsual = None,
    validation: SamplesOrUsual = None,
    resample: Literal["split", "none"] = "split",
    seed: Seed = 0,
    resources: Resources = "resources",
) -> Pairs:
    """Return two views of a set.

    Parameters
    ----------
    name
        Name of the dataset; by default ``{set}-{pair}``.
    set
        ``mfeat``: UCI "Multiple Features", 2,000 handwritten digits; ``msrc-v1``: 210 images;
        ``3-sources``: 169 news stories; ``webkb``: 203 web pages.
    pair
        Two views, such as ``fou-kar``, in either order. Those of ``mfeat`` are ``fac``, ``fou``,
        ``kar``, ``mor``, ``pix`` and ``zer``; of ``msrc-v1`` ``x1`` to ``x6``, of ``webkb`` ``x1``
        to ``x3``, of ``3-sources`` ``bbc``, ``guardian`` and ``reuters``.
    train
        Training samples; ``null``: 600 of ``mfeat`` (few, because large training sets hide the
        effect of alignment), and half of the others.
    validation
        Validation samples; ``null``: 700 of ``mfeat``, and a quarter of the others. What is left
        of the set is the test split.
    resample
        ``split``: every seed has a split of its own, within classes, so that intervals hold for
        new samples; ``none``: all seeds share one.
    seed
        Seed of the splits.
    resources
        Folder of the data; a view lies in it as ``multiview/{set}-{view}.csv``: a header, then a
        row per sample, its features and, last, its class; the other sets as ``multiview/*.mat``.

    Returns
    -------
    Pairs
        Inputs ``(n, features)`` float32, each feature standardised by the training split. Words
        are the leading `WORD_COMPONENTS` principal components of the logarithm of their counts.

    Raises
    ------
    ValueError
        If an option is unknown or leaves no sample to test on, a file is missing or not as
        described, or the views do not have the same classes row by row.
    """
    if set not in MULTIVIEW:
        raise ValueError(f"set is {set!r}; allowed: {', '.join(MULTIVIEW)}")
    known, views = MULTIVIEW[set], pair.split("-")
    if len(views) != 2 or views[0] == views[1] or not {*views} <= {*known.views}:
        raise ValueError(
            f"pair is {pair!r}; allowed: two of {', '.join(known.views)}, joined by '-'"
        )
    if set in _SETS:
        paths = [Path(resources, FOLDER, _SETS[set].file)] * 2
        (a, labels), (b, again) = (_part(set, view, paths[0]) for view in views)
    else:
        paths = [Path(resources, FOLDER, f"{set}-{view}.csv") for view in views]
        (a, labels), (b, again) = (_view(path, known.classes) for path in paths)
    if len(a) != len(b):
        raise ValueError(f"{paths[1]}: {len(b)} rows; needed: {len(a)}, as {paths[0]}")
    differ = np.flatnonzero(labels != again)
    if len(differ):
        raise ValueError(
            f"{paths[1]}: {len(differ)} classes differ from those of {paths[0]}, the first in row "
            f"{differ[0]}; needed: the same samples in the same order"
        )
    n = len(labels)
    train, validation = multiview_sizes(set, train, validation)
    if train + validation >= n:
        raise ValueError(
            f"train + validation is {train + validation}; allowed: below {n}, the samples of {set}"
        )
    for x in (a, b):
        standardise(x, np.ones(n, dtype=np.bool_))  # until a split is drawn
    pairs = Pairs(
        name=name or f"{set}-{pair}",
        inputs=dict(zip(views, (a, b), strict=True)),
        labels=labels,
        split=split_codes(train, validation, n - train - validation),
        classes=known.classes,
    )
    scaling = dict.fromkeys(views, "features")
    return drawn(pairs, Resampling("split", (train, validation, None), seed, scaling), resample)


def _part(set: str, view: str, path: Path) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the features ``(n, d)`` of a view in the file of its set, and the classes ``(n,)``."""
    name, cell = _SETS[set].views[view]
    x = matlab.array(path, name, cell).astype(np.float64)
    classes = matlab.array(path, _SETS[set].classes).ravel()
    expected = MULTIVIEW[set].classes
    if np.unique(classes).tolist() != list(range(1, expected + 1)) or len(x) != len(classes):
        raise ValueError(
            f"{path}: {len(x)} rows of {view} and {len(classes)} classes of "
            f"{len(np.unique(classes))} kinds; needed: as many, each of 1 to {expected}"
        )
    if bad := int((~np.isfinite(x)).sum()):
        raise ValueError(f"{path}: {bad} values of {view} are missing or infinite; needed: numbers")
    if MULTIVIEW[set].words:
        x = np.log1p(x)
        x -= x.mean(axis=0)
        left, size, _ = np.linalg.svd(x, full_matrices=False)
        x = left[:, :WORD_COMPONENTS] * size[:WORD_COMPONENTS]
    return sequences.float32(x), classes.astype(np.int64) - 1


def _view(path: Path, classes: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the features ``(n, d)`` of a view, and the classes ``(n,)`` of its rows."""
    table, names = Columns(path).array("*")
    if len(names) < 2:
        raise ValueError(f"{path}: {len(names)} column; needed: features, and last the class")
    found = np.unique(table[:, -1])
    if found.tolist() != list(range(classes)):
        values = ", ".join(f"{value:g}" for value in found[: classes + 1])
        raise ValueError(
            f"{path}: the classes in its last column are {values}; needed: each of 0 to "
            f"{classes - 1}"
        )
    x = sequences.float32(table[:, :-1])
    bad = int((~np.isfinite(x)).sum())
    if bad:
        raise ValueError(f"{path}: {bad} values are missing or infinite; needed: numbers")
    return x, table[:, -1].astype(np.int64)
