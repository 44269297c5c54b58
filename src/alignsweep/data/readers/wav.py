"""WAV files of speech: one channel of 16 bits, uncompressed."""

from __future__ import annotations

import io
import tarfile
import wave
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from alignsweep.data.readers import archives

MAX_BYTES = 2**24  # of a file: 17 minutes at 8 kHz

_RIFF_HEADER = 8  # "RIFF" and the number of bytes that follow


def load(file: str | Path | IO[bytes], name: str | None = None) -> tuple[NDArray[np.float32], int]:
    """Return the samples of a WAV file and their rate.

    Parameters
    ----------
    file
        Path, or a file opened for reading.
    name
        Name for messages; by default the path.

    Returns
    -------
    samples : ndarray
        ``(n,)``, full scale is -1 to 1.
    rate : int
        Samples per second.

    Raises
    ------
    ValueError
        If the file is not a WAV file or damaged, holds less or more than its header says, is not
        mono PCM of 16 bits, is empty, or is larger than `MAX_BYTES`.
    """
    if isinstance(file, str | Path):
        with Path(file).open("rb") as opened:
            return load(opened, name or str(file))
    where = name or str(getattr(file, "name", "WAV file"))
    content = file.read(MAX_BYTES + 1)  # whole, so that no size in the header can take memory
    if len(content) > MAX_BYTES:
        raise ValueError(f"{where}: larger than {MAX_BYTES} bytes; refused")
    try:
        with wave.open(io.BytesIO(content), "rb") as sound:
            channels, width, rate, frames, *_ = sound.getparams()
            values = sound.readframes(frames)
    except (wave.Error, EOFError, RuntimeError) as error:  # of seeking beyond a chunk
        reason = str(error) or "it ends too early"
        raise ValueError(f"{where}: not a PCM WAV file, or damaged ({reason})") from error
    if (channels, width) != (1, 2):
        raise ValueError(
            f"{where}: {channels} channels of {8 * width} bits; needed: 1 channel of 16 bits"
        )
    if not (frames and rate):
        raise ValueError(f"{where}: {frames} samples at {rate} Hz; needed: 1 and more of both")
    if len(values) != frames * width:
        raise ValueError(
            f"{where}: the header says {frames} samples, the file has {len(values) // width}"
        )
    said = int.from_bytes(content[4:8], "little") + _RIFF_HEADER
    if said != len(content):
        raise ValueError(f"{where}: the header says {said} bytes, the file has {len(content)}")
    samples = np.frombuffer(values, "<i2").astype(np.float32)
    samples /= 2**15
    return samples, rate


def from_archive(path: str | Path, pattern: str, rate: int) -> dict[str, NDArray[np.float32]]:
    """Return the samples of the WAV files in a tar archive whose names match.

    Parameters
    ----------
    path, pattern
        As for `archives.members`.
    rate
        Samples per second that all must have.

    Returns
    -------
    dict
        Name -> samples as from `load`, in the order of the archive.

    Raises
    ------
    ValueError
        If a file cannot be loaded or is of another rate, or the archive is damaged.
    """
    found = {}
    try:
        for name, file in archives.members(path, pattern):
            found[name], its_rate = load(file, f"{path}: {name}")
            if its_rate != rate:
                raise ValueError(f"{path}: {name}: rate is {its_rate} Hz; needed: {rate} Hz")
    except tarfile.TarError as error:  # raised here, not by `members`, if a member is cut short
        raise ValueError(f"{path}: not a tar archive, or damaged ({error})") from error
    return found
