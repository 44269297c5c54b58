"""The command line, with Snakemake underneath."""

import contextlib
import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import termios
import time
from pathlib import Path

import numpy as np
import pytest
import yaml
from workflow.conftest import QUICK, ROOT, UNUSUAL

pytestmark = pytest.mark.workflow

ASKED = ("my.npz", "--modalities", "image", "text", "audio", "--label", "kind")


def command(folder, *arguments, source=ROOT / "src", **options):
    """Start the command in a folder."""
    environment = {k: v for k, v in os.environ.items() if k not in UNUSUAL}
    return subprocess.Popen(
        [sys.executable, "-m", "alignsweep", *arguments],
        cwd=folder,
        env=environment | {"PYTHONPATH": str(source)},
        text=True,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options,
    )


def said(folder, *arguments, code=0, **options):
    """Run it to its end, which is to have this exit status, and return all it says."""
    process = command(folder, *arguments, **options)
    text = "".join(process.communicate(timeout=300))
    assert process.returncode == code, text
    assert "Traceback" not in text
    return text


def change(folder, **options):
    """Change the study that was written, by hand as it were."""
    path = folder / "alignsweep-my" / "study.yaml"
    config = yaml.safe_load(path.read_text()) | options
    config["datasets"]["my"]["pairs"] = ["image-text", "text-audio"]
    path.write_text(yaml.safe_dump(config))
    return str(path.relative_to(folder))


@pytest.fixture
def folder(tmp_path):
    rng = np.random.default_rng(0)
    kind = rng.permutation(np.array(["cat", "dog"])[np.arange(60) % 2])
    sides = {key: rng.normal(size=(60, 4)) for key in ("image", "text", "audio")}
    np.savez(tmp_path / "my.npz", kind=kind, **sides)
    return tmp_path


def test_from_a_file_to_its_answers_and_on_from_the_study_that_is_written(folder):
    planned = said(folder, "recommend", *ASKED, "--dry-run")
    task, jobs = planned.splitlines()
    assert task.startswith("kind: classification, 2 classes (cat, dog); scored by accuracy")
    assert re.fullmatch(r"\d+ jobs to do; the study is alignsweep-my/study.yaml", jobs)
    assert not (folder / "alignsweep-my/results").exists()
    study = change(folder, **QUICK)
    with np.load(folder / "my.npz") as file:
        whole = dict(file)
    np.savez(folder / "my.npz", **whole | {"audio": whole["audio"][:20]})

    text = said(folder, "recommend", study, "--cores", "2", code=1)
    results = folder / "alignsweep-my/results/my"
    answer = json.loads((results / "my-image-text/recommendation.json").read_text())
    flat = re.sub(r"\n +", " ", text)
    assert f"my-image-text: {answer['headline']}" in flat
    assert "my-text-audio: failed: ValueError" in flat
    log = "alignsweep-my/logs/my/my-text-audio/prepare_dataset.log"
    assert f"needed: the same, one row per sample ({log})" in flat
    assert "Answers: alignsweep-my/results/my/index.html" in text
    assert (results / "index.html").is_file()

    np.savez(folder / "my.npz", **whole)
    text = said(folder, "recommend", study, "--cores", "2")
    assert len(text.splitlines()) < 15
    assert "failed" not in text
    assert len(re.findall("^my-", text, flags=re.MULTILINE)) == 2
    assert said(folder, "recommend", study, "--dry-run").startswith("Nothing to do")

    gains = results / "my-image-text/gains.csv"
    gains.write_text(gains.read_text().replace("accuracy", "luck"))
    text = " ".join(said(folder, "recommend", study, "--cores", "2", code=1).split())
    assert f"Snakemake could not begin: results/my/my-image-text/{gains.name} " in text
    assert "is not what the last run wrote" in text


def test_stopped_it_leaves_no_lock_and_goes_on_where_it_stopped(folder):
    said(folder, "recommend", *ASKED, "--dry-run")
    study = change(folder, **QUICK | {"training": {"epochs": 2000}})
    all_jobs = int(said(folder, "recommend", study, "--dry-run").split()[0])
    ours, its = pty.openpty()
    termios.tcsetwinsize(its, (24, 80))
    process = command(
        folder, "recommend", study, "--cores", "1", stdout=subprocess.DEVNULL, stderr=its
    )
    os.close(its)
    shown, stopped, end = "", False, time.time() + 120
    with contextlib.suppress(OSError):  # at the end of what a terminal shows
        while chunk := os.read(ours, 4096):
            shown += chunk.decode()
            assert time.time() < end, shown
            if not stopped and re.search(r"left, \d+ of \d+ jobs, Searching the opt", shown):
                process.send_signal(signal.SIGINT)
                stopped = True
    os.close(ours)
    assert process.wait(timeout=60) == 130
    assert shown.endswith("Stopped; the same command goes on where it stopped.\r\n")
    assert "\n" not in shown[:-55]
    assert max(map(len, re.split("[\r\n]", shown))) <= 80
    assert not list(folder.glob("alignsweep-my/.snakemake/locks/*"))
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # of a process that has ended meanwhile
            assert str(folder) not in path.read_text()
    results = folder / "alignsweep-my/results/my"
    of_jobs = ("data.safetensors", "baseline.csv", "predictions.csv")
    made = [path for name in of_jobs for path in results.glob(f"*/{name}")]
    assert made
    left = int(said(folder, "recommend", study, "--dry-run").split()[0])
    assert left == all_jobs - len(made)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["my.npz"], "--modalities (two or more) and --label are needed; `alignsweep inspect"),
        (["my.npz", "--modalities", "image", "--label", "kind"], "--modalities (two or more)"),
        (["no.npz"], "File 'no.npz' does not exist"),
        (
            [*ASKED[:-1], "kinds"],
            'my.label is "kinds"; allowed: a key of my.npz: kind, image, text',
        ),
        ([*ASKED, "--uses", "fused"], 'config: uses is ["fused"], without "unimodal"'),
        ([*ASKED, "--uses", "all"], "'all' is not one of 'unimodal', 'fused',"),
        ([*ASKED, "--split"], "Option '--split' requires an argument"),
    ],
)
def test_a_mistake_is_said_in_a_sentence_and_nothing_is_written(folder, arguments, sentence):
    process = command(folder, "recommend", *arguments)
    out, text = process.communicate(timeout=60)
    assert process.returncode
    assert not out
    assert sentence in text
    assert len(text.splitlines()) <= 5
    assert [p.name for p in folder.iterdir()] == ["my.npz"]


def test_a_study_says_everything_itself(folder):
    said(folder, "recommend", *ASKED, "--dry-run")
    text = said(folder, "recommend", "alignsweep-my/study.yaml", "--label", "kind", code=1)
    assert "is a study, which says all but --cores and --dry-run" in text


def test_what_is_in_a_file(folder):
    text = said(folder, "inspect", "my.npz", "--modalities", "image", "text", "--label", "kind")
    assert all(key in text for key in ("image", "text", "audio", "kind"))


def test_installed_without_the_repository_it_has_the_workflow_with_it(clone, folder):
    copy = clone()
    shutil.copy(ROOT / "LICENSE", copy.folder)
    place = folder / "installed"
    pip = [
        "install",
        "--quiet",
        "--ignore-installed",
        "--no-deps",
        "--no-build-isolation",
        "--no-index",
    ]
    subprocess.run(
        [sys.executable, "-m", "pip", *pip, "--prefix", str(place), str(copy.folder)], check=True
    )
    (source,) = place.rglob("site-packages")
    text = said(folder, "recommend", *ASKED, "--dry-run", source=source)
    assert " jobs to do" in text
    shared = place / "share" / "alignsweep"
    for part in ("workflow/rules", "workflow/scripts", "workflow/report", "envs"):
        here, there = (
            {p.name for p in (root / part).iterdir() if p.is_file()} for root in (ROOT, shared)
        )
        assert here == there
