"""Gives a reader made-up inputs in a process of its own: python -m faults.fuzzing READER N FOLDER

It says what it reads before it reads it, so that an input that ends the process can be found: a
crash, more than `SECONDS`, or more than `BYTES` of memory beyond what the process began with.
"""

import random
import resource
import signal
import struct
import sys
import tarfile
import warnings
import wave
from pathlib import Path

import numpy as np

SECONDS, BYTES = 10, 2**30
INTERESTING = [0, 1, 0x7F, 0x80, 0xFF]
WIDE = [0, 1, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1]


def arrays():
    rng = np.random.default_rng(0)
    return {"image": rng.normal(size=(8, 3)), "text": np.array(["cat", "dög"] * 4),
            "y": np.arange(8) % 2}  # fmt: skip


def of_idx(path):
    path.write_bytes(struct.pack(">HBBII", 0, 8, 2, 5, 4) + bytes(range(20)))


def of_wav(path):
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(range(100)))


def of_tar(path):
    of_wav(path.with_name("a.wav"))
    with tarfile.open(path, "w:gz") as archive:
        archive.add(path.with_name("a.wav"), "top/a.wav")


def of_pickle(path):
    import pickle

    path.write_bytes(pickle.dumps({"train": arrays(), "more": [1, 2.0, "x", b"y", (None, True)]}))


def of_hdf5(path):
    import h5py

    with h5py.File(path, "w") as file:
        for name, value in arrays().items():
            value = value.astype(object) if value.dtype.kind == "U" else value
            file.create_dataset(f"deep/{name}", data=value, compression="gzip", chunks=True)
        file["short"] = np.array([b"ab", b"c"])


def of_h5ad(path):
    import h5py
    from scipy import sparse

    matrix = sparse.csr_matrix(np.eye(8, 3))
    with h5py.File(path, "w") as file:
        file["obs/_index"] = [str(i) for i in range(8)]
        file["obs/y"] = arrays()["y"]
        file["obs"].attrs["_index"] = "_index"
        file["obsm/pca"] = arrays()["image"]
        x = file.create_group("X")
        x.attrs.update({"encoding-type": "csr_matrix", "shape": matrix.shape})
        for part in ("data", "indices", "indptr"):
            x[part] = getattr(matrix, part)


def of_npz(path):
    np.savez_compressed(path, **arrays())


def of_safetensors(path):
    from safetensors.numpy import save_file

    save_file({k: x for k, x in arrays().items() if x.dtype.kind != "U"}, path)


def of_torch(path):
    import torch

    torch.save({"image": torch.ones(8, 3), "y": torch.arange(8), "names": ["a", "b"]}, path)


def table():
    import pandas as pd

    found = arrays()
    columns = {f"image_{i}": c for i, c in enumerate(found["image"].T)}
    return pd.DataFrame({**columns, "text": found["text"], "y": found["y"]})


def of_parquet(path):
    table().assign(lists=[[1.0, 2.0]] * 8).to_parquet(path)


def of_csv(path):
    table().to_csv(path, index=False, sep="\t" if ".tsv" in path.name else ",")


def of_npy(path):
    path.mkdir(exist_ok=True)
    for name, value in arrays().items():
        np.save(path / f"{name}.npy", value)


def every_column(path):
    from alignsweep.data.readers.columns import Columns

    found = Columns(path)
    for name in [*found.names[:20], "image"]:
        for read in (found.form, found.get, found.array):
            try:
                read(name)
            except ValueError:
                continue


def readers():
    """Return reader -> what writes a whole file, what reads one, and the ending of its name."""
    from alignsweep.data.readers import archives, hdf5, idx, pickles, wav

    def members(path):
        return [file.read() for _, file in archives.members(path)]

    columns = {
        ".npz": of_npz, ".safetensors": of_safetensors, ".h5": of_hdf5, ".h5ad": of_h5ad,
        ".pt": of_torch, ".parquet": of_parquet, ".csv": of_csv, ".tsv": of_csv,
        ".csv.gz": of_csv,
    }  # fmt: skip
    return {
        "idx": (of_idx, idx.load, ".idx"),
        "wav": (of_wav, wav.load, ".wav"),
        "recordings": (of_tar, lambda path: wav.from_archive(path, ".*", 8000), ".tar.gz"),
        "archives": (of_tar, members, ".tar.gz"),
        "pickles": (of_pickle, pickles.load, ".pkl"),
        "hdf5": (of_hdf5, lambda path: hdf5.load(path, "deep/image"), ".h5"),
        **{f"columns {e}": (write, every_column, e) for e, write in columns.items()},
        "columns .npy": (of_npy, every_column, ""),
    }


def changed(whole, rng):
    """Return a file with some bytes changed, dropped, doubled, or taken from elsewhere in it."""
    data = bytearray(whole)
    for _ in range(rng.choice([1, 1, 1, 2, 3, 8])):
        at, length = rng.randrange(len(data) + 1), rng.choice([1, 2, 4, 8, 16])
        kind = rng.randrange(8)
        if kind == 0:
            data[at : at + 1] = bytes([rng.choice(INTERESTING)])
        elif kind == 1:
            data[at : at + length] = rng.randbytes(length)
        elif kind == 2:
            number, width = rng.choice(WIDE), rng.choice([2, 4, 8])
            data[at : at + width] = (number % 256**width).to_bytes(
                width, rng.choice(["little", "big"])
            )
        elif kind == 3 and at < len(data):
            data[at] ^= 1 << rng.randrange(8)
        elif kind == 4:
            del data[at:]
        elif kind == 5:
            del data[at : at + length]
        elif kind == 6:
            start = rng.randrange(len(data) + 1)
            data[at:at] = data[start : start + length]
        else:
            data[at:at] = bytes(length)
    return bytes(data)


def made(whole, i):
    """Return the input of this number: mostly a changed file, sometimes no file at all."""
    rng = random.Random(i)
    if i % 50 == 0:
        return rng.randbytes(rng.choice([0, 1, 4, 100, 5000]))
    return changed(whole, rng)


def peak():
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main(reader, count, folder):
    warnings.simplefilter("ignore")
    write, read, ending = readers()[reader]
    whole_path = Path(folder, f"whole{ending}")
    write(whole_path)
    read(whole_path)
    path = Path(folder, f"made{ending}")
    if whole_path.is_dir():
        path.mkdir(exist_ok=True)
        whole_path, path = whole_path / "image.npy", path / "image.npy"
    whole, begun = whole_path.read_bytes(), peak()
    refused = 0
    for i in range(int(count)):
        print(i, flush=True)
        path.write_bytes(made(whole, i))
        signal.alarm(SECONDS)  # which ends the process
        try:
            read(path.parent if ending == "" else path)
        except ValueError:
            refused += 1
        signal.alarm(0)
        if peak() - begun > BYTES:
            sys.exit(f"input {i} takes {(peak() - begun) / 2**20:.0f} MB")
    print("refused", refused)
    print("megabytes", (peak() - begun) // 2**20)


if __name__ == "__main__":
    main(*sys.argv[1:])
