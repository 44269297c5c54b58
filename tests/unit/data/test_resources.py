"""The registry of downloads."""

import re
import subprocess
import sys

import pytest

from alignsweep.data.resources import RESOURCES, needed

SHA256 = re.compile("[0-9a-f]{64}")


@pytest.mark.parametrize("name", RESOURCES)
def test_a_resource_has_places_and_a_checksum_or_google_drive(name):
    resource = RESOURCES[name]
    assert resource.name == name
    assert all(s.startswith(("https://", "gdrive:")) for s in resource.sources)
    if resource.sha256 is None:
        assert resource.sources[0].startswith("gdrive:")
    else:
        assert SHA256.fullmatch(resource.sha256)
    re.compile(resource.members)


def test_no_two_resources_are_the_same():
    assert len({r.sources for r in RESOURCES.values()}) == len(RESOURCES)
    sums = [r.sha256 for r in RESOURCES.values() if r.sha256]
    assert len(set(sums)) == len(sums)


@pytest.mark.parametrize(
    ("kind", "options", "names"),
    [
        ("synthetic", {"redundancy": 4}, []),
        ("digits", {}, []),
        ("avmnist-multibench", {}, ["avmnist/avmnist.tar.gz"]),
        ("mosi", {}, ["mosi/mosi_utterance_csv.tar.gz"]),
        (
            "multiview",
            {"set": "mfeat", "pair": "fou-kar"},
            ["multiview/mfeat-fou.csv", "multiview/mfeat-kar.csv"],
        ),
        ("multibench", {"set": "mosei"}, ["multibench/mosei_senti_data.pkl"]),
        ("multibench", {"set": "mosi"}, ["multibench/mosi_data.pkl"]),
        ("multibench", {"set": "urfunny"}, ["multibench/humor.pkl"]),
        ("multibench", {"set": "mustard"}, ["multibench/sarcasm.pkl"]),
        ("multibench", {"file": "own/my.pkl", "task": "regression"}, ["own/my.pkl"]),
    ],
)
def test_what_a_dataset_needs(kind, options, names):
    assert needed(kind, options) == names


def test_what_datasets_of_many_files_need():
    mnist = [
        f"mnist/{p}-{k}-ubyte.gz" for p in ("train", "t10k") for k in ("images-idx3", "labels-idx1")
    ]
    assert needed("avmnist", {}) == [*mnist, "fsdd/free-spoken-digit-dataset-1.0.10.tar.gz"]
    parts = [f"{k}_{p}" for k in ("audio", "video", "y") for p in ("train", "valid", "test")]
    assert needed("mmmo", {}) == [f"affect_h5/mmmo/{p}.h5" for p in parts]


def test_the_nine_tables_of_mosi_are_its_content():
    tables = ["transcripts", "text_train", "text_test"]
    tables += [f"{k}/{k}_{p}0" for k in ("text", "audio", "video") for p in ("train", "test")]
    pattern = RESOURCES["mosi/mosi_utterance_csv.tar.gz"].members
    assert all(re.fullmatch(pattern, f"data/{t}.csv") for t in tables)
    others = [
        "data/text/text_train0.arff",
        "data/text/audio_train0.csv",
        "lstm.py",
        "text_train.csv",
    ]
    assert not any(re.fullmatch(pattern, o) for o in others)


def test_the_registry_is_light():
    heavy = "{'numpy', 'pandas', 'sklearn', 'torch', 'requests', 'gdown', 'tqdm'}"
    check = f"import sys, alignsweep.data.resources; assert not {heavy} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", check], check=True)
