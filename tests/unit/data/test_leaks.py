"""Samples in several splits, and inputs that tell the label."""

import logging

import numpy as np
import pytest

from alignsweep.data import files, leaks

N = 100
RNG = np.random.default_rng(0)


def load(tmp_path, group=None, **arrays):
    made = {"image": RNG.normal(size=(N, 4)), "text": RNG.normal(size=(N, 3))}
    made["label"] = np.arange(N) // 5 % 4
    np.savez(tmp_path / "my.npz", **made | arrays)
    return files.load(
        path=str(tmp_path / "my.npz"), modalities=["image", "text"], pair="image-text",
        label="label", group=group,
    )  # fmt: skip


def facts(pairs):
    return {(f["modality"], f["fact"]): f["value"] for f in pairs.facts}


def test_samples_in_several_splits_are_counted_and_can_be_kept_together(tmp_path, caplog):
    image = np.repeat(RNG.normal(size=(20, 4)), 5, axis=0)
    pairs = load(tmp_path, image=image)
    ids = np.repeat(np.arange(20), 5)
    across = np.isin(ids[pairs.split > 0], ids[pairs.split == 0]).sum()
    assert facts(pairs)["image", "duplicates_across_splits"] == across > 10
    assert f"image: {across} of 40 samples of validation and test" in caplog.text
    kept = load(tmp_path, "duplicates", image=image)
    assert len(np.unique(kept.groups)) == 20
    assert not {k for k in facts(kept) if "duplicates" in k[1]}
    for seed in range(3):
        split = kept.draw(seed).split.reshape(20, 5)
        assert (split == split[:, :1]).all()


def test_groups_of_duplicates_join_over_both_modalities():
    a = np.array([[1.0], [1.0], [2.0], [3.0], [-0.0], [0.0]])
    b = np.array([[5], [6], [6], [7], [8], [9]])
    # rows of zeros only are missing, and like no other
    assert leaks.duplicate_groups([a, b]).tolist() == [0, 0, 0, 1, 2, 3]
    assert leaks.alike(np.array([[1, -0.0], [1, 0.0]])).tolist() == [0, 0]


def test_a_key_called_duplicates_is_a_key(tmp_path):
    assert len(np.unique(load(tmp_path, "duplicates", duplicates=np.arange(N) // 4).groups)) == 25


@pytest.mark.parametrize(
    ("feature", "told"),
    [
        (np.arange(N) // 5 % 4, True),
        (np.array([7.0, 3.0, 5.0, 1.0])[np.arange(N) // 5 % 4], True),
        (np.arange(N) // 5 % 4 + RNG.uniform(0, 0.9, N), True),
        (np.arange(N) // 5, True),
        (np.arange(N) * 1.0, False),
        (np.arange(N) // 5 % 2, False),
        (np.arange(N) // 5 % 4 + RNG.uniform(0, 1.5, N), False),
    ],
)
def test_a_feature_that_tells_the_label_is_said(tmp_path, caplog, feature, told):
    image = RNG.normal(size=(N, 4))
    image[:, 2] = feature
    found = facts(load(tmp_path, image=image))
    assert (("image", "telling_features") in found) == told
    assert ("image: 'image'[:, 2] alone tells the label" in caplog.text) == told


def test_features_of_rows_that_are_repeated_tell_the_row_alone(tmp_path):
    image = np.repeat(RNG.normal(size=(20, 4)), 5, axis=0)
    assert ("image", "telling_features") not in facts(load(tmp_path, image=image))
    image[:, 1] = np.arange(N) // 5 % 4
    assert facts(load(tmp_path, image=image))["image", "telling_features"] == 1


def test_a_category_that_decides_the_label_is_found_among_many_rows(tmp_path):
    n = 4000
    label, category = RNG.integers(0, 4, n), RNG.integers(0, 200, n)
    image = RNG.normal(size=(n, 3))
    image[:, 1] = 4 * category + label
    found = load(tmp_path, image=image, text=RNG.normal(size=(n, 2)), label=label)
    assert facts(found)["image", "telling_features"] == 1


def test_a_modality_that_is_the_label_is_said(tmp_path):
    found = facts(load(tmp_path, image=np.eye(4)[np.arange(N) // 5 % 4]))
    assert found["image", "is_label"] == 4


def test_numbers_that_a_feature_rises_with_are_told(tmp_path):
    label = RNG.normal(size=N)
    image = RNG.normal(size=(N, 4))
    image[:, 1] = np.exp(-label)
    assert facts(load(tmp_path, image=image, label=label))["image", "telling_features"] == 1


def test_two_modalities_of_the_same_inputs_are_said(tmp_path):
    x = RNG.normal(size=(N, 3))
    assert facts(load(tmp_path, image=x, text=x))["image+text", "same_inputs"] == N


def test_nothing_is_said_of_ordinary_data(tmp_path, caplog):
    caplog.set_level(logging.WARNING)
    label = np.array(["a", "b", "c"])[np.arange(N) % 3]
    assert load(tmp_path, label=label).facts == []
    assert not caplog.records
