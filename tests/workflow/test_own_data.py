"""A file of the user's own, from the file to the answer."""

import json
import re

import numpy as np
import pytest
import yaml

pytestmark = pytest.mark.workflow

PAIRS = ["image-text", "image-audio", "text-audio"]


def own(folder, n, modalities=("image", "text", "audio"), **changes):
    """Make a file with three modalities and names for labels, and a study of it."""
    rng = np.random.default_rng(0)
    names = rng.permutation(np.array(["cat", "dog"])[np.arange(n) % 2])
    sides = {
        key: rng.normal(size=(n, 8)) + (names == "dog")[:, None]
        for key in ("image", "text", "audio")
    }
    np.savez(folder / "my.npz", label=names, **sides)
    config = {
        "study": "own",
        "strengths": ["0", "0.4", "1"],
        "seeds": 3,
        "training": {"epochs": 2, "batch_size": 16, "min_steps": 0},
        "information": {"clusters": 3, "permutations": 10, "resamples": 10,
                        "sensitivity_clusters": []},
        "datasets": {"own": {"kind": "files", "path": "my.npz", "label": "label",
                             "modalities": [*modalities]}},
    }  # fmt: skip
    (folder / "own.yaml").write_text(yaml.safe_dump(config | changes))


def test_three_modalities_and_names_for_labels_give_an_answer_for_every_pair(clone):
    copy = clone()
    own(copy.folder, 300, features=False, controls=False)
    copy.snakemake("recommend", config="own.yaml")
    for pair in PAIRS:
        folder = copy.folder / "results/own" / f"own-{pair}"
        answer = json.loads((folder / "recommendation.json").read_text())
        assert [row["modality"] for row in answer["answers"]] == [*pair.split("-"), "both"]
        text = (folder / "recommendation.md").read_text()
        assert all(s in text for s in [answer["headline"], *answer["sentences"]])
        assert (folder / "recommendation.svg").stat().st_size > 1000
    text = (copy.folder / "logs/own/own-image-text/prepare_dataset.log").read_text()
    assert "classes: 0 cat, 1 dog" in text
    assert copy.planned("recommend", config="own.yaml") == {}


def test_few_samples_are_searched_adaptively_and_give_a_warning(clone):
    copy = clone()
    small = {"first_strengths": 2, "first_seeds": 2, "confirming_seeds": 3}
    own(copy.folder, 30, modalities=["image", "text"], search="adaptive", adaptive=small)
    copy.snakemake(config="own.yaml")
    folder = copy.folder / "results/own/own-image-text"
    warnings = json.loads((folder / "recommendation.json").read_text())["warnings"]
    assert any("only 6 samples" in w for w in warnings)
    assert any("Only 18 training pairs" in w for w in warnings)
    assert all(w in (folder / "recommendation.md").read_text() for w in warnings)
    rounds = json.loads((folder / "search.json").read_text())["rounds"]
    assert rounds["infonce"][0]["models"] == 4


def test_a_key_that_the_file_does_not_have_is_found_by_a_dry_run(clone):
    copy = clone()
    own(copy.folder, 30)
    path = copy.folder / "own.yaml"
    path.write_text(path.read_text().replace("label: label", "label: lable"))
    process = copy.snakemake("-n", "recommend", config="own.yaml", check=False)
    assert process.returncode
    said = 'datasets.own.label is "lable"; allowed: a key of my.npz: label, image, text, audio.'
    assert said in process.stderr


def test_a_wrong_file_stops_with_one_sentence_and_leaves_nothing(clone):
    copy = clone()
    own(copy.folder, 30)
    with np.load(copy.folder / "my.npz") as file:
        np.savez(copy.folder / "my.npz", **dict(file) | {"text": file["text"][:20]})
    process = copy.snakemake("recommend", config="own.yaml", check=False)
    assert process.returncode
    first = (
        r"my\.npz: (image has 30 rows and text 20|text has 20 rows and audio 30); needed: the same"
    )
    assert re.search(first, process.stderr)  # of the two wrong pairs, the one that ran first
    assert not list((copy.folder / "results/own").glob("*text*/data.safetensors"))
