"""Training takes one thread, unless more are asked for."""

import numpy as np
import pytest
import torch

from alignsweep.training import sweep
from alignsweep.training.threads import limited


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
