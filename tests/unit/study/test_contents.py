"""The names in a file, from its head; and keys that are none of them."""

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from alignsweep.data.readers.columns import READERS, Columns
from alignsweep.study import contents

ARRAYS = {"image": np.zeros((3, 2)), "deep/text": np.zeros((3, 2)), "y": np.arange(3)}
TABLE = pd.DataFrame({"image_0": [1.0], "image_1": [2.0], "text, all": [3.0], "y": [1]})


def hdf5(path):
    import h5py

    with h5py.File(path, "w") as file:
        for name, array in ARRAYS.items():
            file[name] = array


WRITERS = {
    ".npz": lambda path: np.savez(path, **ARRAYS),
    ".safetensors": lambda path: save_file(ARRAYS, path, {"made": "here"}),
    ".h5": hdf5,
    ".hdf5": hdf5,
    ".csv": lambda path: TABLE.to_csv(path, index=False, encoding="utf-8-sig"),
    ".parquet": lambda path: TABLE.to_parquet(path),
}


@pytest.fixture(params=WRITERS)
def path(request, tmp_path):
    path = tmp_path / f"my{request.param}"
    WRITERS[request.param](path)
    return path


def said(path, **options):
    table = path.suffix in (".csv", ".parquet")
    own = {"path": str(path), "label": "y", "split": None, "group": None}
    own["modalities"] = ["image", "text" if table else "deep/text"]
    return list(contents.unknown_keys(own | options, ("datasets", "d")))


def test_names_are_those_that_are_read(path):
    names, found = contents._READERS[path.suffix](path)
    assert sorted(names) == sorted(Columns(path).names)
    assert all(map(found, names))
    assert set(WRITERS) == set(contents._READERS)


def test_a_key_that_is_not_there_is_named_with_those_that_are(path):
    assert not said(path)
    (sentence,) = said(path, label="Y")
    assert sentence.startswith(f'config: datasets.d.label is "Y"; allowed: a key of {path.name}: ')
    assert "y" in sentence.rstrip(".").rpartition(": ")[2].split(", ")
    sentences = said(path, split="s", group="g", modalities={"a": "image", "b": "nothing"})
    places = [sentence.split()[1] for sentence in sentences]
    assert places == ["datasets.d.split", "datasets.d.group", "datasets.d.modalities.b"]


def test_a_file_that_is_damaged_or_of_another_form_is_left_to_what_reads_it(path, tmp_path):
    path.write_bytes(b"\xff" * 20)
    assert not said(path)
    assert not said(tmp_path / "my.other")


def test_a_file_that_ends_otherwise_is_refused(tmp_path):
    (tmp_path / "my.txt").write_text("a b")
    (sentence,) = said(tmp_path / "my.txt")
    assert "path is" in sentence
    assert "allowed: a file that ends in .npz, .safetensors" in sentence
    assert {*contents.ENDINGS, ".npy"} == set(READERS)


def test_a_key_that_is_said_to_be_two_things(path):
    (sentence,) = said(path, modalities={"a": "image", "b": "image"})
    assert 'modalities.b is "image"; allowed: another key than that of a.' in sentence
    (sentence,) = said(path, label="image", modalities=["y", "image"])
    assert "another key than that of label" in sentence
    assert any("masks is" in s for s in said(path, masks={"nothing": None}))
    assert any("masks.image is" in s for s in said(path, masks={"image": "nothing"}))


def test_shapes_are_those_of_samples(tmp_path):
    arrays = {
        "v": np.zeros(4), "s": np.zeros((4, 5, 6)), "i": np.zeros((4, 3, 8, 9), np.uint8)
    }  # fmt: skip
    np.savez(tmp_path / "my.npz", **arrays)
    options = {"path": str(tmp_path / "my.npz"), "modalities": list(arrays)}
    found = {}
    for pair in ("v-s", "s-i"):
        found |= contents.shapes(options | {"pair": pair})
    assert {m: tuple(shape) for m, shape in found.items()} == {
        "v": (1,), "s": (5, 6), "i": (8, 9, 3)
    }  # fmt: skip
    assert contents.shapes({**options, "path": str(tmp_path / "none.csv"), "pair": "v-s"}) == {}


def test_what_is_no_plain_key_is_left_to_what_reads_it(path, tmp_path):
    assert not said(path, group="duplicates")
    if path.suffix == ".csv":
        TABLE.to_csv(path, index=False, sep=";")
        assert not said(path)
    elif path.suffix == ".parquet":
        assert not said(path, modalities=["image_*", "0-511"])
    elif path.suffix == ".h5":
        assert not said(path, modalities=["/image", "/deep/text"])
