import io
import struct
import tarfile
import wave

import numpy as np
import pytest

from alignsweep.data.readers import wav

VALUES = np.array([0, 1, -(2**15), 2**15 - 1, 1000], dtype="<i2")


def sound(values=VALUES, rate=8000, channels=1, width=2):
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setparams((channels, width, rate, 0, "NONE", ""))
        writer.writeframes(values.tobytes())
    return file.getvalue()


@pytest.mark.parametrize("how", [str, lambda path: path, lambda path: io.BytesIO(sound())])
def test_samples_and_rate(tmp_path, how):
    (tmp_path / "a.wav").write_bytes(sound())
    samples, rate = wav.load(how(tmp_path / "a.wav"))
    assert rate == 8000
    assert samples.dtype == np.float32
    np.testing.assert_array_equal(samples, VALUES / 2**15)


def replaced(where, value, code="<I"):
    content = bytearray(sound())
    struct.pack_into(code, content, where, value)
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        # the number of bytes of the samples, at 40, and of the file, at 4
        (replaced(40, 12), "the header says 6 samples, the file has 5"),
        (replaced(40, 2**32 - 2), "the header says 2147483647 samples, the file has 5"),
        (sound()[:-4], "the header says 5 samples, the file has 3"),
        (replaced(4, 2**32 - 1), "the header says 4294967303 bytes, the file has 54"),
        (sound() + b"more", "the header says 54 bytes, the file has 58"),
        (sound(channels=2, values=VALUES[:4]), "2 channels of 16 bits; needed: 1 channel of 16"),
        (sound(width=1), "1 channels of 8 bits"),
        (sound(values=VALUES[:0]), "0 samples at 8000 Hz; needed: 1 and more"),
        (replaced(24, 0), "5 samples at 0 Hz; needed: 1 and more"),
        (replaced(20, 3, "<H"), "not a PCM WAV file, or damaged .*unknown format"),
        (b"<!DOCTYPE html>", "not a PCM WAV file, or damaged .*RIFF"),
        (b"", "not a PCM WAV file, or damaged .*too early"),
    ],
)
def test_what_is_refused(tmp_path, content, message):
    (tmp_path / "a.wav").write_bytes(content)
    with pytest.raises(ValueError, match=rf"a\.wav: .*{message}"):
        wav.load(tmp_path / "a.wav")
    with pytest.raises(ValueError, match=rf"^digit: .*{message}"):
        wav.load(io.BytesIO(content), "digit")


@pytest.mark.parametrize("keep", range(len(sound())))
def test_a_file_that_ends_too_early(keep):
    with pytest.raises(ValueError, match=r"digit: "):
        wav.load(io.BytesIO(sound()[:keep]), "digit")


def test_a_file_that_is_too_large(monkeypatch):
    monkeypatch.setattr(wav, "MAX_BYTES", 53)
    with pytest.raises(ValueError, match="WAV file: larger than 53 bytes; refused"):
        wav.load(io.BytesIO(sound()))


def archive(path, **files):
    with tarfile.open(path, "w") as file:
        for name, content in files.items():
            info = tarfile.TarInfo(f"top/{name}.wav")
            info.size = len(content)
            file.addfile(info, io.BytesIO(content))
    return path


def test_an_archive(tmp_path):
    path = archive(tmp_path / "a.tar", b=sound(), a=sound(VALUES[:2]), other=b"no sound")
    read = wav.from_archive(path, r".\.wav", 8000)
    assert {name: len(samples) for name, samples in read.items()} == {"b.wav": 5, "a.wav": 2}
    with pytest.raises(ValueError, match=r"a\.tar: other\.wav: not a PCM WAV file"):
        wav.from_archive(path, r".*\.wav", 8000)
    with pytest.raises(ValueError, match=r"a\.tar: b\.wav: rate is 8000 Hz; needed: 16000 Hz"):
        wav.from_archive(path, r".\.wav", 16000)


@pytest.mark.parametrize("keep", [0, 300, 520, 560])
def test_a_damaged_archive(tmp_path, keep):
    path = archive(tmp_path / "a.tar", a=sound())
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"a\.tar: not a tar archive, or damaged"):
        wav.from_archive(path, r".*\.wav", 8000)


def test_a_chunk_that_ends_beyond_another_is_damage(tmp_path):
    """The wave module lets a bare RuntimeError through where it would seek beyond a chunk."""
    whole = bytearray(b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0\x40\x1f\0\0\x80\x3e\0\0\2\0\x10\0")
    found = bytes(whole) + b"junk\xff\xff\xff\x7fdata\0\0\0\0"
    (tmp_path / "a.wav").write_bytes(found)
    with pytest.raises(ValueError, match="not a PCM WAV file, or damaged"):
        wav.load(tmp_path / "a.wav")
