"""Datasets do not wait for each other, nor for what is optional."""

import json
import re

import numpy as np
import pytest
import yaml

pytestmark = pytest.mark.workflow

RESULTS = "results/three"


def save(path, n):
    rng = np.random.default_rng(0)
    label = rng.permutation(np.arange(n) % 2)
    sides = {k: rng.normal(size=(n, 6)) + label[:, None] for k in ("image", "text")}
    np.savez(path, label=label, **sides)


def study(folder, **changes):
    sources = {
        name: {"kind": "files", "path": f"{name}.npz", "label": "label",
               "modalities": ["image", "text"]}
        for name in ("good", "broken", "tiny")
    }  # fmt: skip
    config = {
        "study": "three",
        "strengths": ["0", "0.4", "1"],
        "seeds": 3,
        "training": {"epochs": 3, "batch_size": 32, "min_steps": 0},
        "controls": False,
        "features": False,
        "information": {"permutations": 10, "resamples": 10, "sensitivity_clusters": []},
        "datasets": sources,
    }
    (folder / "three.yaml").write_text(yaml.safe_dump(config | changes))
    return "three.yaml"


def linked(page):
    """Return the answers that a study's page links to."""
    return set(re.findall(r'href="([^"]+/recommendation.html)"', page))


def test_one_that_fails_leaves_the_others_their_answers(clone):
    copy = clone()
    save(copy.folder / "good.npz", 300)
    save(copy.folder / "tiny.npz", 60)
    (copy.folder / "broken.npz").write_bytes(b"no archive")
    config = study(copy.folder)
    process = copy.snakemake("recommend", "--keep-going", config=config, check=False)
    assert process.returncode != 0
    results = copy.folder / RESULTS
    for name in ("good", "tiny"):
        answer = json.loads((results / f"{name}-image-text/recommendation.json").read_text())
        assert answer["information"]["status"] == "estimated"
        assert answer["headline"]
    assert not (results / "broken-image-text/recommendation.json").exists()
    page = (results / "index.html").read_text()
    assert len(linked(page)) == 2
    line = next(line for line in page.splitlines() if "broken-image-text" in line)
    assert "failed: ValueError: broken.npz: not a .npz file, or damaged" in line
    assert "logs/three/broken-image-text/prepare_dataset.log" in line
    save(copy.folder / "broken.npz", 300)
    copy.snakemake("recommend", config=config)
    assert len(linked((results / "index.html").read_text())) == 3


@pytest.fixture(scope="module")
def alone(clone):
    """A study of one dataset, without information: what is planned; a grid and a search, run."""
    copy = clone()
    save(copy.folder / "good.npz", 300)
    sources = yaml.safe_load((copy.folder / study(copy.folder)).read_text())["datasets"]
    only = {"datasets": {"good": sources["good"]}, "information": False}
    copy.plan = copy.planned(config=study(copy.folder, **only))
    for search, targets in (("grid", ["tables", "recommend"]), ("adaptive", ["recommend"])):
        config = study(copy.folder, study=search, search=search, **only)
        copy.snakemake(*targets, config=config)
    return copy


def test_information_may_be_off_and_the_page_says_so(alone):
    assert "estimate_information" not in alone.plan
    results = alone.folder / "results/grid"
    text = (results / "good-image-text/recommendation.md").read_text()
    assert "Information about the label: off." in text
    tables = {p.name for p in (results / "tables").iterdir()}
    assert "information.csv" not in tables
    assert {"probe.csv", "optimum.csv", "gains.csv", "alignment.csv", "datasets.csv"} <= tables


def test_grid_and_search_write_the_same_tables(alone):
    headers = {}
    for search in ("grid", "adaptive"):
        folder = alone.folder / "results" / search / "good-image-text"
        headers[search] = {
            name: (folder / f"{name}.csv").read_text().splitlines()[0]
            for name in ("scores", "gains", "optimum", "facts")
        }
        answer = json.loads((folder / "recommendation.json").read_text())
        assert [row["modality"] for row in answer["answers"]] == ["image", "text", "both"]
    assert headers["grid"] == headers["adaptive"]
    assert not list(folder.glob("tried-*"))


def test_a_file_that_is_gone_is_named_before_anything_runs(clone):
    copy = clone()
    config = study(copy.folder)
    process = copy.snakemake("-n", config=config, check=False)
    assert process.returncode != 0
    for name in ("good", "broken", "tiny"):
        assert f'config: datasets.{name}.path is "{name}.npz"; allowed: a file' in process.stderr
    assert "Traceback" not in process.stderr


def test_two_files_or_a_key_that_stands_twice_are_refused(clone):
    copy = clone()
    process = copy.snakemake("-n", config="config/smoke.yaml config/real.yaml", check=False)
    assert process.returncode != 0
    text = (copy.folder / "config/smoke.yaml").read_text()
    (copy.folder / "twice.yaml").write_text(text + "seeds: 3\n")
    process = copy.snakemake("-n", config="twice.yaml", check=False)
    assert 'the key "seeds" stands twice' in process.stderr
    assert "Traceback" not in process.stderr
