"""Small data and models that several tests use."""

import os

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")  # the same on a machine with a GPU

import numpy as np
import pytest
import torch

from alignsweep import sweep
from alignsweep.data import synthetic

torch.set_num_threads(1)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def pairs():
    return synthetic.generate(redundancy=4, train=256, validation=300, test=400)


@pytest.fixture(scope="session")
def trained(pairs):
    return sweep.train(pairs, ["0", "0.4", "2"], range(3), training=sweep.Training(epochs=3))
