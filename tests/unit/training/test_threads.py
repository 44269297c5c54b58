"""Training takes one thread, unless more are asked for; probes take them side by side."""

import numpy as np
import pandas as pd
import pytest
import torch

from alignsweep.baseline import baseline
from alignsweep.data import synthetic
from alignsweep.probe.encoders import probe_samples
from alignsweep.training import sweep
from alignsweep.training.threads import limited, side_by_side


@pytest.fixture
def many():
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("asked", "variable", "expected"),
    [(None, None, 1), (None, "2", 2), (None, "2,1", 2), (None, "", 1), (4, "2", 4)],
)
def test_what_is_asked_for_counts_before_the_variable(many, monkeypatch, asked, variable, expected):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    if variable is not None:
        monkeypatch.setenv("OMP_NUM_THREADS", variable)
    with limited(asked):
        assert torch.get_num_threads() == expected
    assert torch.get_num_threads() == 3


def test_a_sweep_takes_them_and_gives_them_back(many, monkeypatch, pairs):
    seen = []
    train = sweep._train_stack
    monkeypatch.setattr(
        sweep, "_train_stack", lambda *a: (seen.append(torch.get_num_threads()), train(*a))[1]
    )
    few = sweep.Training(epochs=1, min_steps=0)
    by_number = sweep.train(pairs, ["0"], 2, training=few, threads=2)
    assert (seen, torch.get_num_threads()) == ([2], 3)
    listed = sweep.train(pairs, ["0"], np.arange(2), training=few, threads=1)
    assert [m.seed for m in by_number.models] == [m.seed for m in listed.models] == [0, 1]


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_side_by_side_keeps_the_order_and_gives_each_thread_one(threads):
    def make(item):
        return item, torch.get_num_threads()

    with limited(3):
        assert side_by_side(make, [3, 1, 2], threads) == [(3, 1), (1, 1), (2, 1)]
        assert side_by_side(make, [3], threads) == [(3, 1)]
        assert torch.get_num_threads() == 3


def test_side_by_side_says_what_went_wrong():
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda item: 1 // item, [1, 0], 2)


def test_scores_do_not_depend_on_threads(pairs, trained):
    one, several = (
        probe_samples(trained, pairs, uses=["unimodal", "fused", "retrieval"], threads=t)
        for t in (1, 3)
    )
    pd.testing.assert_frame_equal(one.table, several.table, check_exact=True)
    assert list(one.samples) == list(several.samples)
    assert all(np.array_equal(own, several.samples[key]) for key, own in one.samples.items())


def test_a_baseline_does_not_depend_on_threads():
    pairs = synthetic.generate(redundancy=2, train=100, validation=100, test=100)
    one, several = (baseline(pairs, range(3), threads=t) for t in (1, 3))
    pd.testing.assert_frame_equal(one, several, check_exact=True)
    assert one["value"].nunique() > 9  # each seed has a draw of its own
