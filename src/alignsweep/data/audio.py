"""Speech as features: log-mel spectrograms and mel-frequency cepstral coefficients (MFCC).

Both agree with librosa (version 0.11, its defaults but ``center=False``), and like these they use
the mel scale of Slaney's Auditory Toolbox (Interval Research, Technical Report 1998-010): linear up
to 1 kHz, logarithmic above, with triangular filters of equal area.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

WINDOW = 512  # samples; 64 ms at 8 kHz
HOP = 256

_LINEAR_HZ = 200 / 3  # per mel, up to the break
_BREAK_HZ = 1000.0
_LOG_STEP = np.log(6.4) / 27  # per mel, above the break
_SILENCE = 1e-10  # the least power that counts

Floats = NDArray[np.floating[Any]]


def samples_of(frames: int, window: int = WINDOW, hop: int = HOP) -> int:
    """Return the number of samples that `frames` frames span."""
    return window + (frames - 1) * hop


def place(recordings: Sequence[NDArray[np.float32]], length: int) -> NDArray[np.float32]:
    """Bring recordings to one length and one loudness.

    Parameters
    ----------
    recordings
        Samples ``(any length,)``. Longer ones are cut at their end, shorter ones stand in the
        middle of silence.
    length
        Number of samples.

    Returns
    -------
    ndarray
        ``(n, length)``; the mean square of the part that is recording is 1.

    Raises
    ------
    ValueError
        If a recording is silent, so that it has no loudness.
    """
    placed = np.zeros((len(recordings), length), dtype=np.float32)
    for row, recording in zip(placed, recordings, strict=True):
        kept = recording[:length]
        power = np.mean(kept**2, dtype=np.float64)
        if not power > 0:
            raise ValueError(f"a recording is silent in its first {length} samples")
        start = (length - len(kept)) // 2
        row[start : start + len(kept)] = kept / np.sqrt(power)
    return placed


def add_noise(sound: NDArray[np.float32], snr: float, rng: np.random.Generator) -> None:
    """Add white Gaussian noise, in place, everywhere: also where a recording stands in silence.

    Parameters
    ----------
    sound
        ``(n, length)`` from `place`.
    snr
        Power of the recordings by that of the noise, in decibels.
    rng
        Draws the noise.
    """
    sound += rng.standard_normal(sound.shape, dtype=np.float32) * np.float32(10 ** (-snr / 20))


def log_mel(
    sound: Floats,
    rate: float,
    *,
    bands: int,
    window: int = WINDOW,
    hop: int = HOP,
    floor: float = 80.0,
) -> Floats:
    """Return log-mel spectrograms.

    Parameters
    ----------
    sound
        ``(..., samples)``, of at least `window` samples.
    rate
        Samples per second.
    bands
        Number of mel bands, from 0 to half the rate.
    window, hop
        Samples per frame, weighted by a Hann window, and from frame to frame. Frame t begins at
        sample ``t * hop``; samples behind the last whole frame are not used.
    floor
        What lies so many decibels below the maximum of its spectrogram, or lower, counts as that.

    Returns
    -------
    ndarray
        ``(..., frames, bands)`` in decibels relative to the maximum of each spectrogram, so from
        -`floor` to 0; in the precision of `sound`.

    Raises
    ------
    ValueError
        If there are too many bands for the frequencies that the window tells apart.
    """
    from scipy import fft, signal

    hann = signal.get_window("hann", window).astype(sound.dtype)
    frames = np.lib.stride_tricks.sliding_window_view(sound, window, axis=-1)[..., ::hop, :]
    spectrum = fft.rfft(frames * hann, axis=-1)
    power = spectrum.real**2 + spectrum.imag**2
    mel = np.maximum(power @ mel_filters(rate, window, bands).astype(sound.dtype), _SILENCE)
    decibels = 10 * np.log10(mel / mel.max(axis=(-2, -1), keepdims=True))
    return np.asarray(np.maximum(decibels, -floor))


def mfcc(spectrograms: Floats, coefficients: int) -> Floats:
    """Return the first MFCC: the orthonormal cosine transform (type 2) over the bands.

    Parameters
    ----------
    spectrograms
        ``(..., frames, bands)`` from `log_mel`.
    coefficients
        Number of coefficients, at most that of the bands; the first is the loudness.

    Returns
    -------
    ndarray
        ``(..., frames, coefficients)``.
    """
    from scipy import fft

    transformed: Floats = fft.dct(spectrograms, type=2, norm="ortho", axis=-1)
    return transformed[..., :coefficients]


def mel_filters(rate: float, window: int, bands: int) -> NDArray[np.float64]:
    """Return triangular mel filters ``(window // 2 + 1, bands)`` for a power spectrum.

    Raises
    ------
    ValueError
        If a filter would lie between two frequencies of the spectrum.
    """
    frequencies = np.fft.rfftfreq(window, 1 / rate)
    edges = _hertz(np.linspace(0, _mel(rate / 2), bands + 2))
    low, centre, high = edges[:-2], edges[1:-1], edges[2:]
    rising = (frequencies[:, None] - low) / (centre - low)
    falling = (high - frequencies[:, None]) / (high - centre)
    filters: NDArray[np.float64] = np.maximum(0, np.minimum(rising, falling))
    if not filters.any(axis=0).all():
        raise ValueError(
            f"bands is {bands}; a window of {window} samples at {rate} Hz has too few frequencies"
        )
    return filters * 2 / (high - low)


def _mel(hertz: float) -> float:
    """Return a frequency on Slaney's mel scale."""
    if hertz < _BREAK_HZ:
        return hertz / _LINEAR_HZ
    return float(_BREAK_HZ / _LINEAR_HZ + np.log(hertz / _BREAK_HZ) / _LOG_STEP)


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return frequencies from Slaney's mel scale."""
    above = mel - _BREAK_HZ / _LINEAR_HZ
    return np.where(above < 0, mel * _LINEAR_HZ, _BREAK_HZ * np.exp(_LOG_STEP * above))
