"""The BROJA partial information decomposition, with a certified gap.

Bertschinger, Rauh, Olbrich, Jost and Ay (2014) define the union information of A and B about Y as
the least I_Q(A, B; Y) over the joint distributions Q that keep the (A, Y) and (B, Y) marginals.
With l_ay + m_by for the multipliers of the marginals, the Lagrange dual of that convex programme
is

    maximise  sum_ay p(a, y) l_ay + sum_by p(b, y) m_by
    subject to  sum_y exp(l_ay + m_by) <= 1  for every pair (a, b),

whose value is -H_Q(Y | A, B). It has only n_y (n_a + n_b) unknowns, and is solved here by a barrier
method: the Hessian of the barrier is block-diagonal in a and in b, so that one Newton step is a
Cholesky factorisation of the smaller side. Every dual point is a lower bound; the barrier's
multipliers are a primal point, which is made exactly feasible and is an upper bound.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from scipy.special import xlogy

Array = NDArray[np.float64]

#: Duality gap, in bits, at which the solver stops.
TOLERANCE = 1e-6
MAX_STEPS = 300
#: Factor by which the barrier weight falls once a centring has converged.
SHRINK = 0.1
#: Squared Newton decrement, in units of the barrier weight, below which a centring has converged.
CENTRED = 0.25


@dataclass(frozen=True)
class Decomposition:
    """What two variables tell about a third, in bits.

    Attributes
    ----------
    redundancy, unique_a, unique_b, synergy
        The four atoms.
    information_a, information_b, total
        I(A; Y), I(B; Y) and I(A, B; Y). By construction ``redundancy + unique_a == information_a``,
        ``redundancy + unique_b == information_b``, and the four atoms sum to `total`.
    gap
        Certified: the exact unique informations lie within ``[unique - gap, unique]``, and the
        exact redundancy and synergy within ``[value, value + gap]``.
    """

    redundancy: float
    unique_a: float
    unique_b: float
    synergy: float
    information_a: float
    information_b: float
    total: float
    gap: float

    @property
    def atoms(self) -> dict[str, float]:
        """Return the atoms and the total by name, as in ``information.csv``."""
        names = ("redundancy", "unique_a", "unique_b", "synergy", "total")
        return {name: getattr(self, name) for name in names}


def broja(joint: Array, *, tolerance: float = TOLERANCE) -> Decomposition:
    """Decompose the information of a joint distribution.

    Parameters
    ----------
    joint
        ``(n_a, n_b, n_y)`` probabilities p(a, b, y). Cells, rows and columns may be empty.
    tolerance
        Certified gap, in bits, at which to stop.

    Returns
    -------
    Decomposition
        In bits.

    Raises
    ------
    ValueError
        If the table is not three-dimensional, not finite, negative, not normalised (to 1e-6), or
        has a class without probability.
    """
    joint = _checked(joint)
    total = mutual_information(joint.reshape(-1, joint.shape[2]))
    return from_marginals(joint.sum(axis=1), joint.sum(axis=0), total, tolerance=tolerance)


def from_marginals(
    p_ay: Array, p_by: Array, total: float, *, tolerance: float = TOLERANCE
) -> Decomposition:
    """Decompose from what BROJA depends on: the two marginals, and I(A, B; Y) for the synergy.

    Parameters
    ----------
    p_ay, p_by
        ``(n_a, n_y)`` and ``(n_b, n_y)``: p(a, y) and p(b, y), with the same p(y).
    total
        I(A, B; Y) in bits. The union information is at most this.
    tolerance
        Certified gap, in bits, at which to stop.
    """
    p_ay, p_by = (p[p.sum(axis=1) > 0] for p in (p_ay, p_by))
    information_a, information_b = mutual_information(p_ay), mutual_information(p_by)
    # Q = P is feasible, and no Q tells less than either variable alone.
    upper, lower = total, max(information_a, information_b)
    if upper - lower > tolerance:
        h_y = _entropy(p_ay.sum(axis=0))
        q_entropy, dual = _solve(_merged(p_ay), _merged(p_by), tolerance)
        upper, lower = min(upper, h_y - q_entropy), max(lower, h_y + dual)
    union = max(upper, information_a, information_b)  # against rounding
    return Decomposition(
        redundancy=information_a + information_b - union,
        unique_a=union - information_b,
        unique_b=union - information_a,
        synergy=total - union,
        information_a=information_a,
        information_b=information_b,
        total=total,
        gap=max(union - lower, 0.0),
    )


def mutual_information(p: Array) -> float:
    """Return I(row; column) in bits of a table of probabilities."""
    return _entropy(p.sum(axis=0)) - _conditional_entropy(p)


def _checked(joint: Array) -> Array:
    joint = np.asarray(joint, dtype=np.float64)
    if joint.ndim != 3:
        raise ValueError(f"joint has shape {joint.shape}; needed: (n_a, n_b, n_y)")
    bad = joint.size - int(np.isfinite(joint).sum())
    if bad:
        raise ValueError(f"joint {joint.shape}: {bad} values are not finite")
    if joint.min(initial=0) < 0:
        raise ValueError(f"joint {joint.shape}: the value {joint.min():g} is negative")
    if abs(joint.sum() - 1) > 1e-6:
        raise ValueError(f"joint {joint.shape}: sums to {joint.sum():.9g}; needed: 1")
    empty = np.flatnonzero(joint.sum(axis=(0, 1)) == 0)
    if len(empty):
        raise ValueError(f"joint {joint.shape}: class {empty[0]} has no probability")
    return joint / joint.sum()


def _entropy(p: Array) -> float:
    return float(-xlogy(p, p).sum() / np.log(2))


def _conditional_entropy(p: Array) -> float:
    """H(Y | rows) in bits of a table ``(rows, n_y)``."""
    return _entropy(p) - _entropy(p.sum(axis=1))


def _merged(p: Array) -> Array:
    """Merge rows with equal p(y | row): together they tell what each tells."""
    conditional = (p / p.sum(axis=1, keepdims=True)).round(13)
    _, group = np.unique(conditional, axis=0, return_inverse=True)
    merged = np.zeros((group.max() + 1, p.shape[1]))
    np.add.at(merged, group.ravel(), p)
    return merged


def _solve(p_ay: Array, p_by: Array, tolerance: float) -> tuple[float, float]:
    """Return H_Q(Y | A, B) of a feasible Q, and the dual value -H; in bits."""
    if len(p_ay) < len(p_by):  # the smaller side is the one factorised
        p_ay, p_by = p_by, p_ay
    conditional = p_ay / p_ay.sum(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        lam, mu = np.log(conditional / 2), np.where(p_by > 0, 0.0, -np.inf)
    barrier = 0.5 / (len(p_ay) * len(p_by))
    best_h, best_dual = -np.inf, -np.inf
    stop = tolerance * np.log(2) / (len(p_ay) * len(p_by))
    for _ in range(MAX_STEPS):
        e, slack = _constraint(lam, mu)
        q = (barrier / slack)[:, :, None] * e
        dl, dm, decrement = _newton_step(p_ay, p_by, q, barrier)
        lam, mu, moved = _line_search(p_ay, p_by, lam, mu, dl, dm, barrier, decrement)
        if decrement > CENTRED * barrier and moved:
            continue
        best_h = max(best_h, _feasible_entropy(q, p_ay, p_by))
        best_dual = max(best_dual, _dual_value(lam, mu, p_ay, p_by))
        if -best_h - best_dual <= tolerance or barrier < 1e-3 * stop:
            break
        barrier *= SHRINK
    return best_h, best_dual


def _constraint(lam: Array, mu: Array) -> tuple[Array, Array]:
    """Return exp(l_ay + m_by), ``(n_a, n_b, n_y)``, and one minus its sum over y."""
    e = np.exp(lam)[:, None] * np.exp(mu)
    return e, 1 - e.sum(axis=2)


def _newton_step(p_ay: Array, p_by: Array, q: Array, barrier: float) -> tuple[Array, Array, float]:
    """Return the step in l and in m, and the squared Newton decrement.

    The Hessian of a pair (a, b) is diag(q) + q q' / barrier, in l_a, in m_b and between them.
    """
    n_a, n_b, n_y = q.shape
    gradient_l = p_ay - q.sum(axis=1)
    gradient_m = p_by - q.sum(axis=0)
    outer = np.einsum("aby,abz->abyz", q, q / barrier)
    index = np.arange(n_y)
    outer[:, :, index, index] += q
    # Unknowns of impossible cells have no row; a unit diagonal keeps them at zero.
    block_l, block_m = outer.sum(axis=1), outer.sum(axis=0)
    jitter = 1e-13
    block_l[:, index, index] += np.where(p_ay > 0, jitter, 1.0)
    block_m[:, index, index] += np.where(p_by > 0, jitter, 1.0)
    cross = outer.transpose(0, 2, 1, 3).reshape(n_a, n_y, n_b * n_y)
    solved = np.linalg.solve(block_l, np.concatenate([cross, gradient_l[:, :, None]], axis=2))
    flat_cross = cross.reshape(n_a * n_y, n_b * n_y)
    schur = -flat_cross.T @ solved[:, :, :-1].reshape(n_a * n_y, n_b * n_y)
    for b in range(n_b):
        rows = slice(b * n_y, (b + 1) * n_y)
        schur[rows, rows] += block_m[b]
    # l + c_y, m - c_y is the same point for every c: that direction needs the ridge.
    schur.flat[:: len(schur) + 1] += 1e-12 * schur.diagonal().max()
    right = gradient_m.ravel() - flat_cross.T @ solved[:, :, -1].ravel()
    with warnings.catch_warnings():
        # Near the end the system is singular to rounding; the line search refuses a poor step.
        warnings.simplefilter("ignore", linalg.LinAlgWarning)
        dm = linalg.solve(schur, right, assume_a="sym", check_finite=False).reshape(n_b, n_y)
    dl = solved[:, :, -1] - (solved[:, :, :-1] @ dm.ravel())
    return dl, dm, float((gradient_l * dl).sum() + (gradient_m * dm).sum())


def _line_search(
    p_ay: Array,
    p_by: Array,
    lam: Array,
    mu: Array,
    dl: Array,
    dm: Array,
    barrier: float,
    decrement: float,
) -> tuple[Array, Array, bool]:
    """Go as far along the step as stays strictly feasible and improves; say if it moved."""

    def value(lam: Array, mu: Array) -> float:
        _, slack = _constraint(lam, mu)
        if slack.min() <= 0:
            return -np.inf
        return _linear(p_ay, lam) + _linear(p_by, mu) + barrier * float(np.log(slack).sum())

    start, size = value(lam, mu), 1.0
    while size > 1e-8:
        if value(lam + size * dl, mu + size * dm) >= start + 0.01 * size * decrement:
            return lam + size * dl, mu + size * dm, True
        size /= 2
    return lam, mu, False


def _feasible_entropy(q: Array, p_ay: Array, p_by: Array) -> float:
    """H_Q(Y | A, B) in bits of the nearest Q with the right marginals.

    Scales q to the marginals in turn; what is left of the error is corrected by adding, per label,
    an independent coupling, so that the result is feasible to rounding.
    """
    q = q.copy()
    for _ in range(50):
        q *= _ratio(p_ay, q.sum(axis=1))[:, None]
        column = q.sum(axis=0)
        if np.abs(column - p_by).sum() < 1e-14:
            break
        q *= _ratio(p_by, column)[None]
    scale = np.minimum(_ratio(p_ay, q.sum(axis=1)), 1)
    q *= scale[:, None]
    q *= np.minimum(_ratio(p_by, q.sum(axis=0)), 1)[None]
    left_a, left_b = np.maximum(p_ay - q.sum(axis=1), 0), np.maximum(p_by - q.sum(axis=0), 0)
    q += left_a[:, None] * _ratio(left_b, left_b.sum(axis=0))
    return _conditional_entropy(q.reshape(-1, q.shape[2]))


def _ratio(p: Array, q: Array) -> Array:
    return np.divide(p, q, out=np.zeros(np.broadcast(p, q).shape), where=np.asarray(q) > 0)


def _dual_value(lam: Array, mu: Array, p_ay: Array, p_by: Array) -> float:
    """Return the dual objective in bits, after moving the point onto the constraints."""
    e, _ = _constraint(lam, mu)
    lam = lam - np.log(e.sum(axis=2).max(axis=1))[:, None]
    return (_linear(p_ay, lam) + _linear(p_by, mu)) / np.log(2)


def _linear(p: Array, multiplier: Array) -> float:
    """Return sum p * multiplier; where p is 0 the multiplier is minus infinity, and counts 0."""
    return float((p * np.where(p > 0, multiplier, 0)).sum())
