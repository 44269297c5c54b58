"""What can be seen before training, against what is known of synthetic data."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from alignsweep.data import digits, factors, synthetic
from alignsweep.feature_names import OF_MODALITY, OF_PAIR
from alignsweep.information import common, knowledge
from alignsweep.information.features import features


def known(pairs, fact, modality="a+b"):
    found = {(f["modality"], f["fact"]): f["value"] for f in pairs.facts}
    return found[modality, fact]


def seen(pairs):
    table = features(pairs)
    return table.set_index(["modality", "feature"])


def bits(nuisance, redundancy=2, n=600, seed=0, **options):
    return synthetic.generate(
        redundancy=redundancy, nuisance=nuisance, unique=(2, 2), bits=14, train=n, seed=seed,
        validation=10, test=10, resample="none", **options,
    )  # fmt: skip


def within(pairs, seed=0):
    rows = pairs.rows("train")
    x_a, x_b = (pairs.vectors(m, rows) for m in pairs.modalities)
    return common.common(x_a, x_b, pairs.labels[rows], rng=np.random.default_rng(seed))


def test_every_feature_is_there_with_its_unit():
    table = features(bits(2))
    assert list(table) == ["dataset", "modality", "feature", "value", "low", "high", "unit"]
    for modality, expected in (("a", OF_MODALITY), ("b", OF_MODALITY), ("a+b", OF_PAIR)):
        own = table[table["modality"] == modality].set_index("feature")["unit"]
        assert own.to_dict() == {name: m.unit for name, m in expected.items()}
    assert np.isfinite(table["value"]).all()
    given = table.dropna()
    assert (given["low"] <= given["value"] + 1e-9).all()
    assert (given["value"] <= given["high"] + 1e-9).all()


def test_the_same_data_give_the_same_features():
    pd.testing.assert_frame_equal(features(bits(2, n=200)), features(bits(2, n=200)))


def test_nuisance_is_told_from_redundancy():
    found = [
        (known(pairs, "conditional_information_bits"), within(pairs))
        for pairs in (bits(n, r, size) for n in (0, 3, 6) for r in (0, 3) for size in (200, 1500))
    ]
    table = pd.DataFrame(
        [(truth, c.mean_dimensions()[0], c.mean_bits()[0]) for truth, c in found],
        columns=["truth", "dimensions", "bits"],
    )
    assert table["truth"].corr(table["dimensions"], method="spearman") > 0.9
    # a bound: below the truth, but for what is left to chance
    assert (table["bits"] < table["truth"] + 0.1).all()


def test_of_many_samples_the_bits_are_nearly_the_truth():
    for nuisance in (1, 3):
        pairs = bits(nuisance, redundancy=0, n=4000)
        found, *_ = within(pairs).mean_bits()
        assert found == pytest.approx(known(pairs, "conditional_information_bits"), abs=0.3)


def test_nothing_common_is_nothing_found():
    rng = np.random.default_rng(0)
    zero = 0
    for _ in range(40):
        x, y = rng.standard_normal((2, 300, 10))
        found = common.common(x, y, rng.integers(0, 4, 300), rng=rng)
        zero += found.mean_bits()[1] == 0 and found.mean_dimensions()[1] == 0
    assert zero >= 38


def test_gaussians_have_the_bits_of_their_correlations():
    pairs = factors.generate(
        shared=1, nuisance=3, train=6000, validation=10, test=10, features=(10, 10),
        noise=(0.7, 0.7), resample="none",
    )  # fmt: skip
    truth = known(pairs, "conditional_information_bits")
    found = within(pairs)
    assert found.gaussian_bits == pytest.approx(truth, rel=0.1)
    assert found.mean_bits()[0] == pytest.approx(truth, rel=0.15)


def test_what_is_known_of_the_label_is_below_the_truth_and_near_it():
    pairs = bits(2, redundancy=4, n=3000, temperature=0.1)
    table = seen(dataclasses.replace(pairs, resampling=None))
    for modality in ("a", "b", "a+b"):
        truth = known(pairs, "mutual_information_bits", modality)
        for kind in ("linear", "network"):
            value = table.loc[(modality, f"{kind}_bits"), "value"]
            assert 0.6 * truth < value < truth + 0.05, (modality, kind)
    missing = known(pairs, "mutual_information_bits") - known(pairs, "mutual_information_bits", "a")
    assert table.loc[("a", "linear_missing_bits"), "value"] == pytest.approx(missing, abs=0.2)


def test_labels_that_are_numbers():
    pairs = factors.generate(shared=2, classes=None, train=800, resample="none")
    table = seen(pairs)
    assert table.loc[("a+b", "classes"), "value"] == 0
    for modality in ("a", "b", "a+b"):
        truth = known(pairs, "mutual_information_bits", modality)
        assert table.loc[(modality, "linear_bits"), "value"] == pytest.approx(truth, abs=0.15)


def test_real_images():
    table = seen(digits.load(pair="left-right"))
    assert 0.6 < table.loc[("left", "linear_score"), "value"] < 0.95
    assert table.loc[("left+right", "nuisance_dimensions"), "value"] > 1


def test_folds_are_drawn_within_classes():
    y = np.repeat([0, 1, 2], [30, 9, 3])
    fold = knowledge.folds(y, 3, np.random.default_rng(0))
    for c, each in ((0, 10), (1, 3), (2, 1)):
        assert np.bincount(fold[y == c], minlength=3).tolist() == [each] * 3


def test_a_constant_modality_tells_nothing():
    pairs = bits(2, n=200)
    flat = dataclasses.replace(pairs, inputs={"a": pairs.inputs["a"] * 0, "b": pairs.inputs["b"]})
    table = seen(flat)
    assert table.loc[("a", "linear_bits"), "value"] < 0.05
    assert table.loc[("a", "dimensions"), "value"] == 0
    assert table.loc[("a+b", "nuisance_bits"), "low"] == 0
