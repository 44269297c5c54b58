import json
from pathlib import Path

import numpy as np
import pytest

from alignsweep.data import audio

RATE = 8000


@pytest.fixture(scope="module")
def reference():
    """Values of librosa, of `chirps`."""
    path = Path(__file__).parents[2] / "reference" / "audio_values.json"
    return json.loads(path.read_text())


def chirps():
    t = np.arange(2816) / RATE
    up = 0.5 * np.sin(2 * np.pi * (200 * t + 1500 * t**2))
    down = 0.3 * np.sin(2 * np.pi * (3000 * t - 1200 * t**2))
    clicks = np.where(np.arange(2816) % 200 == 0, 0.5, 0)
    return up + down + clicks


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float64, 1e-6), (np.float32, 1e-4)])
def test_librosa_gives_the_same(reference, dtype, tolerance):
    spectrogram = audio.log_mel(chirps().astype(dtype), RATE, bands=40)
    cepstrum = audio.mfcc(spectrogram, 13)
    assert spectrogram.dtype == cepstrum.dtype == dtype
    np.testing.assert_allclose(spectrogram, reference["log_mel"], atol=tolerance, rtol=0)
    np.testing.assert_allclose(cepstrum, reference["mfcc"], atol=tolerance, rtol=0)


def test_many_recordings_are_as_each():
    sound = np.stack([chirps(), chirps()[::-1], 1e-3 * chirps()])
    spectrograms = audio.log_mel(sound, RATE, bands=20)
    assert spectrograms.shape == (3, 10, 20)
    for x, spectrogram in zip(sound, spectrograms, strict=True):
        np.testing.assert_allclose(audio.log_mel(x, RATE, bands=20), spectrogram)
    np.testing.assert_allclose(spectrograms[2], spectrograms[0])  # loudness does not matter


def test_frames_begin_every_hop():
    assert audio.samples_of(20) == 5376
    for frames in (1, 2, 20):
        sound = np.ones(audio.samples_of(frames))
        assert audio.log_mel(sound, RATE, bands=4).shape == (frames, 4)
    x = chirps()
    later = audio.log_mel(x[256:], RATE, bands=40, floor=1000)
    there = audio.log_mel(x, RATE, bands=40, floor=1000)[1:]
    np.testing.assert_allclose(later, there - there.max(), atol=1e-9)


@pytest.mark.parametrize("hertz", [250, 1000, 2500])
def test_a_tone_is_heard_in_its_band(hertz):
    tone = np.sin(2 * np.pi * hertz * np.arange(2816) / RATE)
    heard = audio.log_mel(tone, RATE, bands=40).mean(axis=0).argmax()
    filters = audio.mel_filters(RATE, 512, 40)
    assert filters[:, heard].argmax() * RATE / 512 == pytest.approx(hertz, abs=100)


def test_silence_lies_at_the_floor():
    x = chirps()
    x[1000:] = 0
    spectrogram = audio.log_mel(x, RATE, bands=40, floor=50)
    assert spectrogram.max() == 0
    assert (spectrogram[4:] == -50).all()
    np.testing.assert_array_equal(audio.log_mel(np.zeros(1000), RATE, bands=3), 0)


def test_filters_have_equal_areas_and_no_gaps():
    filters = audio.mel_filters(RATE, 2**14, 40)
    np.testing.assert_allclose(filters.sum(axis=0) * RATE / 2**14, 1, rtol=1e-3)
    assert (filters.sum(axis=1)[1:-1] > 0).all()


def test_too_many_bands():
    with pytest.raises(ValueError, match="bands is 60; a window of 64 samples at 8000 Hz has too"):
        audio.mel_filters(RATE, 64, 60)


def test_recordings_are_brought_to_one_length_and_loudness(rng):
    short, long = (rng.normal(0, 0.1, n).astype(np.float32) for n in (31, 250))
    placed = audio.place([short, long], 100)
    assert placed.dtype == np.float32
    np.testing.assert_allclose(placed[0, 34:65], short / short.std(mean=0), rtol=1e-5)
    assert (placed[0, :34] == 0).all()
    assert (placed[0, 65:] == 0).all()
    np.testing.assert_allclose(placed[1], long[:100] / long[:100].std(mean=0), rtol=1e-5)
    with pytest.raises(ValueError, match="a recording is silent in its first 100 samples"):
        audio.place([np.zeros(200, dtype=np.float32)], 100)


@pytest.mark.parametrize("snr", [-10, 0, 20])
def test_noise_has_the_power_asked_for_and_is_everywhere(rng, snr):
    recording = rng.normal(0, 0.02, 3000).astype(np.float32)
    clean = audio.place([recording] * 8, 5376)
    noisy = clean.copy()
    audio.add_noise(noisy, snr, rng)
    noise = noisy - clean
    there = clean != 0
    for where in (there, ~there):
        heard = 10 * np.log10((clean[there] ** 2).mean() / (noise[where] ** 2).mean())
        assert heard == pytest.approx(snr, abs=0.15)
    assert abs(np.corrcoef(noise) - np.eye(8)).max() < 0.1  # anew for each
