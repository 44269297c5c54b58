import json
import os
import stat

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import save_file

from alignsweep.damage import DamagedError
from alignsweep.data import store
from alignsweep.data.resampling import Resampling
from alignsweep.data.tensors import save_tensors


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


def test_inputs_stay_in_the_file_until_they_are_read(tmp_path):
    pairs = make(inputs={"a": np.arange(8.0).reshape(4, 2), "b": np.zeros((4, 0), np.float32)})
    path = tmp_path / "data.safetensors"
    store.save(pairs, path)
    again = store.load(path)
    assert isinstance(again.inputs["a"], np.memmap)
    again.inputs["a"][0] = 7  # reaches memory alone
    np.testing.assert_array_equal(store.load(path).inputs["a"], pairs.inputs["a"])
    assert again.inputs["b"].shape == (4, 0)


def test_strided_parts_round_trip(tmp_path):
    table = np.arange(12).reshape(4, 3) % 2
    codes = np.array([[0, 2], [0, 1], [1, 2], [2, 0]], np.int8)
    wide = np.arange(24.0).reshape(2, 3, 4).T  # neither C nor Fortran once it is cut
    pairs = make(
        inputs={"a": wide[:, ::2], "b": np.ones((4, 3))[::-1]},
        labels=table[:, 1],
        split=codes[:, 0],
    )
    store.save(pairs, tmp_path / "data.safetensors")
    again = store.load(tmp_path / "data.safetensors")
    np.testing.assert_array_equal(again.labels, table[:, 1])
    np.testing.assert_array_equal(again.split, codes[:, 0])
    np.testing.assert_array_equal(again.inputs["a"], wide[:, ::2])


@pytest.mark.parametrize("umask", [0o022, 0o002, 0o077])
def test_others_can_read_what_the_umask_lets_them(tmp_path, umask):
    path = tmp_path / "data.safetensors"
    stale = tmp_path / "data.safetensors.part"
    stale.touch(0o600)
    before = os.umask(umask)
    try:
        store.save(make(), path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o666 & ~umask
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_appears_when_it_is_whole(tmp_path):
    path = tmp_path / "data.safetensors"
    save_tensors({"x": np.array(1.5)}, path, {"key": "first"})
    with pytest.raises(TypeError, match="array of references"):
        save_tensors({"x": np.array([None])}, path, {"key": "second"})
    assert list(tmp_path.iterdir()) == [path]
    with safe_open(str(path), framework="numpy") as file:
        assert json.loads(file.metadata()["alignsweep"])["key"] == "first"
        assert file.get_tensor("x").shape == ()
        assert file.get_tensor("x") == 1.5


@pytest.mark.parametrize("metadata", [None, {"other": "{}"}, {"alignsweep": "{"}])
def test_another_file_of_tensors_is_named(tmp_path, metadata):
    save_file({"labels": np.arange(3)}, tmp_path / "my.safetensors", metadata)
    with pytest.raises(DamagedError, match=r"my\.safetensors cannot be read .*remove it"):
        store.load(tmp_path / "my.safetensors")


def test_a_damaged_file_is_named_and_a_missing_one_is_missing(tmp_path):
    path = tmp_path / "data.safetensors"
    with pytest.raises(FileNotFoundError):
        store.load(path)
    store.save(make(), path)
    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(DamagedError, match=r"data\.safetensors has not the tensors"):
        store.load(path)


def test_the_data_of_another_dataset_are_named(tmp_path):
    path = tmp_path / "data.safetensors"
    store.save(make(), path)
    assert store.load(path, "toy-x").name == "toy-x"
    with pytest.raises(DamagedError, match="is of dataset toy-x, and stands for toy-y"):
        store.load(path, "toy-y")


def test_summary_has_sizes_and_facts():
    rows = store.summary(make())
    assert [(r["modality"], r["fact"], r["value"]) for r in rows] == [
        ("a+b", "n_train", 2),
        ("a+b", "n_validation", 1),
        ("a+b", "n_test", 1),
        ("a+b", "classes", 2),
        ("a", "components", 1),
        ("b", "components", 1),
        ("a+b", "redundancy", 1),
    ]
    assert {r["dataset"] for r in rows} == {"toy-x"}


def test_components_hold_nine_tenths_of_the_training_variance(rng):
    n = 600
    a = rng.normal(size=(n, 8)) * [3, 3, 3, 3, 0.2, 0.2, 0.2, 0.2]
    a[n // 2 :, 4:] *= 1000  # of validation and test, which do not count
    b = rng.normal(size=(n, 2, 3)) @ np.diag([10, 0.1, 0.1])
    parts = {"labels": np.arange(n) % 2, "split": store.split_codes(n // 2, n // 4, n // 4)}
    pairs = make(inputs={"a": a, "b": b}, **parts)
    facts = {(r["modality"], r["fact"]): r["value"] for r in store.summary(pairs)}
    assert facts["a", "components"] == 4
    assert facts["b", "components"] == 2  # one direction of each of two steps


def test_sizes_are_those_of_the_data_of_a_seed():
    n = 40
    pairs = make(
        inputs={m: np.arange(n, dtype=np.float32)[:, None] for m in "ab"},
        labels=np.arange(n) % 2,
        split=store.split_codes(20, 10, 10),
        groups=np.arange(n) // 2,
        resampling=Resampling("choice", (12, 4, 10)),
    )
    facts = {r["fact"]: r["value"] for r in store.summary(pairs)}
    assert [facts[f"n_{s}"] for s in store.SPLITS] == [12, 4, 10]
    assert facts["groups"] == len(np.unique(pairs.draw(0).groups)) < 20


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
        ({"split": np.array([0, 0, 1, 3], np.int8)}, "split must be 0, 1 or 2"),
        ({"groups": np.zeros(3, np.int64)}, r"groups must have shape \(4,\)"),
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


def sorted_by_class(**changes):
    n = 60
    parts = {
        "inputs": {"a": np.zeros((n, 1)), "b": np.zeros((n, 1))},
        "labels": np.tile(np.repeat([0, 1, 2], [12, 5, 3]), 3),
        "split": np.repeat(np.arange(3, dtype=np.int8), n // 3),
        "classes": 3,
    }
    return make(**parts | changes)


def test_a_sample_of_a_split_has_all_classes_whatever_the_order_of_the_file():
    pairs = sorted_by_class()
    rows = pairs.sample("validation", 5, seed=0)
    assert np.isin(rows, pairs.rows("validation")).all()
    assert sorted(pairs.labels[rows]) == [0, 0, 0, 1, 2]
    assert rows.tolist() == pairs.sample("validation", 5, seed=0).tolist()
    assert rows.tolist() != pairs.sample("validation", 5, seed=1).tolist()
    assert sorted(pairs.sample("test", 20, seed=0)) == pairs.rows("test").tolist()


def test_a_sample_of_numbers():
    pairs = sorted_by_class(labels=np.linspace(-1, 1, 60), classes=None)
    rows = pairs.sample("train", 7, seed=0)
    assert len({*rows.tolist()}) == 7
    assert np.isin(rows, pairs.rows("train")).all()
    assert rows.tolist() != sorted(rows.tolist())
