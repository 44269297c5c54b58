import h5py
import numpy as np
import pytest

from alignsweep.data import mmmo, store

SIZES = {"train": 9, "valid": 4, "test": 5}


def files(seed=0):
    rng = np.random.default_rng(seed)
    made = {}
    for part, n in SIZES.items():
        there = np.arange(20) >= 20 - 3 - np.arange(n)[:, None]  # sample i has i + 3 steps
        for source, width in (("video", 36), ("audio", 74)):
            made[f"{source}_{part}"] = rng.normal(4, 255, (n, 20, width)) * there[..., None]
        made[f"audio_{part}"][..., 5] = there * 255.0
        made[f"video_{part}"][:, -1] = 0  # the last word may have no face
        made[f"y_{part}"] = rng.integers(2, 11, size=n) / 2
    return made


def write(folder, made):
    (folder / mmmo.FOLDER).mkdir(parents=True)
    for name, value in made.items():
        with h5py.File(folder / mmmo.FOLDER / f"{name}.h5", "w") as file:
            file["d1"] = value
    return str(folder)


def test_the_files_are_read(tmp_path):
    made = files()
    pairs = mmmo.load(pair="vision-audio", resources=write(tmp_path, made))
    assert pairs.name == "mmmo-vision-audio"
    assert pairs.task == "regression"
    assert [len(pairs.rows(s)) for s in store.SPLITS] == list(SIZES.values())
    assert {m: x.shape for m, x in pairs.inputs.items()} == {
        "vision": (18, 20, 36),
        "audio": (18, 20, 74),
    }
    scores = np.concatenate([made[f"y_{part}"] for part in SIZES])
    np.testing.assert_array_equal(pairs.labels, scores - 3)
    lengths = np.concatenate([np.arange(n) + 3 for n in SIZES.values()])
    assert pairs.masks["audio"].sum(axis=1).tolist() == lengths.tolist()
    assert pairs.masks["vision"].sum(axis=1).tolist() == (lengths - 1).tolist()
    train = pairs.rows("train")
    for modality, x in pairs.inputs.items():
        mask = pairs.masks[modality]
        assert x.dtype == np.float32
        assert (x[~mask] == 0).all()
        expected = np.ones(x.shape[2])
        if modality == "audio":
            expected[5] = 0
        np.testing.assert_allclose(x[train][mask[train]].std(axis=0), expected, atol=1e-5)
    assert mmmo.load("mine", pair="vision-audio", resources=str(tmp_path)).name == "mine"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"audio_valid": np.ones((3, 20, 74))},
            r"audio_valid.h5: shape is \(3, 20, 74\); needed: \(4, 20, 74\)",
        ),
        (
            {"video_train": np.ones((9, 20))},
            r"video_train.h5: shape is \(9, 20\); needed: \(9, steps, features\)",
        ),
        ({"video_test": np.ones((5, 20, 35))}, r"video_test.h5: .*needed: \(5, 20, 36\)"),
        ({"y_test": np.full(5, np.nan)}, r"y_test.h5: test: 5 of 5 labels are NaN or infinite"),
        ({"y_test": np.ones((5, 2))}, r"y_test.h5: test: labels are float64 \(5, 2\)"),
    ],
)
def test_files_that_do_not_fit(tmp_path, changes, message):
    resources = write(tmp_path, files() | changes)
    with pytest.raises(ValueError, match=message):
        mmmo.load(pair="vision-audio", resources=resources)


def test_only_one_pair_is_offered(tmp_path):
    with pytest.raises(ValueError, match="pair is 'vision-text'; allowed: vision-audio"):
        mmmo.load(pair="vision-text", resources=str(tmp_path))


def test_a_missing_file(tmp_path):
    made = files()
    del made["audio_test"]
    resources = write(tmp_path, made)
    with pytest.raises(FileNotFoundError, match=r"audio_test\.h5"):
        mmmo.load(pair="vision-audio", resources=resources)
