"""Ranks against a plain count, ties, and how many candidates there are."""

import numpy as np
import pytest

from alignsweep.metrics import METRICS
from alignsweep.probe.uses import retrieval


def unit(rng, *shape):
    x = rng.standard_normal(shape)
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def test_ranks_are_a_plain_count(rng):
    x, y = unit(rng, 2, 40, 3), unit(rng, 2, 40, 3)
    y[0, 5] = y[0, 7]  # two candidates alike
    closer, tied = retrieval.ranks(x, y, rng)
    for k in range(2):
        for i in range(40):
            similar = [x[k, i] @ y[k, j] for j in range(40)]
            assert closer[k, i] == sum(s > similar[i] + 1e-6 for s in similar)
            assert tied[k, i] == sum(abs(s - similar[i]) <= 1e-6 for s in similar)
    assert tied[0, 5] == 2


@pytest.mark.parametrize("name", ["recall_at_1", "recall_at_5"])
def test_with_one_gallery_it_is_the_alignment_metric(rng, name):
    x = unit(rng, 1, 200, 4)
    y = x + 0.3 * unit(rng, 1, 200, 4)
    y /= np.linalg.norm(y, axis=2, keepdims=True)
    ways = ((x, y), (y, x))
    mean = np.mean([retrieval.of_ranks(*retrieval.ranks(*way, rng))[name][0] for way in ways])
    assert mean == pytest.approx(METRICS[name](x[0], y[0]), abs=1e-9)


def test_pairs_that_are_equal_are_found_and_shuffled_ones_by_chance(rng):
    x = unit(rng, 1, 2048, 8)
    values = retrieval.of_ranks(*retrieval.ranks(x, x, rng))
    assert (values["recall_at_1"], values["median_rank"]) == (1, 1)
    assert values["mean_reciprocal_rank"] == 1
    values = retrieval.of_ranks(*retrieval.ranks(x, x[:, rng.permutation(2048)], rng))
    assert values["recall_at_1"] == pytest.approx(1 / 256, abs=0.006)
    assert values["median_rank"] == pytest.approx(128.5, abs=8)


def test_a_space_without_differences_is_chance(rng):
    x = np.ones((1, 512, 2)) / np.sqrt(2)
    values = retrieval.of_ranks(*retrieval.ranks(x, x, rng))
    assert values["recall_at_1"] == pytest.approx(1 / 256)
    assert values["recall_at_5"] == pytest.approx(5 / 256)
    assert values["median_rank"] == 128.5


def test_of_many_samples_some_are_queries_and_each_has_as_many_candidates(rng, monkeypatch):
    monkeypatch.setattr(retrieval, "QUERIES", 500)
    x = np.ones((1, 800, 2)) / np.sqrt(2)
    closer, tied = retrieval.ranks(x, x, rng)
    asked = ~np.isnan(closer[0])
    assert asked.sum() == 500
    assert (np.isnan(tied[0]) == ~asked).all()
    assert (tied[0, asked] == 250).all()  # two galleries of equal size
