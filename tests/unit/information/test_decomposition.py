import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alignsweep.data import synthetic
from alignsweep.information import broja

CASES = json.loads((Path(__file__).parents[2] / "reference" / "pid_values.json").read_text())[
    "cases"
]
GATES = {
    "and": ((2, 2, 2), lambda a, b: a & b),
    "xor": ((2, 2, 2), lambda a, b: a ^ b),
    "copy": ((2, 2, 4), lambda a, b: 2 * a + b),
    "unique1": ((2, 2, 2), lambda a, b: a),
}
# The reference stops balancing at numpy.allclose(p, 0.25, atol=0.01).
REFERENCE_TOLERANCE = 0.01 + 0.25e-5


def table(name):
    if name in GATES:
        shape, gate = GATES[name]
        joint = np.zeros(shape)
        for a in range(2):
            for b in range(2):
                joint[a, b, gate(a, b)] = 0.25
        return joint
    if name == "redundant":
        joint = np.zeros((2, 2, 2))
        joint[0, 0, 0] = joint[1, 1, 1] = 0.5
        return joint
    if name.startswith("rand"):
        shape = tuple(map(int, name.removeprefix("rand").split("x")))
        return np.random.RandomState(0).dirichlet(np.ones(np.prod(shape))).reshape(shape)
    return synthetic.exact_joint(redundancy=int(name[1:]), balance_tolerance=REFERENCE_TOLERANCE)


@pytest.mark.parametrize("name", CASES)
def test_reference(name):
    case, joint = CASES[name], table(name)
    found = broja(joint)
    nats = np.log(2)
    slack = case["reference_uncertainty"] / nats + 1e-4
    reference = case["reference_nats"]
    assert found.redundancy == pytest.approx(reference["redundancy"] / nats, abs=slack)
    assert found.unique_a == pytest.approx(reference["unique1"] / nats, abs=slack)
    assert found.unique_b == pytest.approx(reference["unique2"] / nats, abs=slack)
    assert found.synergy == pytest.approx(reference["synergy"] / nats, abs=slack)
    assert 0 <= found.gap < 1e-4
    if "known_answer_bits" in case:
        known = case["known_answer_bits"]
        assert found.redundancy == pytest.approx(known["redundancy"], abs=1e-6)
        assert found.unique_a == pytest.approx(known["unique1"], abs=1e-6)
        assert found.unique_b == pytest.approx(known["unique2"], abs=1e-6)
        assert found.synergy == pytest.approx(known["synergy"], abs=1e-6)


def information(p):
    joint = p[p > 0]
    outer = (p.sum(1, keepdims=True) * p.sum(0, keepdims=True))[p > 0]
    return float((joint * np.log2(joint / outer)).sum())


@settings(max_examples=30, deadline=None)
@given(
    shape=st.tuples(st.integers(1, 5), st.integers(1, 6), st.integers(2, 4)),
    sparse=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_identities_bounds_and_symmetry(shape, sparse, seed):
    rng = np.random.default_rng(seed)
    joint = rng.dirichlet(np.ones(np.prod(shape)) * (0.2 if sparse else 1)).reshape(shape)
    if sparse:
        joint[rng.random(shape) < 0.4] = 0
    joint += 1e-3 * (joint.sum((0, 1)) == 0)  # no class without probability
    joint /= joint.sum()
    d = broja(joint)
    assert d.redundancy + d.unique_a == pytest.approx(information(joint.sum(1)), abs=1e-9)
    assert d.redundancy + d.unique_b == pytest.approx(information(joint.sum(0)), abs=1e-9)
    total = information(joint.reshape(-1, shape[2]))
    atoms = d.redundancy + d.unique_a + d.unique_b + d.synergy
    assert atoms == pytest.approx(total, abs=1e-9)
    assert min(d.unique_a, d.unique_b) >= -1e-12
    assert min(d.redundancy, d.synergy) >= -d.gap - 1e-9
    assert 0 <= d.gap < 1e-4
    other = broja(joint.transpose(1, 0, 2))
    assert other.redundancy == pytest.approx(d.redundancy, abs=d.gap + other.gap + 1e-9)
    order = rng.permutation(shape[0])
    assert broja(joint[order]).redundancy == pytest.approx(d.redundancy, abs=2e-6)


def test_splitting_a_value_changes_nothing():
    joint = table("rand10x10x4")
    split = np.concatenate([joint[:1] * 0.3, joint[:1] * 0.7, joint[1:]])
    assert broja(split).redundancy == pytest.approx(broja(joint).redundancy, abs=2e-6)


@pytest.mark.parametrize(
    ("joint", "message"),
    [
        (np.ones((2, 2)) / 4, r"shape \(2, 2\); needed: \(n_a, n_b, n_y\)"),
        (np.full((2, 2, 2), np.nan), "8 values are not finite"),
        (np.array([[[1.5, -0.5]]]), "the value -0.5 is negative"),
        (np.ones((2, 2, 2)), "sums to 8; needed: 1"),
        (np.array([[[0.5, 0.0]], [[0.5, 0.0]]]), "class 1 has no probability"),
    ],
)
def test_bad_tables(joint, message):
    with pytest.raises(ValueError, match=message):
        broja(joint)
