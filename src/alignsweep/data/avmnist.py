"""AV-MNIST: pictures of digits, made poor, with spoken digits in noise.

After Vielzeuf et al. ("CentralNet", ECCV workshops 2018, arXiv 1808.07275): MNIST images with three
quarters of their energy removed by PCA, paired by digit with spectrograms of spoken digits to which
noise was added. The generator was never released, so every choice is made here, and is an option
where it matters. The recordings are those of the Free Spoken Digit Dataset 1.0.10.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from alignsweep.data import audio as features
from alignsweep.data.checks import MOST_BANDS
from alignsweep.data.readers import idx, wav
from alignsweep.data.resampling import Resampling, drawn
from alignsweep.data.store import SPLITS, Pairs, fact, split_codes
from alignsweep.options import Count, Each, Resources, Samples, Seed, rule

PAIR = "image-audio"
#: training part and test part of MNIST, and the recordings, below the folder of the data
IMAGES = ("mnist/train-images-idx3-ubyte.gz", "mnist/t10k-images-idx3-ubyte.gz")
LABELS = ("mnist/train-labels-idx1-ubyte.gz", "mnist/t10k-labels-idx1-ubyte.gz")
RECORDINGS = "fsdd/free-spoken-digit-dataset-1.0.10.tar.gz"
CLASSES = 10
PIXELS = 28  # on a side
RATE = 8000  # Hz
FLOOR = 50.0  # decibels below the maximum; the linear probe's best on clean validation recordings
MOST_SNR = 100.0  # decibels, either way
#: How many times the pairs of a split there are to choose from.
POOL = {"train": 4, "validation": 2, "test": 2}
#: index of the recordings of a split, from and below; the test part is that of their README
INDEX = {"train": (10, None), "validation": (5, 10), "test": (0, 5)}

_IMAGES_AT_ONCE = 4096  # so that what is in the making stays small beside the data
_SAMPLES_AT_ONCE = 2**22

Floats = NDArray[np.float32]


class _Part(NamedTuple):
    """What the pairs of a split are drawn from."""

    images: NDArray[np.uint8]  # (n, 784)
    labels: NDArray[np.int64]  # (n,)
    recordings: list[list[Floats]]  # of each digit


def load(
    name: str | None = None,
    *,
    pair: Annotated[Literal["image-audio"], Each("pairs", "{}")],
    train: Annotated[Samples, rule(maximum=55_000, allowed="an integer from 10 to 55000")] = 1000,
    validation: Annotated[
        Samples, rule(maximum=5_000, allowed="an integer from 10 to 5000")
    ] = 2000,
    test: Annotated[Samples, rule(maximum=10_000, allowed="an integer from 10 to 10000")] = 5000,
    energy: Annotated[
        float, rule(exclusiveMinimum=0, maximum=1, allowed="a number above 0 and up to 1")
    ] = 0.25,
    audio: Literal["logmel", "mfcc"] = "logmel",
    bands: Annotated[Count, rule(maximum=128, allowed="an integer from 1 to 128")] = 40,
    frames: Count = 20,
    snr: Annotated[
        float | None,
        rule(
            minimum=-MOST_SNR,
            maximum=MOST_SNR,
            allowed="a number of decibels from -100 to 100, or null for clean audio",
        ),
    ] = 0.0,
    resample: Literal["choice", "none"] = "choice",
    seed: Seed = 0,
    resources: Resources = "resources",
) -> Pairs:
    """Return pairs of an image and a recording of the same digit.

    Images are drawn without replacement: from MNIST's first 55,000 training images, its last 5,000
    for validation, and its test images. Each gets a random recording of its digit, out of those of
    the same split: index 0-4 of every speaker and digit for testing, 5-9 for validation, the others
    for training. So neither an image nor a recording is in two splits; speakers are.

    An image becomes its projection on the fewest leading principal components that hold `energy` of
    the variance, in pixels; mean and components are those of all 55,000 training images.

    A recording spans `frames` frames of 512 samples, one every 256, at 8 kHz: 20 frames are 0.67 s.
    Longer ones (5 %) are cut, shorter ones stand in the middle of silence. Noise is drawn anew for
    every pair and lies over the whole span, so that it hides how long the recording is. Log-mel
    spectrograms are in decibels below their maximum; from `FLOOR` on, all is silence.

    Parameters
    ----------
    name
        Name of the dataset; by default ``avmnist-image-audio``.
    pair
        The one pair there is, ``image-audio``.
    train, validation, test
        Pairs, drawn from MNIST's first 55,000 training images, its last 5,000, and its 10,000 test
        images.
    energy
        Share of the images' variance that is kept: the leading principal components, mapped back to
        pixels. The original kept a quarter; 1 leaves the images as they are.
    audio
        ``logmel`` for log-mel spectrograms, or ``mfcc`` for the first MFCC of 40 bands.
    bands
        Features per frame: mel bands up to 128, or coefficients up to 40.
    frames
        Frames per recording: 20 span 0.67 s. Longer recordings are cut, shorter ones stand in the
        middle of silence.
    snr
        Signal-to-noise ratio in decibels of white noise, drawn anew for every pair; ``null`` for
        clean audio.
    resample
        ``choice``: every seed has a choice of its own, of four times as many training pairs and
        twice as many others, or of all there are; ``none``: all seeds share one.
    seed
        Seed of the images, recordings and noise, and of the choices.
    resources
        Folder of the data, with the files `IMAGES`, `LABELS` and `RECORDINGS`.

    Returns
    -------
    Pairs
        Inputs float32: ``image`` (n, 28, 28), standardised by mean and standard deviation over all
        pixels of the training split; ``audio`` (n, frames, bands), each band standardised over all
        frames of the training split. Ten classes. Facts: ``components_kept`` and ``energy_kept``
        (share) of the images, ``snr_db`` of the audio if there is noise.

    Raises
    ------
    FileNotFoundError
        If a file is not there.
    ValueError
        If an option is out of range, a file is damaged or not as described, or a recording is
        missing.
    """
    from sklearn.decomposition import PCA

    _check(pair, energy, audio, bands, frames, snr)
    wanted = {"train": train, "validation": validation, "test": test}
    sources = _sources(Path(resources), wanted)
    more = {s: (1 if resample == "none" else POOL[s]) for s in SPLITS}
    sizes = {s: min(more[s] * wanted[s], len(sources[s].labels)) for s in SPLITS}
    reduction = PCA(energy if energy < 1 else None, svd_solver="covariance_eigh")
    reduction.fit(sources["train"].images.astype(np.float32))
    n = sum(sizes.values())
    image = np.empty((n, PIXELS * PIXELS), dtype=np.float32)
    sound = np.empty((n, frames, bands), dtype=np.float32)
    labels = np.empty(n, dtype=np.int64)
    first = 0
    for position, (part, size) in enumerate(sizes.items()):
        here = slice(first, first + size)
        drawing, noise = (np.random.default_rng([seed, i, position]) for i in (0, 1))
        images, labels[here], recordings = _draw(sources[part], size, drawing)
        for block in _blocks(size, _IMAGES_AT_ONCE):
            reduced = reduction.transform(images[block].astype(np.float32))
            image[here][block] = reduction.inverse_transform(reduced)
        length = features.samples_of(frames)
        for block in _blocks(size, _SAMPLES_AT_ONCE // length):
            heard = features.place(recordings[block], length)
            if snr is not None:
                features.add_noise(heard, snr, noise)
            sound[here][block] = _describe(heard, audio, bands)
        first += size
    pairs = Pairs(
        name=name or f"avmnist-{PAIR}",
        inputs={"image": image.reshape(n, PIXELS, PIXELS), "audio": sound},
        labels=labels,
        split=split_codes(*sizes.values()),
        classes=CLASSES,
        facts=[
            fact("image", "components_kept", len(reduction.components_)),
            fact("image", "energy_kept", reduction.explained_variance_ratio_.sum()),
            *([] if snr is None else [fact("audio", "snr_db", snr)]),
        ],
    )
    scaling = {"image": "values", "audio": "features"}  # pixels have one scale
    chosen = Resampling("choice", tuple(wanted.values()), seed, scaling)
    return drawn(pairs, chosen, "none" if sizes == wanted else resample)


def _draw(
    source: _Part, size: int, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], NDArray[np.int64], list[Floats]]:
    """Draw images ``(size, 784)``, their labels, and a recording for each."""
    rows = rng.permutation(len(source.labels))[:size]
    labels = source.labels[rows]
    takes = rng.integers([len(source.recordings[digit]) for digit in labels])
    recordings = [source.recordings[d][take] for d, take in zip(labels, takes, strict=True)]
    return source.images[rows], labels, recordings


def _describe(heard: Floats, audio: str, bands: int) -> NDArray[Any]:
    """Return the features ``(n, frames, bands)`` of recordings ``(n, samples)``."""
    mel_bands = MOST_BANDS["mfcc"] if audio == "mfcc" else bands
    spectrograms = features.log_mel(heard, RATE, bands=mel_bands, floor=FLOOR)
    return features.mfcc(spectrograms, bands) if audio == "mfcc" else spectrograms


def _check(
    pair: str, energy: float, audio: str, bands: int, frames: int, snr: float | None
) -> None:
    if pair != PAIR:
        raise ValueError(f"pair is {pair!r}; allowed: {PAIR}")
    if not 0 < energy <= 1:
        raise ValueError(f"energy is {energy}; allowed: above 0, up to 1")
    if audio not in MOST_BANDS:
        raise ValueError(f"audio is {audio!r}; allowed: {', '.join(MOST_BANDS)}")
    if not 1 <= bands <= MOST_BANDS[audio]:
        raise ValueError(f"bands is {bands}; allowed with {audio}: 1 to {MOST_BANDS[audio]}")
    if frames < 1:
        raise ValueError(f"frames is {frames}; allowed: 1 and more")
    if snr is not None and not abs(snr) <= MOST_SNR:
        raise ValueError(f"snr is {snr}; allowed: {-MOST_SNR} to {MOST_SNR} decibels, or none")


def _sources(folder: Path, sizes: dict[str, int]) -> dict[str, _Part]:
    """Return what each split is drawn from, once it is clear that there are enough images."""
    training, test = (
        _images(folder / images, folder / labels)
        for images, labels in zip(IMAGES, LABELS, strict=True)
    )
    cut = len(training[0]) - len(training[0]) // 12  # MNIST's last 5,000 of 60,000
    found = {
        "train": (training[0][:cut], training[1][:cut]),
        "validation": (training[0][cut:], training[1][cut:]),
        "test": test,
    }
    for part, size in sizes.items():
        if not 1 <= size <= len(found[part][0]):
            raise ValueError(f"{part} is {size}; allowed: 1 to {len(found[part][0])}, its images")
    recordings = _recordings(folder / RECORDINGS)
    return {part: _Part(*found[part], recordings[part]) for part in SPLITS}


def _images(path: Path, labels_path: Path) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return images ``(n, 784)`` and labels ``(n,)`` of a part of MNIST."""
    images, labels = idx.load(path), idx.load(labels_path)
    if images.dtype != np.uint8 or images.shape[1:] != (PIXELS, PIXELS):
        raise ValueError(
            f"{path}: {images.dtype} {images.shape}; needed: uint8 (n, {PIXELS}, {PIXELS})"
        )
    if labels.dtype != np.uint8 or labels.shape != images.shape[:1] or labels.max() >= CLASSES:
        raise ValueError(
            f"{labels_path}: {labels.dtype} {labels.shape}, up to {labels.max()}; "
            f"needed: uint8 ({len(images)},), up to {CLASSES - 1}"
        )
    return images.reshape(len(images), -1), labels.astype(np.int64)


def _recordings(path: Path) -> dict[str, list[list[Floats]]]:
    """Return the recordings of each split and digit, by speaker and index."""
    files = wav.from_archive(path, r"recordings/\d_[a-z]+_\d+\.wav", RATE)
    found: dict[tuple[int, str, int], Floats] = {}
    for name, samples in files.items():
        digit, speaker, index = PurePosixPath(name).stem.split("_")
        found[int(digit), speaker, int(index)] = samples
    speakers = sorted({key[1] for key in found}) or ["SPEAKER"]
    least = max(first for first, _ in INDEX.values()) + 1
    indices = range(max([least, *(key[2] + 1 for key in found)]))
    wanted = ((d, s, i) for d in range(CLASSES) for s in speakers for i in indices)
    missing = next((key for key in wanted if key not in found), None)
    if missing:
        raise ValueError(
            f"{path}: no recordings/{'_'.join(map(str, missing))}.wav; needed: every digit by "
            f"every speaker, with the same indices, 0 to {least - 1} at least"
        )
    return {
        part: [
            [found[digit, speaker, i] for speaker in speakers for i in indices[slice(*bounds)]]
            for digit in range(CLASSES)
        ]
        for part, bounds in INDEX.items()
    }


def _blocks(n: int, at_once: int) -> list[slice]:
    return [slice(i, min(i + max(at_once, 1), n)) for i in range(0, n, max(at_once, 1))]
