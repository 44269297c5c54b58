"""Inputs and values of public implementations, and small related data."""

import json
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="session")
def reference():
    """Values of public code and of independent checks, of `reference_inputs`."""
    path = Path(__file__).parents[2] / "reference" / "metric_values.json"
    return json.loads(path.read_text())


@pytest.fixture(scope="session")
def reference_inputs():
    """The inputs of those values: raw, or with rows of length 1."""

    def inputs(preparation):
        r = np.random.RandomState
        x = r(0).randn(1000, 16)
        y = x @ r(1).randn(16, 16) + 0.5 * r(2).randn(1000, 16)
        if preparation == "l2_normalised_rows":
            x, y = (z / np.linalg.norm(z, axis=1, keepdims=True) for z in (x, y))
        return x, y

    return inputs


@pytest.fixture
def small(rng):
    x = rng.standard_normal((60, 5)) + 3
    return x, x @ rng.standard_normal((5, 7)) + rng.standard_normal((60, 7))
