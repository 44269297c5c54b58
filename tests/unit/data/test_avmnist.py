import gzip
import io
import struct
import tarfile
import wave

import numpy as np
import pytest

from alignsweep.data import audio, avmnist, resampling, store

TRAIN, TEST = 120, 40  # images; of those for training, the last 10 are for validation
SPEAKERS, INDICES = ("ann", "bob"), 13
SIZES = {"train": 60, "validation": 10, "test": 30}
FILES = [*avmnist.IMAGES, *avmnist.LABELS]


def idx_file(array):
    header = bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape)
    return gzip.compress(header + array.tobytes(), compresslevel=1)


def wav_file(values, rate=8000):
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((1, 2, rate, 0, "NONE", ""))
        writer.writeframes(values.astype("<i2").tobytes())
    return file.getvalue()


def identity(digit, speaker, index):
    """What the first sample of a recording is, so that it can be recognised."""
    return digit * 1000 + SPEAKERS.index(speaker) * 100 + index


def recordings():
    """Tones in noise, of different lengths; digit and speaker make the pitch."""
    rng = np.random.default_rng(1)
    made = {}
    for key in [(d, s, i) for d in range(10) for s in SPEAKERS for i in range(INDICES)]:
        t = np.arange(rng.integers(800, 7000)) / 8000
        pitch = 300 + 150 * key[0] + 20 * SPEAKERS.index(key[1])
        values = 3000 * np.sin(2 * np.pi * pitch * t) + rng.normal(0, 300, len(t))
        values[0] = identity(*key)
        made["recordings/{}_{}_{}.wav".format(*key)] = wav_file(values)
    return made


def images(n, seed):
    """Coarse pictures, so that few components can make all of them."""
    rng = np.random.default_rng(seed)
    labels = (np.arange(n) % 10).astype(np.uint8)
    shapes = np.random.default_rng(0).random((10, 7, 7))
    made = shapes[labels] * 100 + rng.random((n, 1, 1)) * 60 + rng.random((n, 7, 7)) * 90
    return made.astype(np.uint8).repeat(4, axis=1).repeat(4, axis=2), labels


MNIST = images(TRAIN, 1), images(TEST, 2)
SOUNDS = recordings()


def write(folder, mnist=MNIST, sounds=SOUNDS):
    (folder / "mnist").mkdir()
    (folder / "fsdd").mkdir()
    arrays = [part[what] for what in (0, 1) for part in mnist]
    for name, array in zip(FILES, arrays, strict=True):
        (folder / name).write_bytes(idx_file(array))
    with tarfile.open(folder / avmnist.RECORDINGS, "w:gz", compresslevel=1) as archive:
        for name, content in {"README.md": b"not a recording", **sounds}.items():
            info = tarfile.TarInfo(f"free-spoken-digit-dataset/{name}")
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return str(folder)


@pytest.fixture(scope="module")
def resources(tmp_path_factory):
    return write(tmp_path_factory.mktemp("avmnist"))


@pytest.fixture
def load(resources):
    def load(**options):
        given = {"pair": "image-audio", "resources": resources, "resample": "none"}
        return avmnist.load(**given | SIZES | options)

    return load


@pytest.fixture
def heard(monkeypatch):
    """The recordings of all pairs that were made, in order."""
    collected = []

    def place(recordings, length, place=audio.place):
        collected.extend(recordings)
        return place(recordings, length)

    monkeypatch.setattr(audio, "place", place)
    return collected


@pytest.fixture
def raw(monkeypatch):
    """Inputs as they are before they are standardised."""
    monkeypatch.setattr(resampling, "standardise", lambda x, train, there: 0)


def whole(pairs):
    """Return image numbers in MNIST; those of the test part follow those of the training part."""
    x = pairs.inputs["image"].reshape(len(pairs.labels), -1)
    known = np.concatenate([MNIST[0][0], MNIST[1][0]]).reshape(TRAIN + TEST, -1)
    alike = np.corrcoef(x, known)[: len(x), len(x) :]
    assert (alike.max(axis=1) > 0.9999).all()
    return alike.argmax(axis=1)


def test_pairs_share_the_digit_and_nothing_crosses_splits(load, heard):
    pairs = load(energy=1)
    assert pairs.name == "avmnist-image-audio"
    assert pairs.modalities == ("image", "audio")
    assert {s: len(pairs.rows(s)) for s in store.SPLITS} == SIZES
    assert (pairs.classes, pairs.masks) == (10, {})
    drawn = whole(pairs)
    assert len(np.unique(drawn)) == len(drawn)
    labels = np.concatenate([MNIST[0][1], MNIST[1][1]])
    np.testing.assert_array_equal(pairs.labels, labels[drawn])
    codes = np.array([round(x[0] * 2**15) for x in heard])
    digits, indices = codes // 1000, codes % 100
    np.testing.assert_array_equal(pairs.labels, digits)
    for split, images, those in (
        ("train", range(110), range(10, 13)),
        ("validation", range(110, 120), range(5, 10)),
        ("test", range(120, 160), range(5)),
    ):
        rows = pairs.rows(split)
        assert set(drawn[rows]) <= set(images)
        assert set(indices[rows]) <= set(those)
        assert len(set(indices[rows])) > 1
    assert len(np.unique(codes)) < len(codes)  # recordings are drawn with replacement


def test_every_seed_has_a_choice_of_its_own(load):
    smaller = {"train": 20, "validation": 4, "test": 12}
    pairs = load(**smaller, resample="choice", energy=1)
    # four times and twice as many, if there are so many
    assert [len(pairs.rows(s)) for s in store.SPLITS] == [80, 8, 24]
    known, chosen = whole(pairs), []
    labels = np.concatenate([MNIST[0][1], MNIST[1][1]])
    for seed in range(3):
        draw = pairs.draw(seed)
        assert {s: len(draw.rows(s)) for s in store.SPLITS} == smaller
        images = whole(draw)
        np.testing.assert_array_equal(draw.labels, labels[images])
        assert len(np.unique(images)) == len(images)
        for split in store.SPLITS:
            assert {*images[draw.rows(split)]} <= {*known[pairs.rows(split)]}
        train = {m: x[draw.rows("train")].astype(float) for m, x in draw.inputs.items()}
        assert train["image"].mean() == pytest.approx(0, abs=1e-5)
        assert train["image"].std() == pytest.approx(1, abs=1e-5)
        np.testing.assert_allclose(train["audio"].mean(axis=(0, 1)), 0, atol=1e-5)
        np.testing.assert_allclose(train["audio"].std(axis=(0, 1)), 1, atol=1e-5)
        chosen.append(frozenset(images.tolist()))
    assert len({*chosen}) == 3


def test_all_pairs_there_are_leave_no_choice(load):
    everything = {"train": 110, "validation": 10, "test": 40}
    assert load(**everything, resample="choice").resample == "none"
    assert load(resample="choice").resample == "choice"
    assert load().resample == "none"


@pytest.mark.parametrize("resample", ["none", "choice"])
def test_the_seed_decides_everything(load, resample):
    options = {"resample": resample, "train": 10, "validation": 2, "test": 5}
    first, again, other = (load(**options, seed=s) for s in (0, 0, 1))
    for modality, x in first.inputs.items():
        assert x.tobytes() == again.inputs[modality].tobytes()
        assert (x != other.inputs[modality]).any()
    assert (first.labels == again.labels).all()
    assert (first.labels != other.labels).any()


@pytest.mark.usefixtures("raw")
def test_fewer_pairs_are_the_first_of_more(load, monkeypatch):
    more = load()
    monkeypatch.setattr(avmnist, "_SAMPLES_AT_ONCE", 7 * 5376)
    monkeypatch.setattr(avmnist, "_IMAGES_AT_ONCE", 11)
    fewer = load(train=25, validation=4)
    for split in store.SPLITS:
        rows = fewer.rows(split)
        these = more.rows(split)[: len(rows)]
        for modality, x in fewer.inputs.items():
            np.testing.assert_allclose(x[rows], more.inputs[modality][these], atol=1e-3)
        np.testing.assert_array_equal(fewer.labels[rows], more.labels[these])


@pytest.mark.parametrize("energy", [0.25, 0.7, 1])
def test_the_energy_of_the_images_is_reduced(load, energy):
    known = MNIST[0][0][:110].reshape(110, -1).astype(float)
    mean = known.mean(axis=0)
    _, s, directions = np.linalg.svd(known - mean, full_matrices=False)
    shares = np.cumsum(s**2) / (s**2).sum()
    pairs, full = load(energy=energy), load(energy=1)
    facts = {f["fact"]: f["value"] for f in pairs.facts if f["modality"] == "image"}
    least = 1 if energy == 1 else shares[shares >= energy][0]
    assert facts["energy_kept"] == pytest.approx(least, rel=1e-5)
    drawn = np.concatenate([MNIST[0][0], MNIST[1][0]])[whole(full)].reshape(100, -1)
    expected = drawn.astype(float)
    if energy < 1:
        kept = directions[: int((shares < energy).sum()) + 1]
        assert facts["components_kept"] == len(kept)
        expected = (drawn - mean) @ kept.T @ kept + mean
    train = expected[pairs.rows("train")]
    expected = (expected - train.mean()) / train.std()
    image = pairs.inputs["image"].reshape(100, -1)
    np.testing.assert_allclose(image, expected, atol=1e-3)
    assert pairs.inputs["image"].shape == (100, 28, 28)
    assert image.dtype == np.float32


@pytest.mark.parametrize(("kind", "bands"), [("logmel", 40), ("mfcc", 13)])
def test_the_audio_is_what_it_is_said_to_be(load, heard, kind, bands):
    pairs = load(audio=kind, bands=bands, frames=12, snr=None)
    x = audio.log_mel(audio.place(list(heard), 512 + 11 * 256), 8000, bands=40, floor=50)
    if kind == "mfcc":
        x = audio.mfcc(x, 13)
    train = x[pairs.rows("train")]
    expected = (x - train.mean(axis=(0, 1))) / train.std(axis=(0, 1))
    assert pairs.inputs["audio"].dtype == np.float32
    np.testing.assert_allclose(pairs.inputs["audio"], expected, atol=1e-3)
    assert not [f for f in pairs.facts if f["modality"] == "audio"]


def test_both_modalities_are_standardised_by_the_training_split(load):
    pairs = load()
    train = {m: x[pairs.rows("train")].astype(float) for m, x in pairs.inputs.items()}
    assert train["image"].mean() == pytest.approx(0, abs=1e-5)
    assert train["image"].std() == pytest.approx(1, abs=1e-5)
    np.testing.assert_allclose(train["audio"].mean(axis=(0, 1)), 0, atol=1e-5)
    np.testing.assert_allclose(train["audio"].std(axis=(0, 1)), 1, atol=1e-5)


def test_noise_is_of_the_ratio_asked_for_and_new_for_every_pair(load, heard, monkeypatch):
    ratios = []

    def add_noise(sound, snr, rng, add_noise=audio.add_noise):
        clean = sound.copy()
        add_noise(sound, snr, rng)
        noise = sound - clean
        ratios.extend(10 * np.log10((clean[clean != 0] ** 2).mean() / (noise**2).mean(axis=1)))

    monkeypatch.setattr(audio, "add_noise", add_noise)
    noisy = load(snr=6.0)
    np.testing.assert_allclose(ratios, 6, atol=0.4)
    assert {"modality": "audio", "fact": "snr_db", "value": 6.0} in noisy.facts
    codes = [round(x[0] * 2**15) for x in heard]
    one, other = next(
        (i, codes.index(code, i + 1)) for i, code in enumerate(codes) if code in codes[i + 1 :]
    )
    sound, clean = noisy.inputs["audio"], load(snr=None).inputs["audio"]
    assert (clean[one] == clean[other]).all()
    assert (sound[one] != sound[other]).any(axis=1).all()  # in every frame


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pair": "audio-image"}, "pair is 'audio-image'; allowed: image-audio"),
        ({"train": 111}, "train is 111; allowed: 1 to 110, its images"),
        ({"validation": 11}, "validation is 11; allowed: 1 to 10"),
        ({"test": 41}, "test is 41; allowed: 1 to 40"),
        ({"test": 0}, "test is 0; allowed: 1 to 40"),
        ({"energy": 0}, "energy is 0; allowed: above 0, up to 1"),
        ({"energy": 1.5}, "energy is 1.5; allowed"),
        ({"audio": "wave"}, "audio is 'wave'; allowed: logmel, mfcc"),
        ({"bands": 0}, "bands is 0; allowed with logmel: 1 to 128"),
        ({"bands": 41, "audio": "mfcc"}, "bands is 41; allowed with mfcc: 1 to 40"),
        ({"frames": 0}, "frames is 0; allowed: 1 and more"),
        ({"snr": float("inf")}, "snr is inf; allowed: -100.0 to 100.0 decibels, or none"),
        ({"snr": float("nan")}, "snr is nan"),
    ],
)
def test_bad_options(load, options, message):
    with pytest.raises(ValueError, match=message):
        load(**options)


def without(*names):
    return {name: content for name, content in SOUNDS.items() if name not in names}


SOME = "recordings/3_bob_7.wav"
(X, Y), PART = MNIST


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mnist": ((X[:, 1:], Y), PART)}, r"train-images.*uint8 \(120, 27, 28\); needed: uint8 "),
        ({"mnist": ((X, Y[1:]), PART)}, r"train-labels.*\(119,\), up to 9; needed: uint8 \(120,\)"),
        ({"mnist": ((X, Y), (PART[0], Y))}, r"t10k-labels.*\(120,\), .*needed: uint8 \(40,\)"),
        ({"mnist": ((X, Y + np.uint8(1)), PART)}, "train-labels.*up to 10; needed: .* up to 9"),
        ({"sounds": without(SOME)}, f"no {SOME}; needed: every digit by every speaker, with the"),
        ({"sounds": {}}, "no recordings/0_SPEAKER_0.wav"),
        (
            {"sounds": {k: v for k, v in SOUNDS.items() if k[-6:-4] not in ("10", "11", "12")}},
            "no recordings/0_ann_10.wav; needed: .* 0 to 10 at least",
        ),
        ({"sounds": SOUNDS | {"recordings/0_ann_999999999.wav": SOUNDS[SOME]}}, "no .*_ann_13.wav"),
        ({"sounds": SOUNDS | {SOME: wav_file(np.ones(9), 44100)}}, f"{SOME}: rate is 44100 Hz"),
        ({"sounds": SOUNDS | {SOME: SOUNDS[SOME][:-9]}}, f"tar.gz: {SOME}: the header says"),
    ],
)
def test_files_that_are_not_as_described(tmp_path, changes, message):
    with pytest.raises(ValueError, match=message):
        avmnist.load(pair="image-audio", resources=write(tmp_path, **changes), **SIZES)


@pytest.mark.parametrize("name", [*FILES, avmnist.RECORDINGS])
def test_a_missing_file(tmp_path, name):
    resources = write(tmp_path, sounds=without(SOME))
    (tmp_path / name).unlink()
    with pytest.raises(FileNotFoundError, match=name):
        avmnist.load(pair="image-audio", resources=resources, **SIZES)
