"""Datasets made from files, from a mirror to the answer; and files that are not what they seem."""

import gzip
import io
import os
import pickle
import tarfile

import numpy as np
import pandas as pd
import pytest
import yaml

pytestmark = pytest.mark.workflow

SIZES = {"train": 64, "valid": 40, "test": 60}


def affect(steps, widths, labels, seed=0):
    """The content of a file in MultiBench's format, whose features tell the label."""
    rng = np.random.default_rng(seed)
    made = {}
    for key, n in SIZES.items():
        score = rng.uniform(-3, 3, n)
        there = np.arange(steps) >= steps - 1 - rng.integers(0, 6, (n, 1))
        made[key] = {
            name: (rng.normal(2, 1, (n, steps, width)) + score[:, None, None]) * there[:, :, None]
            for name, width in zip(("vision", "audio", "text"), widths, strict=True)
        }
        made[key]["audio"][1, -1, 2] = -np.inf
        made[key]["labels"] = labels(score)
        made[key]["id"] = [f"video[{i}]" for i in range(n)]
    return made


def scores(x):
    return x.reshape(-1, 1, 1)


def classes(x):
    return (x > 0).astype(float).reshape(-1, 1)


class Hostile:
    def __reduce__(self):
        return os.system, ("touch hostile",)


def study(folder, sources, **changes):
    """Write a configuration for these sources, and return its name."""
    config = {
        "study": "files",
        "strengths": ["0", "1"],
        "seeds": 2,
        "data_mirror": "mirror",
        "encoder": {"kind": "transformer", "dimension": 4, "layers": 1},
        "training": {"epochs": 1, "batch_size": 32, "min_steps": 0},
        "controls": False,
        "information": {
            "clusters": 3, "permutations": 10, "resamples": 10, "sensitivity_clusters": [],
            "bins": "sign",
        },
        "datasets": sources,
    }  # fmt: skip
    (folder / "files.yaml").write_text(yaml.safe_dump(config | changes))
    return "files.yaml"


def put(folder, name, content):
    path = folder / "mirror" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def test_every_affect_dataset_goes_from_its_file_to_the_answer(clone):
    copy = clone()
    files = {
        "mosei": ("mosei_senti_data.pkl", affect(50, (35, 74, 300), scores)),
        "mustard": ("sarcasm.pkl", affect(50, (371, 81, 300), classes)),
        "urfunny": ("humor.pkl", affect(20, (371, 81, 300), classes)),
    }
    for file, content in files.values():
        put(copy.folder, f"multibench/{file}", pickle.dumps(content))
    pairs = {"mosei": "audio-text", "mustard": "vision-audio", "urfunny": "vision-text"}
    config = study(
        copy.folder,
        {k: {"kind": "multibench", "set": k, "pairs": [pair]} for k, pair in pairs.items()},
    )
    drawn = "results/files/figures/gain_heatmap-mosei.png"
    tables = [f"results/files/tables/{name}.csv" for name in ("probe", "datasets")]
    copy.snakemake("recommend", drawn, *tables, config=config)
    results = copy.folder / "results" / "files"
    assert (copy.folder / drawn).stat().st_size > 5000
    for name, pair in pairs.items():
        page = (results / f"{name}-{pair}" / "recommendation.md").read_text()
        assert "one strength for both: " in page
        assert "The test split has only 60 samples" in page
        note = copy.folder / "resources" / "multibench" / f"{files[name][0]}.sha256"
        assert note.read_text().endswith(f"  {files[name][0]}\n")
    probe = pd.read_csv(results / "tables" / "probe.csv")
    alone = probe[(probe["split"] == "test") & (probe["use"] == "unimodal")]
    test = alone.groupby(["dataset", "metric"])["value"].mean()
    assert test["mosei-audio-text", "correlation"] > 0.8
    assert test["mustard-vision-audio", "accuracy"] > 0.8
    facts = pd.read_csv(results / "tables" / "datasets.csv")
    cleaned = facts[(facts["fact"] == "not_finite_values") & (facts["modality"] == "audio")]
    assert (cleaned["value"] == 3).all()  # one in each split
    assert copy.planned("recommend", config=config) == {}
    # a file that is there is not fetched again, whatever the mirror
    (copy.folder / "elsewhere").mkdir()
    study(copy.folder, {"m": {"kind": "multibench", "set": "mosei", "pairs": ["vision-text"]}},
          data_mirror="elsewhere")  # fmt: skip
    assert "download_dataset" not in copy.planned(config=config)


def slip():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as file:
        file.addfile(tarfile.TarInfo("top/../../evil.txt"))
    return buffer.getvalue()


def test_files_that_are_not_what_they_should_be_stop_their_dataset_alone(clone):
    copy = clone()
    good = affect(5, (4, 3, 5), classes)
    without = {k: {m: x for m, x in part.items() if m != "vision"} for k, part in good.items()}
    unknown = affect(5, (4, 3, 5), lambda x: np.where(x > 2, np.nan, x))
    bad = {
        "hostile": (pickle.dumps({"train": Hostile()}), "holds posix.system; allowed: numpy"),
        "cut": (pickle.dumps(good)[:-1000], "cut.pkl: not a pickle, or truncated or damaged"),
        "key": (pickle.dumps(without), "key.pkl: train: no vision; found: audio, text"),
        "labels": (pickle.dumps(unknown), "labels are NaN or infinite"),
    }
    for name, (content, _) in bad.items():
        put(copy.folder, f"own/{name}.pkl", content)
    put(copy.folder, "own/good.pkl", pickle.dumps(good))
    put(copy.folder, "mosi/mosi_utterance_csv.tar.gz", slip())
    for name in ("train-images-idx3", "train-labels-idx1", "t10k-images-idx3", "t10k-labels-idx1"):
        put(copy.folder, f"mnist/{name}-ubyte.gz", gzip.compress(b"not MNIST"))
    task = {"kind": "multibench", "task": "classification", "pairs": ["vision-text"]}
    sources = {k: {**task, "file": f"own/{k}.pkl"} for k in [*bad, "good"]}
    sources["slip"] = {"kind": "mosi", "pairs": ["audio-text"]}
    sources["digits"] = {"kind": "avmnist", "pairs": ["image-audio"]}
    config = study(copy.folder, sources)
    names = [f"{k}-{source['pairs'][0]}" for k, source in sources.items()]
    targets = [f"results/files/{name}/data.safetensors" for name in names]
    process = copy.snakemake(*targets, "--keep-going", config=config, check=False)
    assert process.returncode != 0
    for _, message in bad.values():
        assert message in process.stderr
    assert "'top/../../evil.txt' leaves the archive's folder; refused" in process.stderr
    assert "the checksum of its content is" in process.stderr
    assert "expected: ba891046e6505d7a" in process.stderr
    assert "cannot be fetched from mirror/fsdd/free-spoken" in process.stderr
    made = {p.parent.name for p in (copy.folder / "results/files").glob("*/data.safetensors")}
    assert made == {"good-vision-text"}
    assert not (copy.folder / "hostile").exists()
    assert not list((copy.folder / "resources").rglob("*.part"))
    assert not list((copy.folder / "resources" / "mnist").glob("*.gz"))
    assert (copy.folder / "resources/mnist/train-images-idx3-ubyte.gz.rejected").exists()
