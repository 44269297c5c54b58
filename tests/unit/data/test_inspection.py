"""What is told of a file before a study is written."""

import numpy as np
import pandas as pd
import pytest
import yaml

from alignsweep.data import files
from alignsweep.data.inspection import inspect
from alignsweep.data.readers.columns import Columns

N = 120
RNG = np.random.default_rng(0)


def arrays(**changes):
    made = {
        "image_emb": RNG.normal(size=(N, 8)).astype(np.float32),
        "text": RNG.normal(size=(N, 6, 4)),
        "text_lengths": RNG.integers(1, 7, N),
        "label": np.arange(N) % 30,
        "part": np.repeat(["train", "val", "test"], 40),
        "speaker": np.arange(N) // 4,
        "names": np.arange(7),
    }
    return {k: v for k, v in (made | changes).items() if v is not None}


def npz(tmp_path, **changes):
    np.savez(tmp_path / "my.npz", **arrays(**changes))
    return tmp_path / "my.npz"


def test_all_of_it_is_guessed_and_the_yaml_is_what_a_study_reads(tmp_path):
    found = inspect(npz(tmp_path, label=np.arange(N) % 10))
    assert {m: (e.key, *e.form) for m, e in found.modalities.items()} == {
        "image_emb": ("image_emb", (N, 8), "float32"),
        "text": ("text", (N, 6, 4), "float64"),
    }
    assert (found.label, found.labels.task, found.metric) == ("label", "classification", "accuracy")
    assert found.counts == {str(i): 12 for i in range(10)}
    assert (found.split, found.splits) == ("part", dict.fromkeys(found.splits, 40))
    assert (found.group, found.groups) == ("speaker", 30)
    assert found.masks == {"text": "text_lengths"}
    assert found.warnings == ()
    own = yaml.safe_load(found.yaml)["datasets"]["my"]
    assert own.pop("kind") == "files"
    pairs = files.load(pair="image_emb-text", **own)
    assert pairs.classes == 10
    assert list(pairs.masks) == ["text"]


def test_the_text_says_what_a_terminal_should(tmp_path):
    text = str(inspect(npz(tmp_path, part=None)))
    for line in (
        "  image_emb  (120, 8) float32",
        "modalities: image_emb, text",
        "label: label: classification, 30 classes (0, 1, 2, 3, 4, ...); scored by accuracy, by a "
        "guess: `task` says it for sure",
        "split: drawn",
        "groups: speaker",
        "    kind: files",
    ):
        assert line in text
    assert "is in train" not in text


def test_a_table_shows_numbered_columns_as_one(tmp_path):
    columns = {f"image_{i}": RNG.normal(size=N) for i in range(4)}
    columns |= {f"txt.{i}": RNG.normal(size=N) for i in range(3)}
    columns |= {"id": np.arange(N), "y": RNG.normal(size=N)}
    pd.DataFrame(columns).to_csv(tmp_path / "t.csv", index=False)
    found = inspect(tmp_path / "t.csv")
    assert [str(e) for e in found.entries] == [
        "image  (120, 4) float64, in 4 columns", "txt  (120, 3) float64, in 3 columns",
        "id  (120,) int64", "y  (120,) float64",
    ]  # fmt: skip
    assert (list(found.modalities), found.metric) == (["image", "txt"], "correlation")
    assert found.splits == {"train": 72, "validation": 24, "test": 24}


def test_what_is_missing_or_refused_is_a_warning(tmp_path):
    found = inspect(npz(tmp_path, label=None, text=None))
    assert found.warnings[0].startswith("1 modalities were found, and a study needs two")
    assert found.warnings[1].startswith("no label was found under label, labels, y")
    assert "FILL IN" in found.yaml
    found = inspect(npz(tmp_path, label=np.where(np.arange(N) < 2, -100, np.arange(N) % 3)))
    assert "labels 'label' are -100 in 2 rows" in found.warnings[0]
    found = inspect(npz(tmp_path, text=np.full((N, 3), np.nan)))
    assert "modality text ('text') has 360 missing" in found.warnings[0]


def test_what_is_given_is_taken(tmp_path):
    found = inspect(
        npz(tmp_path), modalities={"a": "text", "b": "image_emb"}, label="speaker",
        task="regression", group="duplicates",
    )  # fmt: skip
    assert (list(found.modalities), found.label, found.metric) == (
        ["a", "b"], "speaker", "correlation",
    )  # fmt: skip
    assert "modalities: {a: text, b: image_emb}" in found.yaml
    with pytest.raises(ValueError, match=r"my.npz: no 'c'; there are: image_emb"):
        inspect(npz(tmp_path), modalities=["c"])


def test_what_is_not_to_be_guessed_is_not(tmp_path):
    named = ["image_emb", "text"]
    path = npz(tmp_path, label=np.arange(N) % 10)
    found = inspect(path, modalities=named, label="label", guess=False)
    assert (found.split, found.group, found.masks) == (None, None, {})
    assert any("'text_lengths' is not used" in said for said in found.warnings)


@pytest.mark.parametrize(
    ("changes", "warning"),
    [
        ({"label": np.arange(N - 1) % 3}, "image_emb has 120 rows and label 119"),
        ({"label": np.array(3)}, "'label' has shape (); needed: (n,)"),
        ({"text": RNG.normal(size=(4, N))}, "text  (4, 120) float64 has other rows than the 120"),
        ({"text": np.zeros(N, dtype="f8,f8")}, "'text' holds [('f0', '<f8'), ('f1', '<f8')]"),
    ],
)
def test_what_does_not_fit_is_said_and_not_that_it_is_not_there(tmp_path, changes, warning):
    found = inspect(npz(tmp_path, text_lengths=None, names=None, **changes))
    assert found.label == "label"
    assert any(warning in said for said in found.warnings)


def test_one_pixel_is_enough_to_be_wide(tmp_path):
    found = inspect(npz(tmp_path, text=RNG.normal(size=(N, 1, 8, 6)), text_lengths=None))
    assert list(found.modalities) == ["image_emb", "text"]


def test_lists_in_cells_are_arrays(tmp_path):
    lists = {m: [str(row) for row in RNG.normal(size=(N, 3)).tolist()] for m in ("image", "text")}
    pd.DataFrame(lists | {"label": np.arange(N) % 3, "note": "(see below)"}).to_csv(
        tmp_path / "t.csv", index=False
    )
    found = inspect(tmp_path / "t.csv")
    assert {m: e.form.shape for m, e in found.modalities.items()} == {
        "image": (N, 3), "text": (N, 3),
    }  # fmt: skip


def test_a_guessed_group_crosses_no_split(tmp_path):
    assert inspect(npz(tmp_path, part=np.tile(["train", "val", "test"], 40))).group is None


def test_only_what_is_used_is_read(tmp_path, monkeypatch):
    read = []
    get = Columns.get
    monkeypatch.setattr(Columns, "get", lambda self, name: read.append(name) or get(self, name))
    inspect(npz(tmp_path, large=np.zeros(10**6)))
    assert "large" not in read
    assert "names" not in read
