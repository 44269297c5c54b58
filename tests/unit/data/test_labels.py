"""What labels are taken for."""

import numpy as np
import pytest

from alignsweep.data import labels
from alignsweep.data.readers.columns import Columns

N = 120
RNG = np.random.default_rng(0)


def read(tmp_path, values, task=None):
    np.savez(tmp_path / "my.npz", label=values)
    return labels.read(Columns(tmp_path / "my.npz"), "label", task)


@pytest.mark.parametrize(
    ("values", "classes", "guessed"),
    [
        (np.arange(N) % 2 * 1.0, 2, True),  # 0. and 1.
        (np.arange(N) % 5 + 1.0, 5, True),  # stars
        (np.arange(N) % 40, 40, True),  # ids of classes
        (np.arange(N) % 40 + 1, 40, True),
        (np.arange(N) % 2 - 0.5, 2, True),
        (np.where(np.arange(N) % 2, 3, 700), 2, True),
        (np.arange(N) % 2 == 0, 2, False),
        (np.array([b"cat", b"dog"])[np.arange(N) % 2], 2, False),
        (np.arange(N), None, True),
        (18 + np.arange(N) % 40, None, True),  # ages
        (RNG.normal(size=N), None, False),
        (np.arange(N) % 7 / 2, None, False),
    ],
)
def test_the_guess(tmp_path, values, classes, guessed):
    found = read(tmp_path, values)
    assert (found.classes, found.guessed) == (classes, guessed)
    assert found.task == ("classification" if classes else "regression")


def test_a_task_that_is_given_is_no_guess(tmp_path):
    found = read(tmp_path, np.arange(N) % 40, "regression")
    assert (found.classes, found.guessed) == (None, False)


def test_whole_floats_and_bytes_have_plain_names(tmp_path):
    assert read(tmp_path, np.arange(N) % 3 * 1.0).names == ["0", "1", "2"]
    assert read(tmp_path, np.array([b"caf\xc3\xa9", b"tea"])[np.arange(N) % 2]).names == [
        "café", "tea",
    ]  # fmt: skip


def test_one_hot_labels_are_classes(tmp_path):
    ids = RNG.permutation(np.arange(N) % 4)
    for kind in ("f4", "?", "i8"):
        found = read(tmp_path, np.eye(4, dtype=kind)[ids])
        np.testing.assert_array_equal(found.values, ids)
        assert "one-hot" in found.notes[0]


@pytest.mark.parametrize(
    ("values", "task", "sentence"),
    [
        (np.ones((N, 3), dtype=int), None, "have 3 classes in row 0; needed: one class per row"),
        (np.full((N, 3), 1 / 3), None, "of 0 and 1 (of probabilities, write the likeliest"),
        (np.where(np.arange(N) < 9, -100, np.arange(N) % 3), None, "are -100 in 9 rows, which"),
        (np.where(np.arange(N) < 9, -100, np.arange(N) % 3) * 1.0, None, "are -100 in 9 rows"),
        (np.arange(N) % 60, "classification", "class 0 of 'label' has 2 samples (and 59 more"),
        (np.ones(N), "regression", "are 1.0 in every row; needed: different numbers"),
        (np.where(np.arange(N) == 7, np.nan, 1), None, "1 labels ('label') are missing or"),
        (np.array([]), None, "labels 'label' are empty, of shape (0,); needed: one for every row"),
        (np.eye(3)[np.arange(N) % 3].T, None, "needed: one-hot (n, classes) (transpose it)"),
        ((np.arange(N) / 7).astype(str), None, "or write them as numbers, not as text, if these"),
        (np.array(["2020-01-01"] * N, dtype="M8[D]"), None, "write times as numbers"),
    ],
)
def test_what_is_refused(tmp_path, values, task, sentence):
    with pytest.raises(ValueError, match=r"my.npz: .*label") as error:
        read(tmp_path, values, task)
    assert sentence in str(error.value)
    assert "seed" not in str(error.value)


def test_names_that_may_mean_nothing_or_the_same_are_said(tmp_path):
    notes = read(tmp_path, np.array(["nan", "dog", "Dog "])[np.arange(N) % 3]).notes
    assert any("'nan' of 'label' (40 samples) is taken for a class of its own" in n for n in notes)
    assert "classes 'Dog ' and 'dog' of 'label' differ in spaces or capitals alone" in notes
    numbers = np.array(["1", "1.0", str(2**70), str(2**70 + 1)])[np.arange(N) % 4]
    notes = read(tmp_path, numbers).notes
    assert notes == ("classes '1' and '1.0' of 'label' are the same number",)


def test_a_column_without_gaps_has_no_text_that_means_nothing(tmp_path):
    np.savez(tmp_path / "my.npz", who=np.array(["ann", "nan"])[np.arange(N) % 2])
    with pytest.raises(ValueError, match=r"my.npz: group 'who': 60 values are missing, the first"):
        labels.column(Columns(tmp_path / "my.npz"), "who", "group")


def test_whole_numbers_that_are_taken_for_numbers_are_said(tmp_path):
    note = "different whole numbers in 'label' are taken for numbers; if they are classes, write"
    ages, rows = (read(tmp_path, values).notes for values in (18 + np.arange(N) % 40, np.arange(N)))
    assert f"40 {note}" in ages[0]
    assert "number the rows" not in ages[0]
    assert f"{N} {note}" in rows[0]
    assert "if they number the rows, name another key" in rows[0]
    assert not read(tmp_path, np.arange(N), "regression").notes
    assert not read(tmp_path, RNG.normal(size=N)).notes
    few = read(tmp_path, np.arange(N) % 7 / 2).notes
    assert few[0].startswith("7 different numbers in 'label' are taken for numbers; if they are")


def test_marks_of_no_label_are_said(tmp_path):
    for mark in (99, 255, 9999):
        found = read(tmp_path, np.where(np.arange(N) < 9, mark, np.arange(N) % 3))
        assert found.notes[0].startswith(f"label {mark} (9 rows) is taken for a class of its own")
    assert not read(tmp_path, np.arange(N) % 20 * 10).notes
    assert not read(tmp_path, np.repeat(np.arange(256), 3).astype(np.uint8)).notes
    assert "-1 (40 rows)" in read(tmp_path, np.arange(N) % 3 - 1).notes[0]
    assert not read(tmp_path, np.arange(N) % 2 * 2 - 1).notes
    numbers = np.where(np.arange(N) < 9, -100, RNG.uniform(0, 5, N))
    assert "9 labels are -100" in read(tmp_path, numbers, "regression").notes[0]
