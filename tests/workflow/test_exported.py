"""Out of a study: its winning encoders, and what they make of the user's file."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
import yaml

import alignsweep

pytestmark = pytest.mark.workflow

SEARCH = {"first_strengths": 2, "first_seeds": 2, "confirming_seeds": 3}


def described(folder, **changes):
    """Make a file of two modalities, whose scales differ, and a study of it."""
    rng = np.random.default_rng(0)
    label = rng.integers(2, size=200)
    sides = {"image": 100 + 9 * rng.normal(size=(200, 8)), "text": rng.normal(size=(200, 5))}
    np.savez(folder / "my.npz", label=label, **{m: x + label[:, None] for m, x in sides.items()})
    config = {
        "study": "own",
        "strengths": ["0", "1"],
        "seeds": 3,
        "controls": False,
        "features": False,
        "information": False,
        "uses": ["unimodal"],
        "training": {"epochs": 4, "batch_size": 16, "min_steps": 0},
        "datasets": {"own": {"kind": "files", "path": "my.npz", "label": "label",
                             "modalities": ["image", "text"]}},
    }  # fmt: skip
    (folder / "own.yaml").write_text(yaml.safe_dump(config | changes))
    return sides


@pytest.mark.parametrize("search", ["grid", "adaptive"])
def test_the_winning_encoders_and_their_embeddings_are_had_by_one_target(clone, search):
    copy = clone()
    described(copy.folder, search=search, adaptive=SEARCH)
    copy.snakemake("embeddings", config="own.yaml")
    folder = copy.folder / "results/own/own-image-text"
    own = alignsweep.load(folder / "encoders.safetensors")
    assert own.strength in {"0", pd.read_csv(folder / "uses.csv", dtype=str)["strength"].iloc[-1]}
    with np.load(copy.folder / "my.npz") as raw, np.load(folder / "embeddings.npz") as made:
        np.testing.assert_array_equal(raw["label"], made["label"])
        assert set(made["split"]) == {"train", "validation", "test"}
        for modality in ("image", "text"):
            found = own.embed(modality, raw[modality])
            np.testing.assert_allclose(found, made[modality], rtol=1e-3, atol=1e-3)
        table = pd.read_parquet(folder / "embeddings.parquet")
        np.testing.assert_array_equal(table["text_0"], made["text"][:, 0])
        command = [sys.executable, "-m", "alignsweep", "embed", folder / "encoders.safetensors"]
        command += [copy.folder / "my.npz", copy.folder / "again.npz"]
        subprocess.run(
            command, check=True, env=os.environ | {"PYTHONPATH": str(copy.folder / "src")}
        )
        with np.load(copy.folder / "again.npz") as again:
            np.testing.assert_allclose(again["text"], made["text"], rtol=1e-3, atol=1e-3)
    assert not list(folder.glob("tried-*"))
    assert copy.planned("embeddings", config="own.yaml") == {}
