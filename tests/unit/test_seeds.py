"""Streams of randomness: the same everywhere, and apart from each other."""

import itertools

import numpy as np
import pytest
import torch

from alignsweep import seeds
from alignsweep.training import stack

STREAMS = (seeds.INITIALISATION, seeds.BATCH_ORDER, seeds.SPLIT, seeds.SAMPLES, seeds.SHUFFLES)


def test_a_stream_is_the_same_on_every_machine_and_in_every_process():
    drawn = seeds.generator("digits-left-right", 3, seeds.SPLIT).integers(10**9, size=3)
    assert drawn.tolist() == [961648826, 15388432, 580378808]
    first, again = (seeds.generator("toy", 3, seeds.SPLIT, 7).random(5) for _ in range(2))
    assert (first == again).all()


def test_purposes_are_told_apart():
    assert len({*STREAMS}) == 5


def test_datasets_seeds_purposes_and_more_have_streams_of_their_own():
    keys = [
        (dataset, seed, stream, *more)
        for dataset, seed, stream in itertools.product(("a", "b"), range(3), STREAMS)
        for more in ((), (1,), (2,))
    ]
    drawn = np.array([seeds.generator(*key).standard_normal(2000) for key in keys])
    # nothing in common: with 90 streams the largest of 4,005 correlations is about 0.08
    together = np.corrcoef(drawn) - np.eye(len(keys))
    assert abs(together).max() < 0.12


@pytest.mark.parametrize("dataset", ["toy", "synthetic-R4", "ähnlich"])
def test_torch_has_the_streams_too(dataset):
    draws = {
        torch.rand(1, generator=stack.generator(dataset, seed, stream), dtype=torch.float64).item()
        for seed in range(3)
        for stream in STREAMS
    }
    assert len(draws) == 15
    one, same = (torch.rand(9, generator=stack.generator(dataset, 2, 1)) for _ in range(2))
    assert torch.equal(one, same)
