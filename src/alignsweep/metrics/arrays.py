"""Arithmetic that all families share; all of it in float64, whatever precision the data came in."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: A sum smaller than this share of its terms is what rounding left of them.
ROUNDING = 1e-12


def as_array(x: Any) -> Array:
    """Return a float64 array from numpy or torch, of any precision, on any device."""
    if hasattr(x, "detach"):
        x = x.detach().cpu().double().numpy()  # numpy has no bfloat16 and no float8
    return np.asarray(x, dtype=np.float64)


def centre(x: Array) -> Array:
    """Subtract the column means of ``(..., n, d)``."""
    x = as_array(x)
    return np.asarray(x - x.mean(axis=-2, keepdims=True))


def unit_rows(x: Array) -> Array:
    """Divide rows by their length; rows of length zero stay zero."""
    x = as_array(x)
    norm = np.linalg.norm(x, axis=-1, keepdims=True)
    return np.asarray(x / np.where(norm > 0, norm, 1))


def significant_sum(*terms: Any) -> Array:
    """Add terms (numbers, or arrays elementwise); exactly 0 where they cancel but for rounding."""
    total, size = sum(terms), sum(np.abs(term) for term in terms)
    return np.where(np.abs(total) > ROUNDING * size, total, 0.0)


def normalised(xy: Any, xx: Any, yy: Any, epsilon: float = 0.0) -> Array:
    """Return ``xy / (sqrt(xx yy) + epsilon)``; NaN or infinite where a denominator is 0."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.float64(xy) / (np.sqrt(xx) * np.sqrt(yy) + epsilon))
