import logging
import zipfile

import h5py
import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from alignsweep.data import files, store

N = 60
SHAPES = {"image": 4, "text": 3, "audio": 2}


def made(seed=0):
    rng = np.random.default_rng(seed)
    arrays = {m: rng.normal(3, 2, (N, width)) for m, width in SHAPES.items()}
    arrays["label"] = np.array(["dog", "cat", "emu"])[np.arange(N) % 3]
    arrays["speaker"] = np.arange(N) // 5
    return arrays


def as_table(arrays):
    columns = {}
    for name, x in arrays.items():
        if x.ndim == 1:
            columns[name] = x
        else:
            columns |= {f"{name}_{i}": x[:, i] for i in range(x.shape[1])}
    return pd.DataFrame(columns)


def as_h5(path, arrays):
    with h5py.File(path, "w") as file:
        for name, x in arrays.items():
            text = x.dtype.kind == "U"
            file.create_dataset(name, data=x.astype(object) if text else x,
                                dtype=h5py.string_dtype() if text else None)  # fmt: skip


WRITERS = {
    "my.npz": lambda path, arrays: np.savez(path, **arrays),
    "my.h5": as_h5,
    "my.csv": lambda path, arrays: as_table(arrays).to_csv(path, index=False),
    "my.parquet": lambda path, arrays: as_table(arrays).to_parquet(path),
}


def write(folder, name="my.npz", **changes):
    arrays = {k: v for k, v in (made() | changes).items() if v is not None}
    WRITERS[name](folder / name, arrays)
    return str(folder / name)


def load(path, pair="image-text", **options):
    given = {"modalities": list(SHAPES), "label": "label"}
    return files.load(path=path, pair=pair, **(given | options))


@pytest.mark.parametrize("name", WRITERS)
def test_every_format_gives_the_same_pairs(tmp_path, name):
    own, first = load(write(tmp_path, name)), load(write(tmp_path, "my.npz"))
    assert own.classes == 3
    assert {m: x.shape for m, x in own.inputs.items()} == {"image": (N, 4), "text": (N, 3)}
    np.testing.assert_array_equal(own.labels, np.array([1, 0, 2])[np.arange(N) % 3])
    np.testing.assert_array_equal(own.split, first.split)
    for modality, x in own.inputs.items():
        np.testing.assert_allclose(x, first.inputs[modality], rtol=1e-6)


def test_classes_are_numbered_in_sorted_order_and_named_in_the_log(tmp_path, caplog):
    caplog.set_level(logging.INFO)
    labels = load(write(tmp_path)).labels
    np.testing.assert_array_equal(labels[:3], [1, 0, 2])
    assert "classes: 0 cat, 1 dog, 2 emu" in caplog.text


def test_safetensors_are_read(tmp_path):
    numbers = {k: np.ascontiguousarray(v) for k, v in made().items() if k != "label"}
    save_file(numbers | {"label": np.arange(N) % 2}, tmp_path / "my.safetensors")
    assert load(str(tmp_path / "my.safetensors")).classes == 2


def test_a_key_may_have_another_name_and_a_modality_steps(tmp_path):
    path = write(tmp_path, clip=np.random.default_rng(0).normal(size=(N, 5, 6)))
    pairs = load(path, "text-vision", modalities={"vision": "clip", "text": "text"})
    assert {m: x.shape for m, x in pairs.inputs.items()} == {"text": (N, 3), "vision": (N, 5, 6)}


def test_inputs_are_standardised_by_the_training_split(tmp_path):
    part = np.array(["train", "val", "test"])[np.arange(N) // 20]
    path = write(tmp_path, part=part)
    given, drawn = load(path, split="part"), load(path)
    for pairs in (given, drawn.draw(0), drawn.draw(1)):
        x = pairs.inputs["image"][pairs.split == 0]
        np.testing.assert_allclose(x.mean(axis=0), 0, atol=1e-5)
        np.testing.assert_allclose(x.std(axis=0), 1, atol=1e-5)


@pytest.mark.parametrize(
    ("labels", "task", "classes"),
    [
        (np.linspace(0, 1, N), None, None),
        (np.arange(N), None, None),
        (np.arange(N) % 20, None, 20),
        (np.arange(N) % 20, "regression", None),
        (np.arange(N) % 2 == 0, None, 2),
        (np.arange(N) % 2 / 2, "classification", 2),
    ],
)
def test_the_task_follows_from_the_labels_unless_it_is_given(tmp_path, labels, task, classes):
    # 20 classes of three samples: one for each split
    shares = {"validation": 1 / 3, "test": 1 / 3}
    assert load(write(tmp_path, label=labels), task=task, **shares).classes == classes


def test_a_split_that_is_drawn_holds_its_shares_within_classes(tmp_path):
    path = write(tmp_path)
    pairs = load(path)
    assert np.bincount(pairs.split).tolist() == [36, 12, 12]
    assert np.bincount(pairs.labels[pairs.split == 2]).tolist() == [4, 4, 4]
    assert (load(path).split == pairs.split).all()
    assert (load(path, seed=1).split != pairs.split).any()
    splits = [pairs.draw(k).split for k in range(4)]
    assert (splits[0] == pairs.split).all()
    assert len({s.tobytes() for s in splits}) == 4
    for split in splits:
        for position, each in enumerate((12, 4, 4)):
            assert np.bincount(pairs.labels[split == position]).tolist() == [each] * 3
    fixed = load(path, resample="none")
    assert (fixed.draw(3).split == pairs.split).all()


def test_groups_do_not_cross_splits(tmp_path):
    path = write(tmp_path)
    for seed in range(5):
        pairs = load(path, group="speaker", seed=seed // 3).draw(seed)
        np.testing.assert_array_equal(pairs.groups, made()["speaker"])
        splits = {(g, s) for g, s in zip(made()["speaker"], pairs.split, strict=True)}
        assert len(splits) == 12
        assert (abs(np.bincount(pairs.split) / N - [0.6, 0.2, 0.2]) <= 5 / N).all()


def test_a_given_split_is_kept(tmp_path):
    names = np.array(["train", "train", "VAL", "test", "train"])[np.arange(N) // 12]
    pairs = load(write(tmp_path, part=names), split="part")
    assert [store.SPLITS[c] for c in pairs.split[::12]] == [
        "train", "train", "validation", "test", "train",
    ]  # fmt: skip
    assert pairs.draw(5) is pairs


def holed(x, value):
    return np.where(np.arange(N)[:, None] == 7, value, x)


@pytest.mark.parametrize(
    ("changes", "options", "sentence"),
    [
        ({}, {"label": "target"}, "no 'target'; there are: image, text, audio, label, speaker"),
        ({"text": None}, {}, "no 'text'; there are: image, audio, label, speaker"),
        ({"text": made()["text"][:50]}, {}, "image has 60 rows and text 50; needed: the same"),
        (
            {"text": holed(made()["text"], np.nan)},
            {},
            "modality text ('text') has 3 missing or infinite values, the first in row 7; needed",
        ),
        ({"label": np.array(["dog"] * N)}, {}, "labels 'label' have one class, dog; needed: two"),
        ({"label": np.full(N, np.nan)}, {}, "60 labels ('label') are missing or infinite"),
        ({}, {"task": "regression"}, "labels 'label' are text; needed for regression: numbers"),
        ({"text": np.array(["a"] * N)}, {}, "'text' is text, such as 'a'; needed: numbers"),
        ({"text": np.array([None] * N)}, {}, "'text' holds object; allowed: numbers or text"),
        ({"text": np.ones((N, 2, 2, 2))}, {}, "where no axis can be channels (1, 3 or 4); needed"),
        ({"text": np.ones((N, 2, 2, 2, 2))}, {}, "'text' has shape (60, 2, 2, 2, 2); needed: (n, "),
        ({"label": np.ones((N, 2))}, {}, "have 2 classes in row 0; needed: one class per row"),
        ({}, {"split": "speaker"}, "split 'speaker' has 0, 1, 10, 11, 2; allowed: train, valid"),
        ({}, {"test": 0.0}, "no sample is left for test; needed: more samples"),
        (
            {"label": np.array(["a"] * 59 + ["b"])},
            {},
            "class b of 'label' has 1 sample; needed: 3",
        ),
        ({}, {"test": 0.001}, "no sample is left for test; needed: more samples"),
        (
            {"part": np.array(["train", "test"])[np.arange(N) % 2]},
            {"split": "part"},
            "no sample is left for validation; needed: rows of it in 'part', or no `split`",
        ),
        (
            {"speaker": np.arange(N) % 3},
            {"group": "speaker"},
            "of 200 splits of its 3 groups each lacked a class, or samples, in train, validation",
        ),
        (
            {"text": made()["text"].T},
            {},
            "image has 60 rows and text 3; needed: the same, one row "
            "per sample (write text transposed)",
        ),
        ({}, {"masks": {"txt": "speaker"}}, "masks of 'txt'; allowed: those of image, text, audio"),
        ({}, {"pair": "image-video"}, "pair is 'image-video'; allowed: two of image, text, audio"),
        (
            {"part": np.array(["train", "val", "test"])[np.arange(N) // 20]}
            | {"text": np.where(np.arange(N)[:, None] < 20, 1, made()["text"])},
            {"split": "part", "modalities": ["image", "text"]},
            "modality text ('text') is constant, the same in the training split's 20 rows",
        ),
        (
            {"part": np.array(["train", "val", "test"])[np.arange(N) // 20]}
            | {"label": np.where(np.arange(N) < 20, np.arange(N), 5) / 7},
            {"split": "part"},
            "labels 'label' are 0.714286 in all rows of validation; needed: different numbers",
        ),
        (
            {"part": np.array(["train", "val", "test"])[np.arange(N) % 3]},
            {"split": "part", "group": "speaker"},
            "group 0 ('speaker') is in train and validation and test; needed: each in one split",
        ),
    ],
)
def test_what_does_not_fit_is_named_in_one_sentence(tmp_path, changes, options, sentence):
    path = write(tmp_path, **changes)
    with pytest.raises(ValueError, match=r"my.npz|pair") as error:
        load(path, **options)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("modalities", "sentence"),
    [
        (["image", "vid"], "no column starts with 'vid'; there are: image_0, image_1"),
        ({"image": "image", "vid": "image_1"}, "column 'image_1' belongs to image and to vid"),
    ],
)
def test_prefixes_of_columns_must_be_there_and_apart(tmp_path, modalities, sentence):
    with pytest.raises(ValueError, match=r"my.csv") as error:
        load(write(tmp_path, "my.csv"), "image-vid", modalities=modalities)
    assert sentence in str(error.value)


@pytest.mark.parametrize(
    ("columns", "note"),
    [
        (
            ["bio_age", "bio_mass"],
            "'bio' is taken for all columns that begin so: bio_age, bio_mass",
        ),
        (["bio_0", "bio_3"], "'bio': of bio_0 to bio_3 are not there: bio_1, bio_2"),
    ],
)
def test_which_columns_are_taken_is_said_where_it_is_not_plain(tmp_path, caplog, columns, note):
    table = as_table(made()).rename(columns=dict(zip(["audio_0", "audio_1"], columns, strict=True)))
    table.to_csv(tmp_path / "my.csv", index=False)
    load(str(tmp_path / "my.csv"), "image-bio", modalities=["image", "bio"])
    assert note in caplog.text


def test_names_that_mean_the_same_split_are_said(tmp_path):
    said = []
    names = np.array(["train", "dev", "val", "test", "train"])[np.arange(N) // 12]
    load(write(tmp_path, part=names), split="part", said=said)
    assert "dev and val of 'part' are one split, validation" in said


def test_files_of_splits_that_are_joined_are_said(tmp_path):
    table = as_table(made())
    (tmp_path / "data").mkdir()
    for name, part in (("test", table[:20]), ("train", table[20:])):
        part.to_parquet(tmp_path / "data" / f"{name}-00000-of-00001.parquet")
    said = []
    load(str(tmp_path / "data"), said=said)
    assert any("files of test and train are joined" in note for note in said)


@pytest.mark.parametrize(
    ("lines", "note"),
    [
        ("# ", "names of columns are taken from the line"),
        ("# a\n#\n", "begin with '#' (2) are left"),
    ],
)
def test_lines_in_front_of_a_table_are_said(tmp_path, lines, note):
    (tmp_path / "my.csv").write_text(lines + as_table(made()).to_csv(index=False))
    said = []
    assert load(str(tmp_path / "my.csv"), said=said).inputs["image"].shape == (N, 4)
    assert note in " ".join(said)


@pytest.mark.parametrize(
    ("how", "note"),
    [
        ({"encoding": "utf-16"}, "my.csv: read as utf-16"),
        ({"encoding": "latin-1"}, "my.csv: read as cp1252"),
        ({"sep": ";", "decimal": ","}, "my.csv: separated by ';' with decimal commas"),
    ],
)
def test_how_a_table_was_read_is_said(tmp_path, caplog, how, note):
    label = np.array(["café", "tea", "water"])[np.arange(N) % 3]
    as_table(made() | {"label": label}).to_csv(tmp_path / "my.csv", index=False, **how)
    assert load(str(tmp_path / "my.csv")).classes == 3
    assert note in caplog.text


@pytest.mark.parametrize("name", [*WRITERS, "my.safetensors"])
def test_a_damaged_file_is_named(tmp_path, name):
    (tmp_path / name).write_bytes(b"\x00\x01 no such format")
    with pytest.raises(ValueError, match=name):
        load(str(tmp_path / name))


def test_a_file_that_is_not_there_or_of_another_kind_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"none.npz: there is no such file"):
        load(str(tmp_path / "none.npz"))
    (tmp_path / "my.xlsx").write_bytes(b"PK")
    with pytest.raises(ValueError, match=r"my.xlsx: its ending is none of .npz, .safetensors, .h5"):
        load(str(tmp_path / "my.xlsx"))


def test_an_array_whose_header_claims_too_much_is_not_allocated(tmp_path):
    path = write(tmp_path)
    with zipfile.ZipFile(path) as archive:
        members = {n: archive.read(n) for n in archive.namelist()}
    longer = members["text.npy"].replace(b"(60, 3), }         ", b"(60000000000, 3), }")
    assert longer != members["text.npy"]
    members["text.npy"] = longer
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(ValueError, match=r"'text' cannot be read .its header claims"):
        load(path)
