"""Sizes that no machine has are refused when a study is read."""

import pytest

from alignsweep import study

GOOD = {
    "study": "mine",
    "strengths": ["0", "0.4"],
    "datasets": {"s": {"kind": "synthetic", "redundancy": [4]}},
}


def refused(**changes):
    with pytest.raises(study.ConfigError) as error:
        study.resolve(GOOD | changes)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_seeds_by_what_their_scores_take():
    assert refused(seeds=1_000_000) == (
        "config: seeds is 1000000, and the scores of 2000000 models of a dataset would take 51 GB "
        "of memory; allowed: up to 629921, with 2 models per seed."
    )
    assert study.resolve(GOOD | {"seeds": 10_000})["seeds"] == 10_000


@pytest.mark.parametrize(
    ("changes", "sizes", "gigabytes"),
    [
        # one input, one bias: (1 + 1) * hidden + (hidden + 1) * width, and 16 bytes of each
        ({"encoder": {"hidden": [10**9]}}, "hidden [1000000000], width 6", 128),
        ({"encoder": {"width": 10**10}}, "hidden [12], width 10000000000", 2080),
        (
            {"alignments": {"y": {}, "x": {"projection": [10**9]}}},
            "hidden [12], width 6, projection [1000000000]",
            112,
        ),
    ],
)
def test_an_encoder_by_its_weights_in_training(changes, sizes, gigabytes):
    assert refused(**changes) == (
        f"config: the encoder of a in s-R4 ({sizes}) would take at least {gigabytes} GB of memory "
        "in training, for one model; allowed: up to 32 GB."
    )


def test_a_transformer_by_its_weights():
    wide = {"kind": "transformer", "dimension": 10**5, "layers": 1}
    digits = {"kind": "digits", "pairs": ["left-right"]}
    assert refused(encoder=wide, datasets={"d": digits}) == (
        "config: the encoder of left in d-left-right (width 6, dimension 100000, layers 1) would "
        "take at least 960 GB of memory in training, for one model; allowed: up to 32 GB."
    )


def test_large_encoders_that_fit_are_allowed():
    wide = {"hidden": [4096, 4096], "width": 1024}
    assert study.resolve(GOOD | {"encoder": wide})["datasets"]["s-R4"]["encoder"]["a"]["width"]


def test_samples_by_what_they_take():
    assert refused(datasets={"s": GOOD["datasets"]["s"] | {"test": 10**9}}) == (
        "config: the 1000005120 samples of s-R4, of 24 values each, would take 96 GB of memory; "
        "allowed: up to 32 GB."
    )


def test_the_seeds_of_a_search_with_those_that_confirm():
    said = refused(search="adaptive", adaptive={"confirming_seeds": 10**7})
    assert "adaptive.confirming_seeds is 10000000, with 10 seeds; allowed: up to 629921" in said


def test_a_number_beyond_all_sizes():
    said = refused(seeds=10**400)
    assert said.startswith("config: seeds is 1000000000000")
    assert "... (beyond 100000000000); allowed: an integer of at least 2" in said


@pytest.mark.parametrize("key", ["seed", "weights_seed"])
def test_a_seed_has_32_bits(key):
    def source(value):
        return {"s": GOOD["datasets"]["s"] | {key: value}}

    assert study.resolve(GOOD | {"datasets": source(2**32 - 1)})
    said = f"datasets.s.{key} is 4294967296; allowed: an integer from 0 to 4294967295 (32 bits)."
    assert refused(datasets=source(2**32)) == f"config: {said}"
