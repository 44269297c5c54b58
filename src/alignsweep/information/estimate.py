"""Estimates of the information structure from samples, each with its permutation null.

Plug-in information is biased upwards: independent labels, 690 samples and 20 x 20 clusters give
half a bit, most of it booked as synergy. So every estimate comes with what the same pipeline finds
when the labels are shuffled, and what is reported is the difference, with a bootstrap interval.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from tqdm import tqdm

from alignsweep import atoms
from alignsweep.information import discrete, neural
from alignsweep.information.decomposition import Decomposition
from alignsweep.information.preparation import Array, Prepared, Rows

ATOMS = (*atoms.ATOMS, "total")

#: method -> ``(samples, generator of random numbers, **options) -> Sampler``
METHODS: dict[str, Callable[..., Any]] = {"discrete": discrete.Sampler, "neural": neural.Sampler}
#: permutations drawn by default
PERMUTATIONS = {"discrete": 100, "neural": 10}


@dataclass(frozen=True)
class Estimate:
    """An estimated decomposition.

    Attributes
    ----------
    decomposition
        The plug-in estimate, in bits.
    null
        ``(permutations, 5)``: the atoms (`ATOMS`) with shuffled labels.
    resampled
        ``(resamples, 5)``: the atoms of bootstrap samples.
    """

    decomposition: Decomposition
    null: Array
    resampled: Array

    def table(self) -> pd.DataFrame:
        """Return one row per atom.

        Returns
        -------
        pandas.DataFrame
            Columns ``atom, bits, null_bits, low_bits, high_bits, corrected_bits, null_low_bits,
            null_high_bits``: the plug-in estimate; the mean under shuffled labels; the 95 %
            interval of the *corrected* estimate (bits - null_bits) from the bootstrap; the
            corrected estimate; the 95 % range of the null.
        """
        bits = np.array([self.decomposition.atoms[atom] for atom in ATOMS])
        null = self.null.mean(axis=0)
        # A bootstrap sample repeats samples and is more biased than the sample: only its spread is
        # used. Where there is no information, the spread of the null is the better one.
        spread = self.resampled.std(axis=0, ddof=1)
        half = 1.96 * np.maximum(spread, self.null.std(axis=0, ddof=1))
        null_low, null_high = np.quantile(self.null, [0.025, 0.975], axis=0)
        return pd.DataFrame(
            {
                "atom": ATOMS,
                "bits": bits,
                "null_bits": null,
                "low_bits": bits - null - half,
                "high_bits": bits - null + half,
                "corrected_bits": bits - null,
                "null_low_bits": null_low,
                "null_high_bits": null_high,
            }
        )


def estimate(
    x_a: NDArray[Any],
    x_b: NDArray[Any],
    y: NDArray[Any],
    method: str = "discrete",
    *,
    fit: Rows | None = None,
    bins: str | Sequence[float] | None = None,
    permutations: int | None = None,
    resamples: int = 100,
    seed: int = 0,
    **options: Any,
) -> Estimate:
    """Estimate the decomposition of I(A, B; Y) from paired samples.

    Parameters
    ----------
    x_a, x_b
        ``(n, ...)`` inputs of the two modalities; row i of both is one sample.
    y
        ``(n,)`` class labels, or numbers if `bins` is given.
    method
        ``"discrete"`` (see `discrete.Sampler`) or ``"neural"`` (see `neural.Sampler`).
    fit
        Rows on which clusters and classifiers are fitted; the others are counted. By default a
        random half.
    bins
        How a continuous label becomes classes, see `bin_labels`; None if `y` has classes already.
    permutations
        Shuffles of the labels: by default 100 for discrete, 10 for neural.
    resamples
        Bootstrap samples.
    seed
        Seed of everything random: the split, k-means, networks, shuffles, resamples, each its own.
    options
        Of the method.

    Returns
    -------
    Estimate
        In bits.

    Raises
    ------
    ValueError
        If shapes do not fit, inputs are not finite, a class is missing among the counted rows, or
        there are fewer samples than clusters.
    """
    _check_method(method)
    samples = prepare(x_a, x_b, y, fit=fit, bins=bins, seed=seed)
    return estimate_prepared(
        samples, method, permutations=permutations, resamples=resamples, seed=seed, **options
    )


def prepare(
    x_a: NDArray[Any],
    x_b: NDArray[Any],
    y: NDArray[Any],
    *,
    fit: Rows | None = None,
    bins: str | Sequence[float] | None = None,
    seed: int = 0,
) -> Prepared:
    """Check samples and split them, for one estimate or several; arguments as of `estimate`."""
    x_a, x_b, y = _checked(x_a, x_b, y if bins is None else bin_labels(y, bins))
    if fit is None:
        split = np.random.default_rng(np.random.SeedSequence(seed).spawn(4)[0])
        fit = split.permutation(len(y))[: len(y) // 2]
    count = np.setdiff1d(np.arange(len(y)), fit)
    for name, rows in (("fitted", fit), ("counted", count)):
        missing = np.setdiff1d(np.unique(y), y[rows])
        if len(missing):
            raise ValueError(f"class {missing[0]} is missing among the {name} samples")
    return Prepared(x_a, x_b, y, fit, count)


def estimate_prepared(
    samples: Prepared,
    method: str = "discrete",
    *,
    permutations: int | None = None,
    resamples: int = 100,
    seed: int = 0,
    **options: Any,
) -> Estimate:
    """Estimate the decomposition of samples that `prepare` returned; arguments as of `estimate`."""
    _check_method(method)
    _, fitting, shuffling, resampling = map(
        np.random.default_rng, np.random.SeedSequence(seed).spawn(4)
    )
    sampler = METHODS[method](samples, fitting, **options)
    permutations = PERMUTATIONS[method] if permutations is None else permutations
    null, resampled = sampler.shuffled, sampler.resampled
    return Estimate(
        decomposition=sampler.decompose(),
        null=_atoms(null(shuffling, permutations), permutations, "shuffles"),
        resampled=_atoms(resampled(resampling, resamples), resamples, "resamples"),
    )


def bin_labels(y: NDArray[Any], bins: str | Sequence[float]) -> NDArray[np.intp]:
    """Turn numbers into classes.

    Parameters
    ----------
    y
        ``(n,)`` finite numbers.
    bins
        ``"sign"``: 0 and below against above 0. Or quantiles between 0 and 1, at which to cut:
        ``[1 / 3, 2 / 3]`` makes three classes of about the same size. Where so many labels are
        equal that nothing would lie above a cut, the largest value is a class of its own.

    Raises
    ------
    ValueError
        If a number is not finite, or a quantile does not lie between 0 and 1.
    """
    y = np.asarray(y, dtype=np.float64)
    bad = y.size - int(np.isfinite(y).sum())
    if bad:
        raise ValueError(f"y {y.shape}: {bad} values are not finite")
    if isinstance(bins, str):
        if bins != "sign":
            raise ValueError(f"bins is {bins!r}; allowed: 'sign', or quantiles")
        return (y > 0).astype(np.intp)
    if not all(0 < q < 1 for q in bins):
        raise ValueError(f"bins is {list(bins)}; allowed: quantiles between 0 and 1")
    values = np.unique(y)
    cuts = np.unique(np.quantile(y, list(bins)))
    cuts = cuts[cuts < values[-1]]  # a value at a cut is below it
    return np.searchsorted(cuts if len(cuts) else values[-2:-1], y, side="left")


def sensitivity(
    x_a: NDArray[Any],
    x_b: NDArray[Any],
    y: NDArray[Any],
    clusters: Sequence[int] = (5, 10, 20, 30),
    *,
    fit: Rows | None = None,
    bins: str | Sequence[float] | None = None,
    seed: int = 0,
    **options: Any,
) -> pd.DataFrame:
    """Return the discrete estimate for several numbers of clusters (column ``clusters``)."""
    samples = prepare(x_a, x_b, y, fit=fit, bins=bins, seed=seed)
    return sensitivity_prepared(samples, clusters, seed=seed, **options)


def sensitivity_prepared(
    samples: Prepared, clusters: Sequence[int], *, permutations: int = 20, **options: Any
) -> pd.DataFrame:
    """Return what `sensitivity` does, of samples that `prepare` returned."""
    frames = []
    for k in clusters:
        found = estimate_prepared(
            samples, clusters=k, permutations=permutations, resamples=20, **options
        )
        frames.append(found.table().assign(clusters=k))
    return pd.concat(frames, ignore_index=True)


def _atoms(found: Iterable[Decomposition], times: int, what: str) -> Array:
    """Return ``(times, 5)`` atoms, and show how far it is."""
    shown = tqdm(found, what, times, unit="", mininterval=5, file=sys.stderr)
    return np.array([[d.atoms[atom] for atom in ATOMS] for d in shown]).reshape(-1, len(ATOMS))


def _check_method(method: str) -> None:
    if method not in METHODS:
        raise ValueError(f"method is {method!r}; allowed: {', '.join(METHODS)}")


def _checked(
    x_a: NDArray[Any], x_b: NDArray[Any], y: NDArray[Any]
) -> tuple[Array, Array, NDArray[np.intp]]:
    """Flatten the inputs and number the classes."""
    y = np.asarray(y)
    if y.ndim != 1 or len(x_a) != len(y) or len(x_b) != len(y):
        raise ValueError(
            f"x_a {np.shape(x_a)}, x_b {np.shape(x_b)}, y {y.shape}; "
            "needed: the same n, y of shape (n,)"
        )
    flat = []
    for name, x in (("x_a", x_a), ("x_b", x_b)):
        x = np.asarray(x, dtype=np.float64).reshape(len(y), -1)
        bad = x.size - int(np.isfinite(x).sum())
        if bad:
            raise ValueError(f"{name} {x.shape}: {bad} values are not finite")
        flat.append(x)
    classes, numbered = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        raise ValueError(f"y has {len(classes)} class; needed: at least 2")
    return flat[0], flat[1], numbered
