"""The convex programme behind BROJA, solved for a stack of tables at once.

With l_ay + m_by for the multipliers of the marginals, the Lagrange dual of the least I_Q(A, B; Y)
over the joint distributions Q with the (A, Y) and (B, Y) marginals of p is

    maximise  sum_ay p(a, y) l_ay + sum_by p(b, y) m_by
    subject to  sum_y exp(l_ay + m_by) <= 1  for every pair (a, b),

whose value is -H_Q(Y | A, B). It has only n_y (n_a + n_b) unknowns, and is solved here by a barrier
method: the Hessian of the barrier is block-diagonal in a and in b, so that one Newton step is a
Cholesky factorisation of the smaller side. Every dual point is a lower bound; the barrier's
multipliers are a primal point, which is made exactly feasible and is an upper bound.

All tables of a stack take their Newton steps together: at the sizes of a study (40 x 40 x 4) a step
of one table is mostly the overhead of small array operations. Every table has its own barrier and
step size, and leaves the stack when its gap is certified. Rows and columns that a table lacks hold
no probability; they have no unknowns, so that tables of different sizes fit in one stack.

A (A, Y) table is ``(n_a, n_y)`` and a (B, Y) table is ``(n_y, n_b)`` here, so that sums over y are
matrix products. What is read from Q, (a, b, y) -> w_ab exp(l_ay) exp(m_by), are such sums; it is
itself written out only for its entropy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import blas, lapack
from scipy.special import xlogy

Array = NDArray[np.float64]

MAX_STEPS = 300
#: Factor by which the barrier weight falls once a centring has converged.
SHRINK = 0.1
#: Squared Newton decrement, in units of the barrier weight, below which a centring has converged.
#: Where in the gap a result lies depends on this and on `SHRINK`: to change them changes
#: results by up to the tolerance.
CENTRED = 0.25
#: Scalings to the marginals in turn, at most, before the rest of the error is corrected at once.
SCALINGS = 50
#: In place of 0 where 0 is divided by it.
TINY = 1e-300
#: Share of the matrix between l and m in use, below which the rest is left out of the algebra.
WHOLE = 0.7
#: Bytes of an array ``(tables, n_a, n_b)`` of a stack, and of the matrices between l and m that are
#: made at once. What is larger does not stay in the cache.
STACK_BYTES = 2**18


@dataclass
class _Tables:
    """Tables and where they are; the first axis of every array is the table.

    Attributes
    ----------
    p_ay, p_by
        ``(tables, n_a, n_y)`` and ``(tables, n_y, n_b)`` probabilities.
    lam, mu
        Their multipliers; minus infinity where the probability is 0.
    barrier
        ``(tables,)`` weights of the barrier.
    pairs
        ``(tables,)`` numbers of pairs (a, b) that a table has: constraints.
    """

    p_ay: Array
    p_by: Array
    lam: Array
    mu: Array
    barrier: Array
    pairs: NDArray[np.intp]

    def take(self, which: NDArray[Any]) -> _Tables:
        """Return a copy of some of the tables."""
        return _Tables(*(getattr(self, field.name)[which] for field in fields(self)))


def solve(tables: Sequence[tuple[Array, Array]], tolerance: float) -> tuple[Array, Array]:
    """Solve the programme of every table.

    Parameters
    ----------
    tables
        Of each the marginals ``(n_a, n_y)`` and ``(n_b, n_y)``: p(a, y) and p(b, y), with the same
        p(y) and no row without probability. Those with the same n_y are solved together.
    tolerance
        Gap between the two results, in bits, at which a table is done.

    Returns
    -------
    numpy.ndarray
        ``(tables,)`` H_Q(Y | A, B) in bits of a feasible Q.
    numpy.ndarray
        ``(tables,)`` the dual value in bits: no feasible Q has an entropy above minus this.
    """
    entropy, dual = np.full((2, len(tables)), -np.inf)
    classes = np.array([p_ay.shape[1] for p_ay, _ in tables])
    for n_y in np.unique(classes):
        same = np.flatnonzero(classes == n_y)
        entropy[same], dual[same] = _solve(_start([tables[t] for t in same.tolist()]), tolerance)
    return entropy, dual


def _start(tables: Sequence[tuple[Array, Array]]) -> _Tables:
    """Return tables at strictly feasible multipliers."""
    # The smaller side is the one factorised.
    sides = [(a, b) if len(a) >= len(b) else (b, a) for a, b in tables]
    n_a, n_b = (max(len(p) for p in side) for side in zip(*sides, strict=True))
    n_y = sides[0][0].shape[1]
    p_ay, p_by = np.zeros((len(sides), n_a, n_y)), np.zeros((len(sides), n_y, n_b))
    for i, (a, b) in enumerate(sides):
        p_ay[i, : len(a)] = a
        p_by[i, :, : len(b)] = b.T
    pairs = np.array([len(a) * len(b) for a, b in sides])
    with np.errstate(divide="ignore"):
        lam = np.log(_ratio(p_ay, p_ay.sum(axis=2, keepdims=True)) / 2)
        mu = np.where(p_by > 0, 0.0, -np.inf)
    return _Tables(p_ay, p_by, lam, mu, 0.5 / pairs, pairs)


def _solve(every: _Tables, tolerance: float) -> tuple[Array, Array]:
    """Return the results of `solve` for tables of one n_y."""
    entropy, dual = np.full((2, len(every.pairs)), -np.inf)
    steps = np.zeros(len(every.pairs), dtype=np.intp)
    at_once = max(1, STACK_BYTES // (8 * every.p_ay.shape[1] * every.p_by.shape[2]))
    left = np.arange(len(every.pairs))
    while len(left):
        stack = left[:at_once]
        s = every.take(stack)
        slack = _slack(s.lam, s.mu)
        dl, dm, decrement = _newton_step(s, slack)
        moved = _line_search(s, dl, dm, decrement, slack)
        steps[stack] += 1
        done = steps[stack] >= MAX_STEPS
        centred = (decrement <= CENTRED * s.barrier) | ~moved
        if centred.any():
            c, w = s.take(centred), s.barrier[centred, None, None] / slack[centred]
            t = stack[centred]
            entropy[t] = np.maximum(entropy[t], _feasible_entropy(c, every.mu[t], w))
            dual[t] = np.maximum(dual[t], _dual_value(c))
            done[centred] |= -entropy[t] - dual[t] <= tolerance
            done[centred] |= c.barrier < 1e-3 * tolerance * np.log(2) / c.pairs
            every.barrier[t] *= SHRINK
        every.lam[stack], every.mu[stack] = s.lam, s.mu
        left = np.concatenate([stack[~done], left[at_once:]])
    return entropy, dual


def _slack(lam: Array, mu: Array) -> Array:
    """Return 1 - sum_y exp(l_ay + m_by), ``(tables, n_a, n_b)``."""
    return np.asarray(1 - np.exp(lam) @ np.exp(mu))


def _newton_step(s: _Tables, slack: Array) -> tuple[Array, Array, Array]:
    """Return the step in l and in m, and the squared Newton decrement.

    The Hessian of a pair (a, b) is diag(q) + q q' / barrier, in l_a, in m_b and between them. Here
    its rows and columns are scaled such that the diagonal of the first part becomes 1. The unknowns
    of impossible cells have a scale of 0; that 1 keeps them where they are.
    """
    tables, n_a, n_y = s.lam.shape
    n_b = s.mu.shape[2]
    el, em, own = np.exp(s.lam), np.exp(s.mu), np.arange(n_y)
    w = s.barrier[:, None, None] / slack
    q_ay, q_by = el * (w @ _t(em)), em * (_t(el) @ w)
    gradient_l, gradient_m = s.p_ay - q_ay, s.p_by - q_by
    scale_l, scale_m = _ratio(1.0, np.sqrt(q_ay)), _ratio(1.0, np.sqrt(q_by))
    el_scaled, em_scaled, twice = el * scale_l, em * scale_m, w / slack
    block_l = (twice @ _t(_products(em))).reshape(tables, n_a, n_y, n_y)
    block_l *= el_scaled[..., None] * el_scaled[:, :, None]
    block_l[:, :, own, own] += 1
    block_m = (_products(_t(el)) @ twice).reshape(tables, n_y, n_y, n_b)
    block_m *= em_scaled[:, :, None] * em_scaled[:, None]
    block_m[:, own, own] += 1
    half = _inverse_root(block_l)
    back = _ratio(1 / s.barrier[:, None, None], scale_l)
    right_l = (half @ (scale_l * gradient_l)[..., None]).reshape(tables, -1)
    right_m = (scale_m * gradient_m).reshape(tables, -1)
    dl, dm = np.zeros_like(right_l), np.zeros_like(right_m)
    possible_l, possible_m = (s.p_ay > 0).reshape(tables, -1), (s.p_by > 0).reshape(tables, -1)
    used = possible_l.mean(axis=1) * possible_m.mean(axis=1)
    # What follows is large, and is done for so many tables at once as stay in the cache.
    at_once = max(1, STACK_BYTES // (8 * n_a * n_b * n_y**2))
    for first in range(0, tables, at_once):
        part = slice(first, first + at_once)
        q = w[part, :, None] * el_scaled[part, ..., None] * em[part, None]
        q_scaled = q * scale_m[part, None]
        cross = q[:, :, :, None] * (q_scaled * back[part, ..., None])[:, :, None]
        np.einsum("tayyb->tayb", cross)[...] += q_scaled
        cross = half[part] @ cross.reshape(len(q), n_a, n_y, -1)
        for t, c in enumerate(cross.reshape(len(q), n_a * n_y, n_y * n_b), first):
            if used[t] > WHOLE:
                dm[t] = _reduced(c, block_m[t], right_m[t] - right_l[t] @ c)
                dl[t] = right_l[t] - c @ dm[t]
            else:
                rows, columns = np.flatnonzero(possible_l[t]), np.flatnonzero(possible_m[t])
                c, right = c[rows[:, None], columns], right_l[t, rows]
                found = _reduced(c, block_m[t], right_m[t, columns] - right @ c, columns)
                dm[t, columns], dl[t, rows] = found, right - c @ found
    dl = scale_l * (_t(half) @ dl.reshape(tables, n_a, n_y, 1))[..., 0]
    dm = scale_m * dm.reshape(s.mu.shape)
    return dl, dm, _sum(gradient_l * dl) + _sum(gradient_m * dm)


def _products(e: Array) -> Array:
    """Return e_yb e_zb, ``(tables, n_y * n_y, n_b)``, of ``(tables, n_y, n_b)``."""
    tables, n_y, n_b = e.shape
    return (e[:, :, None] * e[:, None]).reshape(tables, n_y * n_y, n_b)


def _inverse_root(block: Array) -> Array:
    """Return C with C' C the inverse of each ``(n_y, n_y)`` block."""
    n_y = block.shape[-1]
    # The least eigenvalue is 1; where the largest is beyond 1e15, that is lost to rounding.
    block += 1e-14 * np.trace(block, axis1=-2, axis2=-1)[..., None, None] * np.eye(n_y)
    root = np.linalg.cholesky(block)
    inverse = np.zeros_like(root)
    for i in range(n_y):  # all blocks at once, row by row
        row = -root[..., i : i + 1, :i] @ inverse[..., :i, :]
        row[..., 0, i] += 1
        inverse[..., i, :] = row[..., 0, :] / root[..., i, i, None]
    return inverse


def _reduced(
    cross: Array, block: Array, right: Array, columns: NDArray[np.intp] | None = None
) -> Array:
    """Return the step in m of one table, after l has been eliminated; 0 if there is none.

    Parameters
    ----------
    cross
        ``(unknowns of l, unknowns of m)``: C times the Hessian between them.
    block
        ``(n_y, n_y, n_b)``: the Hessian in m, diagonal in b.
    right
        ``(unknowns of m,)``: what remains of the gradient.
    columns
        The unknowns of m, as indices of ``(n_y, n_b)``; by default all of these.
    """
    n_y, _, n_b = block.shape
    for solve_system in (lapack.dposv, lapack.dsysv):
        # LAPACK reads columns first: its matrix is the transpose.
        start = np.zeros((n_y * n_b, n_y * n_b))
        np.einsum("ybzb->yzb", start.reshape(n_y, n_b, n_y, n_b))[...] = block
        if columns is not None:
            start = start[columns[:, None], columns]
        lower = blas.dsyrk(-1.0, cross.T, 1.0, start.T, lower=1, overwrite_c=1)
        diagonal = np.einsum("ii->i", lower)
        # l + c_y, m - c_y is the same point for every c: that direction needs the ridge.
        diagonal += 1e-12 * diagonal.max()
        *_, found, failed = solve_system(lower, right, lower=1, overwrite_a=1)
        if not failed:
            return np.asarray(found)
        # Near the end the system is singular to rounding, and not positive definite any more.
    return np.zeros_like(right)  # the barrier shrinks, and what is best so far stays


def _line_search(s: _Tables, dl: Array, dm: Array, decrement: Array, slack: Array) -> NDArray[Any]:
    """Go as far along the step as stays strictly feasible and improves; say which tables moved."""
    start, slope = _sum(np.log(slack)), _sum(s.p_ay * dl) + _sum(s.p_by * dm)
    moved = np.zeros(len(start), dtype=bool)
    left, size = np.arange(len(start)), 1.0
    while size > 1e-8 and len(left):
        lam, mu = s.lam[left] + size * dl[left], s.mu[left] + size * dm[left]
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            logs = _sum(np.log(_slack(lam, mu)))  # not a number where a constraint is broken
        gain = size * slope[left] + s.barrier[left] * (logs - start[left])
        better = gain >= 0.01 * size * decrement[left]
        s.lam[left[better]], s.mu[left[better]] = lam[better], mu[better]
        moved[left[better]] = True
        left, size = left[~better], size / 2
    return moved


def _feasible_entropy(s: _Tables, mu: Array, w: Array) -> Array:
    """H_Q(Y | A, B) in bits of the nearest Q with the right marginals.

    Scales w_ab exp(l_ay) exp(m_by) to the marginals in turn, a first, so that l is not needed; what
    is left of the error is corrected by adding, per label, an independent coupling, so that the
    result is feasible to rounding.
    """
    v = np.exp(mu)
    for _ in range(SCALINGS):
        u = s.p_ay / np.maximum(w @ _t(v), TINY)
        column = _t(u) @ w
        if np.abs(v * column - s.p_by).sum(axis=(1, 2)).max() < 1e-14:
            break
        v = s.p_by / np.maximum(column, TINY)
    u *= np.minimum(_ratio(s.p_ay, u * (w @ _t(v))), 1)
    v *= np.minimum(_ratio(s.p_by, v * (_t(u) @ w)), 1)
    left_a = np.maximum(s.p_ay - u * (w @ _t(v)), 0)
    left_b = np.maximum(s.p_by - v * (_t(u) @ w), 0)
    left_b = _ratio(left_b, left_b.sum(axis=2, keepdims=True))
    q = w[:, :, None] * u[..., None] * v[:, None] + left_a[..., None] * left_b[:, None]
    return (_sum(xlogy(q.sum(axis=2), q.sum(axis=2))) - _sum(xlogy(q, q))) / np.log(2)


def _dual_value(s: _Tables) -> Array:
    """Return the dual objective in bits, after moving the point onto the constraints."""
    most = (1 - _slack(s.lam, s.mu)).max(axis=2, keepdims=True)
    lam = s.lam - np.log(np.where(most > 0, most, 1))
    return np.asarray((_linear(s.p_ay, lam) + _linear(s.p_by, s.mu)) / np.log(2))


def _linear(p: Array, multiplier: Array) -> Array:
    """Return sum p * multiplier; where p is 0 the multiplier is minus infinity, and counts 0."""
    return _sum(p * np.where(p > 0, multiplier, 0))


def _ratio(p: Array | float, q: Array) -> Array:
    return np.divide(p, q, out=np.zeros(np.broadcast(p, q).shape), where=q > 0)


def _sum(x: Array) -> Array:
    """Sum over everything but the tables."""
    return np.asarray(x.reshape(len(x), -1).sum(axis=1))


def _t(x: Array) -> Array:
    return x.swapaxes(-1, -2)
