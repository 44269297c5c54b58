import io
import tarfile
from functools import partial

import numpy as np
import pytest

from alignsweep.data import avmnist_multibench, store

N = {"train": 24, "test": 7}  # of those for training, the last 2 are for validation
AUDIO = (6, 5)  # coefficients, frames

load = partial(avmnist_multibench.load, pair="image-audio")


def arrays(seed=0, audio=AUDIO, dtype=np.float64):
    rng = np.random.default_rng(seed)
    made = {}
    for part, n in N.items():
        made[f"image/{part}_data"] = rng.uniform(0, 255, (n, 784)).astype(dtype)
        made[f"audio/{part}_data"] = (
            rng.uniform(0, 50, (n, *audio)) + 30 * np.arange(audio[0])[:, None]
        ).astype(dtype)
        made[f"{part}_labels"] = (np.arange(n) % 10).astype(dtype)
    return made


def npy(array, **options):
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asarray(array), **options)
    return file.getvalue()


def write(folder, made, how="w:gz"):
    """Write an archive of arrays, or of files where bytes are given."""
    (folder / "avmnist").mkdir(exist_ok=True)
    with tarfile.open(folder / avmnist_multibench.ARCHIVE, how) as archive:
        for name, value in {"unknown": b"not read", **made}.items():
            content = value if isinstance(value, bytes) else npy(value)
            info = tarfile.TarInfo(f"avmnist/{name}.npy")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return str(folder)


def standardised(x, train, axes):
    known = x[train].astype(float)
    return (x - known.mean(axis=axes, keepdims=True)) / known.std(axis=axes, keepdims=True)


@pytest.mark.parametrize("block", [1, 10_000, 2**22])
@pytest.mark.parametrize("dtype", ["f8", "f4", ">f4", "u1"])
def test_the_whole_archive(tmp_path, monkeypatch, dtype, block):
    monkeypatch.setattr(avmnist_multibench, "_BLOCK", block)
    made = arrays(dtype=dtype)
    order = sorted(made) if block == 1 else reversed(made)  # any order will do
    resources = write(tmp_path, {name: made[name] for name in order})
    pairs = load(resources=resources)
    assert pairs.name == "avmnist-multibench-image-audio"
    assert pairs.modalities == ("image", "audio")
    assert [len(pairs.rows(s)) for s in store.SPLITS] == [22, 2, 7]
    assert (pairs.classes, pairs.masks) == (10, {})
    assert pairs.labels.tolist() == [*(np.arange(24) % 10), *range(7)]
    image, audio = (
        np.concatenate([made[f"{m}/{part}_data"] for part in N]) for m in ("image", "audio")
    )
    train = pairs.rows("train")
    for modality, expected in (
        ("image", standardised(image, train, (0, 1)).reshape(-1, 28, 28)),
        ("audio", standardised(audio.swapaxes(1, 2), train, (0, 1))),
    ):
        x = pairs.inputs[modality]
        assert x.dtype == np.float32
        np.testing.assert_allclose(x, expected, atol=1e-5)
        assert {"modality": modality, "fact": "not_finite_values", "value": 0.0} in pairs.facts


def numbered():
    """Arrays whose samples can be recognised after standardising: audio rises with the row."""
    made = arrays()
    for start, (part, n) in zip((0, 24), N.items(), strict=True):
        made[f"audio/{part}_data"] = np.broadcast_to(
            start + np.arange(n)[:, None, None], (n, *AUDIO)
        ).astype(float)
    return made


@pytest.mark.parametrize("block", [1, 800, 2**22])
def test_some_pairs_are_drawn(tmp_path, monkeypatch, block):
    monkeypatch.setattr(avmnist_multibench, "_BLOCK", block)
    monkeypatch.setattr(avmnist_multibench, "standardise", lambda x, train: 0)
    resources = write(tmp_path, numbered())

    def rows(**options):
        pairs = load("mine", resources=resources, **options)
        numbers = pairs.inputs["audio"][:, 0, 0].astype(int)
        labels = [*(np.arange(24) % 10), *range(7)]
        assert pairs.labels.tolist() == [labels[i] for i in numbers]
        return {s: set(numbers[pairs.rows(s)].tolist()) for s in store.SPLITS}

    drawn = rows(train=9, validation=1, test=3)
    assert {s: len(r) for s, r in drawn.items()} == {"train": 9, "validation": 1, "test": 3}
    assert drawn["train"] < set(range(22))
    assert drawn["validation"] < {22, 23}
    assert drawn["test"] < set(range(24, 31))
    assert rows(train=9, validation=1, test=3) == drawn
    assert rows(train=12)["train"] > drawn["train"]
    assert rows(train=9, seed=1)["train"] != drawn["train"]


def test_values_that_are_not_finite_are_counted(tmp_path):
    made = arrays()
    made["audio/train_data"][3, 2, 1:3] = np.nan, 1e300
    pairs = load(resources=write(tmp_path, made))
    assert (pairs.inputs["audio"][3, 1:3, 2] == 0).all()
    assert {"modality": "audio", "fact": "not_finite_values", "value": 2.0} in pairs.facts


def test_labels_and_images_of_other_shapes(tmp_path):
    made = arrays()
    made["train_labels"] = made["train_labels"][:, None].astype(np.int32)
    made["image/test_data"] = made["image/test_data"].reshape(-1, 28, 28)
    pairs = load(resources=write(tmp_path, made, "w"))
    plain = load(resources=write(tmp_path, arrays()))
    assert (pairs.labels == plain.labels).all()
    assert (pairs.inputs["image"] == plain.inputs["image"]).all()


IMAGES = arrays()["image/train_data"]
AUDIOS = arrays()["audio/test_data"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"audio/test_data": None}, "no audio/test_data.npy; needed: all of them"),
        ({"image/train_data": IMAGES[:, 1:]}, r"image/train_.*\(24, 783\); needed: \(24, 784\)"),
        ({"image/train_data": IMAGES[1:]}, r"image/train_.*\(23, 784\); needed: \(24, 784\)"),
        ({"audio/test_data": AUDIOS[:, 1:]}, r"audio/test_.*\(7, 5, 5\); needed: \(7, 6, 5\)"),
        (
            {"audio/train_data": np.ones((24, 30))},
            r"audio/train_data.npy: \(24, 30\); needed: \(24, coefficients, frames\)",
        ),
        ({"test_labels": np.arange(6)}, r"image/test_data.npy: \(7, 784\); needed: \(6, 784\)"),
        ({"test_labels": np.ones((7, 2))}, r"test_labels.npy: \(7, 2\); needed: \(7\)"),
        ({"test_labels": np.arange(7) + 4}, "labels must be 0 to 9, whole numbers"),
        ({"test_labels": np.arange(7) / 2}, "labels must be 0 to 9, whole numbers"),
        ({"test_labels": np.full(7, np.nan)}, "labels: 7 of 31 labels are NaN or infinite"),
        ({"test_labels": np.array(7)}, r"test_labels.npy: int64 \(\) in row order; needed"),
        ({"test_labels": np.zeros(0)}, r"test_labels.npy: float64 \(0,\) in row order"),
        ({"test_labels": np.array(["a"] * 7)}, r"test_labels.npy: <U1 \(7,\) in row order"),
        (
            {"test_labels": npy(np.array([None] * 7), allow_pickle=True)},
            r"test_labels.npy: object \(7,\) in row order; needed: numbers",
        ),
        ({"image/train_data": np.asfortranarray(IMAGES)}, "in column order; needed: .*row order"),
        ({"test_labels": npy(np.arange(7))[:-1]}, "header says 56 bytes of values, the file has 5"),
        ({"test_labels": npy(np.arange(7)) + b"x"}, "says 56 bytes of values, the file has 57"),
        (
            {"test_labels": npy(np.arange(7)).replace(b"(7,), ", b"(2**9,")},
            "test_labels.npy: not an npy file, or damaged",
        ),
        (
            {"test_labels": npy(np.arange(7)).replace(b"(7,), }         ", b"(7777777777,), }")},
            "the header says 62222222216 bytes of values, the file has 56",
        ),
        ({"test_labels": b"<!DOCTYPE html>"}, "test_labels.npy: not an npy file, or damaged"),
        ({"test_labels": b""}, "test_labels.npy: not an npy file, or damaged"),
    ],
)  # fmt: skip
def test_archives_that_are_not_as_described(tmp_path, changes, message):
    made = {k: v for k, v in (arrays() | changes).items() if v is not None}
    with pytest.raises(ValueError, match=rf"avmnist\.tar\.gz: .*{message}"):
        load(resources=write(tmp_path, made))


@pytest.mark.parametrize("how", ["w", "w:gz"])
@pytest.mark.parametrize("share", [0, 0.01, 0.5, 0.9])
def test_a_damaged_archive(tmp_path, share, how):
    resources = write(tmp_path, arrays(), how)
    path = tmp_path / avmnist_multibench.ARCHIVE
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(ValueError, match=r"avmnist\.tar\.gz: (not a tar archive|no )"):
        load(resources=resources)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pair": "image"}, "pair is 'image'; allowed: image-audio"),
        ({"train": 23}, "train is 23; allowed: 1 to 22, the pairs of the archive"),
        ({"validation": 0}, "validation is 0; allowed: 1 to 2"),
        ({"test": 8}, "test is 8; allowed: 1 to 7"),
    ],
)
def test_bad_options(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        load(resources=write(tmp_path, arrays()), **options)


def test_a_missing_archive(tmp_path):
    with pytest.raises(FileNotFoundError):
        load(resources=str(tmp_path))
