"""Small data and models that several tests use."""

import dataclasses
import os

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")  # the same on a machine with a GPU

import joblib
import numpy as np
import psutil
import pytest
import scipy.linalg  # noqa: F401 (it brings a BLAS of its own, which is to be limited)
import threadpoolctl
import torch

from alignsweep.data import synthetic
from alignsweep.training import sweep

# Threads wait for each other, and very long where other processes have the cores.
torch.set_num_threads(1)
threadpoolctl.threadpool_limits(1)

#: Processes of tests at most (make test), and bytes that one takes with the studies it runs.
WORKERS, BYTES = 8, 2 * 2**30


@pytest.hookimpl(optionalhook=True)  # of xdist, which plain tests do without
def pytest_xdist_auto_num_workers():
    """As many as there are cores for this process, and memory."""
    room = psutil.virtual_memory().available // BYTES
    return max(1, min(joblib.cpu_count(), room, WORKERS))


def pytest_collection_modifyitems(config, items):
    """Of several processes, have none begin a study when the others are nearly done."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: item.get_closest_marker("workflow") is None)


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture
def spoiled(trained):
    """Return a copy of `trained` in which some models diverged."""

    def spoil(rows, step=12):
        index = torch.tensor(rows)

        def gone(weights):
            return {
                k: {n: w.index_fill(0, index, torch.nan) for n, w in own.items()}
                for k, own in weights.items()
            }

        return dataclasses.replace(
            trained,
            models=tuple(
                m._replace(diverged_at=step) if i in rows else m
                for i, m in enumerate(trained.models)
            ),
            weights=gone(trained.weights),
            others={at: gone(weights) for at, weights in trained.others.items()},
        )

    return spoil


@pytest.fixture(scope="session")
def pairs():
    return synthetic.generate(redundancy=4, train=256, validation=300, test=400)


@pytest.fixture(scope="session")
def trained(pairs):
    training = sweep.Training(epochs=3, min_steps=0)
    return sweep.train(pairs, ["0", "0.4", "2"], range(3), training=training)
