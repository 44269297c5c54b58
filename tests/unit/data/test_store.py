import numpy as np
import pytest

from alignsweep.data import store


def make(**changes):
    parts = {
        "name": "toy-x",
        "inputs": {"a": np.zeros((4, 2), np.float32), "b": np.zeros((4, 3), np.int8)},
        "labels": np.array([0, 1, 0, 1]),
        "split": np.array([0, 0, 1, 2], np.int8),
        "classes": 2,
        "facts": [store.fact("a+b", "redundancy", 1)],
    }
    return store.Pairs(**(parts | changes))


def test_round_trip(tmp_path):
    pairs = make()
    store.save(pairs, tmp_path / "data.safetensors")
    again = store.load(tmp_path / "data.safetensors")
    assert again.modalities == ("a", "b")
    assert (again.name, again.classes, again.facts) == (pairs.name, 2, pairs.facts)
    for modality in "ab":
        np.testing.assert_array_equal(again.inputs[modality], pairs.inputs[modality])
        assert again.inputs[modality].dtype == pairs.inputs[modality].dtype
    assert again.rows("train").tolist() == [0, 1]
    assert again.rows("test").tolist() == [3]


def test_summary_has_sizes_and_facts():
    rows = store.summary(make())
    facts = {r["fact"]: r["value"] for r in rows}
    assert facts == {"n_train": 2, "n_validation": 1, "n_test": 1, "classes": 2, "redundancy": 1}
    assert {r["dataset"] for r in rows} == {"toy-x"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"inputs": {"a": np.zeros((4, 2))}}, "two modalities, not 1"),
        ({"inputs": {"a": np.zeros((4, 2)), "b": np.zeros((3, 2))}}, "b has 3 rows, labels 4"),
        (
            {"inputs": {"a": np.zeros((4, 2)), "b": np.full((4, 1), np.nan)}},
            "b has 4 values that are not finite",
        ),
        ({"labels": np.array([0, 1, 2, 1])}, "labels must lie in 0 .. 1"),
        ({"split": np.array([0, 0, 1, 1], np.int8)}, "the test split is empty"),
        ({"split": np.zeros((4, 1), np.int8)}, "must both have shape"),
    ],
)
def test_parts_that_do_not_fit(changes, message):
    with pytest.raises(ValueError, match=message):
        make(**changes)


def sequences(**changes):
    x = np.arange(24, dtype=np.float32).reshape(4, 3, 2)
    mask = np.array([[1, 1, 1], [0, 1, 1], [0, 0, 1], [1, 1, 1]], bool)
    x[~mask] = 0
    return make(**({"inputs": {"a": x, "b": np.ones((4, 1))}, "masks": {"a": mask}} | changes))


def test_numbers_and_masks_round_trip(tmp_path):
    pairs = sequences(labels=np.array([0.5, -1, 2, 0]), classes=None)
    assert pairs.task == "regression"
    store.save(pairs, tmp_path / "data.safetensors")
    again = store.load(tmp_path / "data.safetensors")
    assert again.task == "regression"
    np.testing.assert_array_equal(again.labels, pairs.labels)
    np.testing.assert_array_equal(again.masks["a"], pairs.masks["a"])
    x, mask = again.of("a", np.array([1]))
    assert (x.shape, mask.tolist()) == ((1, 3, 2), [[False, True, True]])
    assert again.of("b", np.array([1]))[1] is None
    facts = {(r["modality"], r["fact"]): r["value"] for r in store.summary(again)}
    assert facts["a", "mean_steps"] == 2.25
    assert ("a+b", "classes") not in facts


def test_vectors_are_flat_inputs_or_moments_over_the_steps_that_are_there():
    pairs = sequences()
    rows = np.array([1, 2])
    np.testing.assert_array_equal(pairs.vectors("b", rows), [[1], [1]])
    x = pairs.inputs["a"]
    expected = [[*x[1, 1:].mean(0), *x[1, 1:].std(0)], [*x[2, 2], 0, 0]]
    np.testing.assert_allclose(pairs.vectors("a", rows), expected)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"masks": {"a": np.ones((4, 2), bool)}}, r"mask of a is bool \(4, 2\); needed: bool"),
        ({"masks": {"a": np.zeros((4, 3), bool)}}, "a sample of a has no step at all"),
        ({"labels": np.array([0, np.nan, 1, 1]), "classes": None}, "1 labels are not finite"),
        ({"labels": np.array([0, 1, 1, 0.5])}, "class labels must be integers, not float64"),
    ],
)
def test_sequences_that_do_not_fit(changes, message):
    with pytest.raises(ValueError, match=message):
        sequences(**changes)
