import hashlib
import json
import math
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from alignsweep.data import synthetic

REFERENCE = json.loads(
    (Path(__file__).parents[2] / "reference" / "synthetic_values.json").read_text()
)
# The reference stops at numpy.allclose(p, 0.25, atol=0.01), whose tolerance is atol + 1e-5 * 0.25.
REFERENCE_TOLERANCE = 0.01 + 0.25e-5

A, B, BOTH = ("shared", "unique_a"), ("shared", "unique_b"), ("shared", "unique_a", "unique_b")


@pytest.mark.parametrize("case", REFERENCE["values"])
def test_distribution_equals_the_reference(case):
    index, redundancy = (int(part.split("=")[1]) for part in case.split(","))
    temperature = 0.05 * math.exp(np.linspace(0, 2, 10)[index])
    expected = REFERENCE["values"][case]
    found = synthetic.distribution(
        redundancy, temperature=temperature, balance_tolerance=REFERENCE_TOLERANCE
    )
    nats = math.log(2)
    values = {
        "mi_x1_y": found.information(*A) * nats,
        "mi_x2_y": found.information(*B) * nats,
        "mi_x1x2_y": found.information(*BOTH) * nats,
        "mi_xc_y": found.information("shared") * nats,
        "bayes_acc_x1": found.bayes_accuracy(*A),
        "bayes_acc_x2": found.bayes_accuracy(*B),
        "bayes_acc_x1x2": found.bayes_accuracy(*BOTH),
    }
    for name, value in values.items():
        assert value == pytest.approx(expected[name], abs=1e-6), name
    np.testing.assert_allclose(found.table.mean(axis=(0, 1, 2)), expected["p_y"], atol=1e-6)


def test_classes_are_balanced_by_default():
    p_y = synthetic.distribution(3).table.mean(axis=(0, 1, 2))
    np.testing.assert_allclose(p_y, 0.25, atol=1e-9)


def test_samples_follow_the_table():
    pairs = synthetic.generate(redundancy=6, train=50_000, validation=1, test=1)
    dist = synthetic.distribution(6)
    train = pairs.rows("train")
    a = (pairs.inputs["a"][train] + 1) // 2
    seen = np.hstack([a[:, :6], a[:, 8:9]])  # the shared label bits, and a's own
    codes = seen @ (1 << np.arange(7)[::-1])
    counts = np.zeros((128, 4))
    np.add.at(counts, (codes, pairs.labels[train]), 1)
    expected = dist.conditional(*A) / 128 * len(train)
    chi_square = ((counts - expected) ** 2 / np.maximum(expected, 1e-9))[expected > 1].sum()
    cells = (expected > 1).sum()
    assert abs(chi_square - cells) < 6 * math.sqrt(2 * cells)


def test_modalities_share_eight_bits():
    inputs = synthetic.generate(redundancy=2, train=500, validation=1, test=1).inputs
    assert (inputs["a"][:, :8] == inputs["b"][:, :8]).all()
    agreement = (inputs["a"][:, 8:] == inputs["b"][:, 8:]).mean()
    assert 0.4 < agreement < 0.6
    assert set(np.unique(inputs["a"])) == {-1, 1}


def test_the_published_datasets_stay_bit_for_bit():
    found = hashlib.sha256()
    for redundancy in range(9):
        pairs = synthetic.generate(redundancy=redundancy, train=300, validation=20, test=20).draw(3)
        for x in (*pairs.inputs.values(), pairs.labels):
            found.update(x.astype("int8").tobytes())
    # of the version before nuisance could be chosen
    assert found.hexdigest() == "5c896cc42953fa8ca5ed1ae53019291782a7a8b426b7ae4c96635c575771d74a"


@pytest.mark.parametrize("nuisance", [0, 3])
def test_nuisance_is_shared_and_the_rest_is_private(nuisance):
    inputs = synthetic.generate(
        redundancy=2, nuisance=nuisance, unique=[1, 5], bits=10, train=500, validation=1, test=1
    ).inputs
    alike = (inputs["a"] == inputs["b"]).mean(axis=0)
    assert alike.shape == (10,)
    assert (alike[: 2 + nuisance] == 1).all()
    assert (np.abs(alike[2 + nuisance :] - 0.5) < 0.1).all()


def test_the_facts_of_unlike_modalities_are_those_of_the_whole_table():
    redundancy, nuisance, unique, bits = 2, 1, (1, 2), 5
    pairs = synthetic.generate(
        redundancy=redundancy, nuisance=nuisance, unique=unique, bits=bits, train=10, validation=1,
        test=1,
    )  # fmt: skip
    facts = {(f["modality"], f["fact"]): f["value"] for f in pairs.facts}
    dist = synthetic.distribution(redundancy, unique=unique)
    # p(a, b, y) over all bits of both, nuisance and private ones too
    p = np.zeros((2**bits, 2**bits, 4))
    patterns = synthetic._patterns(bits).astype(int)
    for (i, a), (j, b) in product(enumerate(patterns), repeat=2):
        if (a[:3] == b[:3]).all():
            p[i, j] = dist.table[a[0] * 2 + a[1], a[3], b[3] * 2 + b[4]] / 2**7
    assert p.sum() == pytest.approx(1)

    def entropy(*axes):
        own = p.sum(axis=tuple({0, 1, 2} - set(axes)))
        return synthetic._entropy(own.ravel())

    def with_label(*axes):
        return entropy(*axes) + entropy(2) - entropy(*axes, 2)

    shared = entropy(0) + entropy(1) - entropy(0, 1)
    within = entropy(0, 2) + entropy(1, 2) - entropy(0, 1, 2) - entropy(2)
    for (modality, name), expected in {
        ("a", "mutual_information_bits"): with_label(0),
        ("b", "mutual_information_bits"): with_label(1),
        ("a+b", "mutual_information_bits"): with_label(0, 1),
        ("a+b", "shared_information_bits"): shared,
        ("a+b", "conditional_information_bits"): within,
        ("a+b", "redundancy"): 2,
        ("a+b", "nuisance"): 1,
        ("b", "bayes_accuracy"): p.sum(axis=0).max(axis=1).sum(),
    }.items():
        assert facts[modality, name] == pytest.approx(expected, abs=1e-9), (modality, name)
    assert synthetic.exact_joint(redundancy=redundancy, unique=unique).shape == (8, 16, 4)


def test_heterogeneity_keeps_every_pattern_apart_and_modality_a_as_it_is():
    plain = synthetic.generate(redundancy=4, train=2000, validation=1, test=1)
    warped = synthetic.generate(redundancy=4, train=2000, validation=1, test=1, heterogeneity=10)
    assert (plain.inputs["a"] == warped.inputs["a"]).all()
    assert (plain.labels == warped.labels).all()
    patterns = len(np.unique(plain.inputs["b"], axis=0))
    assert len(np.unique(warped.inputs["b"].round(5), axis=0)) == patterns
    np.testing.assert_allclose(warped.inputs["b"].std(axis=0), 1, atol=0.1)


def test_seed_decides_the_samples():
    first, again, other = (
        synthetic.generate(redundancy=4, train=100, validation=1, test=1, seed=s) for s in (0, 0, 1)
    )
    assert (first.inputs["a"] == again.inputs["a"]).all()
    assert (first.inputs["a"] != other.inputs["a"]).any()
    renamed = synthetic.generate("mine", redundancy=4, train=100, validation=1, test=1)
    assert (first.inputs["a"] != renamed.inputs["a"]).any()


def test_every_seed_has_samples_of_its_own_from_one_population():
    options = {"redundancy": 4, "train": 3000, "validation": 100, "test": 50, "heterogeneity": 3}
    pairs = synthetic.generate("mine", **options)
    draws = [pairs.draw(k) for k in range(3)]
    for modality in "ab":
        assert (draws[0].inputs[modality] == pairs.inputs[modality]).all()
        assert len({d.inputs[modality].tobytes() for d in draws}) == 3
    first, _, last = draws
    assert (pairs.draw(2).labels == last.labels).all()
    assert (last.name, last.facts, last.draw(1)) == ("mine", first.facts, last)
    assert [len(last.rows(s)) for s in ("train", "validation", "test")] == [3000, 100, 50]
    # the network through which b is seen is the same: what one draw shows, the other has too
    seen = [{*map(tuple, d.inputs["b"].round(5).tolist())} for d in draws]
    assert len(seen[0] & seen[2]) > 0.2 * len(seen[0])
    fixed = synthetic.generate("mine", **options, resample="none")
    assert fixed.draw(2) is fixed
    assert (fixed.labels == pairs.labels).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"redundancy": 9}, "redundancy is 9, .*; allowed: 1 to 8 label bits in all"),
        ({"redundancy": 2, "unique": [3, 4]}, "allowed: 1 to 8 label bits in all"),
        ({"redundancy": 0, "unique": [0, 0]}, "allowed: 1 to 8 label bits in all"),
        ({"redundancy": 2, "unique": [3, -1]}, "allowed: 1 to 8 label bits in all"),
        ({"redundancy": 4, "nuisance": 7}, "bits, 12: with redundancy 4 they are 13"),
        ({"redundancy": 8, "bits": 7}, "bits, 7: with redundancy 8 they are 8"),
        ({"redundancy": 4, "temperature": 0}, "temperature is 0; allowed: above 0"),
        ({"redundancy": 4, "heterogeneity": 11}, "heterogeneity is 11; allowed: 0 to 10"),
    ],
)
def test_bad_options(options, message):
    with pytest.raises(ValueError, match=message):
        synthetic.generate(**options)
