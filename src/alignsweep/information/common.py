"""What two modalities tell about each other, and how much of it is no matter of the label.

The part within classes, I(A; B | Y), is shared nuisance (and shared signal that the label does not
use up): what an alignment loss can hold on to without knowing more of the label. Kamai et al. 2026
(arXiv 2606.11190) look at spectra of signal and nuisance across views to the same end.

Both estimates here are held out: canonical directions are found on some samples and judged on
others. The canonical correlations say in how many directions the modalities agree. The bits come
from telling the true partner of a sample among others of its class (the bound of InfoNCE, van den
Oord et al. 2018, with negatives of the same class), with the density ratio of Gaussians of those
correlations as critic: a lower bound for any distribution, and never more than log2 of the samples
told apart, `TOGETHER` at most.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Rows = NDArray[np.intp]

#: Samples left out in turn.
FOLDS = 3
#: Directions of a modality that are compared, at most; and samples there must be for each.
MOST_DIRECTIONS, SAMPLES_EACH = 48, 5
#: A correlation above it is taken for it: nearer to 1 nothing can be told from samples.
HIGHEST = 0.995
#: Share of the mean variance that is added to each direction's before it is whitened.
RIDGE = 1e-3
#: Samples of a class that are told apart at once.
TOGETHER = 512
#: Scale by which the critic's evidence is weighed, of which the best on other samples is taken.
SCALES = (0.0, 0.1, 0.3, 1.0)


@dataclass(frozen=True)
class Common:
    """What is common to two modalities.

    Attributes
    ----------
    correlations
        Held-out canonical correlations of each fold ``(folds, k)``, highest first on the samples
        they were found on.
    bits
        Of each sample, log2 of how much likelier its true partner is than another: the mean is a
        lower bound of the mutual information. ``(n,)``.
    """

    correlations: Array
    bits: Array

    def mean_dimensions(self) -> tuple[float, float, float]:
        """Return in how many directions the modalities agree, and its interval over folds.

        The sum of squared correlations, less what chance gives: of two held-out variates that have
        nothing in common, 1 / n.
        """
        squared = np.sign(self.correlations) * self.correlations**2
        of_fold = squared.sum(axis=1)
        chance = np.sqrt(2 * squared.shape[1]) * FOLDS / len(self.bits)
        half = 4.30 * of_fold.std(ddof=1) / np.sqrt(FOLDS) + chance  # t, two degrees of freedom
        value = of_fold.mean()
        return max(0.0, float(value)), max(0.0, float(value - half)), max(0.0, float(value + half))

    @property
    def gaussian_bits(self) -> float:
        """The mutual information of Gaussians with these correlations."""
        r = self.correlations.mean(axis=0).clip(0, HIGHEST)
        return float(-0.5 * np.log2(1 - r**2).sum())

    def mean_bits(self) -> tuple[float, float, float]:
        """Return the mean in bits, not below 0, and its 95 % interval over samples."""
        mean, error = self.bits.mean(), self.bits.std(ddof=1) / np.sqrt(len(self.bits))
        low, high = max(0.0, mean - 1.96 * error), max(0.0, mean + 1.96 * error)
        return max(0.0, float(mean)), float(low), float(high)


def common(
    x_a: Array, x_b: Array, strata: Rows | None = None, *, rng: np.random.Generator
) -> Common:
    """Estimate what two modalities have in common.

    Parameters
    ----------
    x_a, x_b
        ``(n, d1)``, ``(n, d2)``: leading principal components, best first.
    strata
        ``(n,)`` classes: what is common within them is sought, by removing their means and telling
        partners within them only; None: what is common at all.
    rng
        Draws the folds.
    """
    n = len(x_a)
    within = np.zeros(n, dtype=np.intp) if strata is None else strata
    fold = np.empty(n, dtype=np.intp)
    fold[rng.permutation(n)] = np.arange(n) % FOLDS
    most = _most_directions(x_a, x_b)
    a, b = x_a[:, :most], x_b[:, :most]
    correlations, bits = np.zeros((FOLDS, most)), np.zeros(n)
    for k in range(FOLDS):
        found, judged = fold != k, fold == k
        (u, v), r = _canonical(_centred(a, within, found), _centred(b, within, found), found)
        product = (u[judged] * v[judged]).mean(axis=0)
        correlations[k] = product / np.sqrt(
            (u[judged] ** 2).mean(axis=0) * (v[judged] ** 2).mean(axis=0)
        ).clip(min=1e-12)
        bits[judged] = _told_apart(u, v, r, within, found, judged)
    return Common(correlations, bits)


def variates(x_a: Array, x_b: Array, found: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Return the canonical variates of all rows, by the rows `found`; the most alike first.

    They are what alignment leaves of an embedding, in the end: what both modalities agree on.
    """
    most = _most_directions(x_a, x_b)
    a, b = (x[:, :most] - x[found, :most].mean(axis=0) for x in (x_a, x_b))
    return _canonical(a, b, found)[0]


def _most_directions(x_a: Array, x_b: Array) -> int:
    by_samples = (FOLDS - 1) * len(x_a) // (FOLDS * SAMPLES_EACH)
    return max(1, min(MOST_DIRECTIONS, x_a.shape[1], x_b.shape[1], by_samples))


def _centred(x: Array, within: Rows, found: NDArray[np.bool_]) -> Array:
    """Take away the means of classes, as the rows `found` have them, shrunk to the overall one."""
    centred = x - x[found].mean(axis=0)
    out = np.empty_like(centred)
    for c in np.unique(within):
        own = within == c
        known = centred[own & found]
        out[own] = centred[own] - known.sum(axis=0) / (len(known) + 1)
    return out


def _canonical(a: Array, b: Array, found: NDArray[np.bool_]) -> tuple[tuple[Array, Array], Array]:
    """Return canonical variates of all rows and their correlations ``(k,)``, by rows `found`."""
    whitened = []
    for x in (a, b):
        own = x[found]
        values, vectors = np.linalg.eigh(own.T @ own / len(own))
        scale = np.sqrt(values.clip(min=0) + RIDGE * max(values.mean(), 1e-12))
        whitened.append(x @ (vectors / scale))
    left, r, right = np.linalg.svd(whitened[0][found].T @ whitened[1][found] / found.sum())
    return (whitened[0] @ left, whitened[1] @ right.T), r.clip(0, HIGHEST)


def _told_apart(
    u: Array, v: Array, r: Array, within: Rows, found: NDArray[np.bool_], judged: NDArray[np.bool_]
) -> Array:
    """Return the evidence for the true partner of each judged row, in bits.

    Correlations found on few samples are too high: they are shrunk by what chance gives, and the
    evidence is weighed by the scale that is best on a part of the judged rows for the others.
    """
    r = np.sqrt((r**2 - u.shape[1] / found.sum()).clip(min=0))
    rows = np.flatnonzero(judged)
    half = np.arange(len(rows)) % 2
    gained = np.zeros((len(SCALES), len(rows)))
    for c in np.unique(within[rows]):
        of_class = np.flatnonzero(within[rows] == c)
        for own in np.array_split(of_class, max(1, -(-len(of_class) // TOGETHER))):
            ratio = _log_ratio(u[rows[own]], v[rows[own]], r)
            true = np.diagonal(ratio).copy()
            top = ratio.max()
            for s, scale in enumerate(SCALES):
                # a scale of 0 is no evidence: 0 bits
                odds = np.exp((scale * (ratio - top)).clip(min=-600))
                others = np.log(odds.mean(axis=0)) + np.log(odds.mean(axis=1))
                gained[s, own] = scale * (true - top) - 0.5 * others
    out = np.empty(len(rows))
    for part in (0, 1):
        best = int(np.argmax(gained[:, half != part].mean(axis=1))) if len(rows) > 1 else 0
        out[half == part] = gained[best, half == part]
    return out / np.log(2)


def _log_ratio(u: Array, v: Array, r: Array) -> Array:
    """Return ln p(u_i, v_j) / (p(u_i) p(v_j)) of Gaussians correlated by r, but a constant."""
    rest = 1 - r**2
    own = [(x**2 @ (r**2 / rest)) / 2 for x in (u, v)]
    return np.asarray((u * (r / rest)) @ v.T - own[0][:, None] - own[1][None, :])
