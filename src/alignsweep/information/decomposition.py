"""The BROJA partial information decomposition, with a certified gap.

Bertschinger, Rauh, Olbrich, Jost and Ay (2014) define the union information of A and B about Y as
the least I_Q(A, B; Y) over the joint distributions Q that keep the (A, Y) and (B, Y) marginals.
That is a convex programme; `alignsweep.information.barrier` bounds it from both sides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from alignsweep.information import barrier

Array = NDArray[np.float64]

#: Duality gap, in bits, at which the solver stops.
TOLERANCE = 1e-6


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
    return broja_stack([joint], tolerance=tolerance)[0]


def broja_stack(joints: Iterable[Array], *, tolerance: float = TOLERANCE) -> list[Decomposition]:
    """Decompose several joint distributions together, much faster than one by one.

    Parameters
    ----------
    joints
        Tables as `broja` takes them. Those with the same number of classes are solved together;
        the closer their sizes, the less work is wasted.
    tolerance
        Certified gap of each, in bits, at which to stop.

    Returns
    -------
    list of Decomposition
        What `broja` returns for each, up to rounding; in bits.

    Raises
    ------
    ValueError
        As `broja`, for the first table that is not a distribution.
    """
    marginals, totals = [], []
    for joint in map(_checked, joints):  # one after the other: all would need much memory
        marginals.append((joint.sum(axis=1), joint.sum(axis=0)))
        totals.append(mutual_information(joint.reshape(-1, joint.shape[2])))
    return from_marginals(marginals, totals, tolerance=tolerance)


def from_marginals(
    marginals: Sequence[tuple[Array, Array]],
    totals: Sequence[float],
    *,
    tolerance: float = TOLERANCE,
) -> list[Decomposition]:
    """Decompose from what BROJA depends on: the two marginals, and I(A, B; Y) for the synergy.

    Parameters
    ----------
    marginals
        Per table ``(n_a, n_y)`` and ``(n_b, n_y)``: p(a, y) and p(b, y), with the same p(y).
    totals
        I(A, B; Y) of each in bits. The union information is at most this.
    tolerance
        Certified gap, in bits, at which to stop.
    """
    marginals = [(p[p.sum(axis=1) > 0], q[q.sum(axis=1) > 0]) for p, q in marginals]
    known = [(mutual_information(p_ay), mutual_information(p_by)) for p_ay, p_by in marginals]
    # Q = P is feasible, and no Q tells less than either variable alone.
    upper, lower = np.array(totals, dtype=np.float64), np.array([max(pair) for pair in known])
    unclear = np.flatnonzero(upper - lower > tolerance)
    if len(unclear):
        tables = [(_merged(marginals[t][0]), _merged(marginals[t][1])) for t in unclear]
        h_y = np.array([_entropy(p_ay.sum(axis=0)) for p_ay, _ in tables])
        q_entropy, dual = barrier.solve(tables, tolerance)
        upper[unclear] = np.minimum(upper[unclear], h_y - q_entropy)
        lower[unclear] = np.maximum(lower[unclear], h_y + dual)
    return [
        _decomposition(*row)
        for row in zip(known, totals, upper.tolist(), lower.tolist(), strict=True)
    ]


def _decomposition(
    known: tuple[float, float], total: float, upper: float, lower: float
) -> Decomposition:
    """Return the atoms, given I(A; Y) and I(B; Y) and bounds of the union information."""
    information_a, information_b = known
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
