import numpy as np
import pytest

from alignsweep.metrics import METRICS


def test_retrieval_by_hand():
    x = np.eye(3)
    assert METRICS["recall_at_1"](x, x) == 1
    assert METRICS["median_rank"](x, x) == 1
    shifted = np.roll(x, 1, axis=0)  # every pair is wrong, tied with one other wrong one
    assert METRICS["recall_at_1"](x, shifted) == 0
    assert METRICS["median_rank"](x, shifted) == 2.5
    duplicated = np.repeat(np.eye(5), 2, axis=0)
    assert METRICS["recall_at_1"](duplicated, duplicated) == 0.5
    assert METRICS["median_rank"](duplicated, duplicated) == 1.5


def test_wang_isola_and_gap_by_hand():
    x = np.array([[1.0, 0], [0, 2]])
    y = np.array([[3.0, 0], [0, -1]])
    metric = METRICS["alignment_loss"]
    # the second pair is opposite: |z - z'|^2 = 4
    assert metric.function(x, y) == pytest.approx(2)
    assert METRICS["uniformity"].function(x, y) == pytest.approx(-4)  # all at squared distance 2
    assert METRICS["modality_gap"].function(x, y) == pytest.approx(1)
