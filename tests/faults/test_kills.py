"""Killed at random moments, a study goes on by the same command, to the same bytes.

A run is killed several times in a row, without a warning (SIGKILL): Snakemake alone, whose jobs
then go on by themselves, or all of its processes at once, as when a machine goes down.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml
from workflow.conftest import UNUSUAL

#: Kills of a run, and runs of a study.
KILLS, RUNS = 6, (1, 2)
#: What makes a study with a search short.
SEARCH = {
    "study": "search",
    "strengths": ["0", "0.4", "1", "2"],
    "seeds": 3,
    "datasets": {"synthetic": {"kind": "synthetic", "redundancy": [4], "train": 256,
                               "validation": 256, "test": 256}},
    "training": {"epochs": 5, "min_steps": 0},
    "search": "adaptive",
    "adaptive": {"first_strengths": 2, "first_seeds": 2, "confirming_seeds": 3},
    "information": {"clusters": 5, "samples": 256, "permutations": 10, "resamples": 10,
                    "sensitivity_clusters": []},
}  # fmt: skip
#: What differs from run to run, since it says how long jobs took: a file, and the end of the page.
MEASURED, PROVENANCE = {"provenance.json"}, b'<section id="provenance">'


def start(folder, config):
    """Start a study as the README says, in a group of its own."""
    environment = {k: v for k, v in os.environ.items() if k not in UNUSUAL}
    with open(folder / "said.log", "a") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile", config],
            cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip


def finish(folder, config):
    process = start(folder, config)
    assert process.wait(timeout=3600) == 0, (folder / "said.log").read_text()[-3000:]


def contents(folder):
    """Return what the study made: path -> bytes."""
    results = folder / "results"
    return {
        str(p.relative_to(results)): p.read_bytes().partition(PROVENANCE)[0]
        for p in sorted(results.rglob("*"))
        if p.is_file() and p.name not in MEASURED
    }


def jobs_of(folder):
    """Return the ids of the processes that run a script of this folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().decode(errors="replace")
        except OSError:  # it has ended meanwhile
            continue
        if f"{folder}/.snakemake/scripts" in command:
            found.append(int(path.parts[2]))
    return found


@pytest.fixture(scope="module", params=["config/smoke.yaml", "search.yaml"])
def undisturbed(request, clone):
    """A study, what it makes, and how long that takes."""
    copy = clone()
    (copy.folder / "search.yaml").write_text(yaml.safe_dump(SEARCH))
    begun = time.monotonic()
    finish(copy.folder, request.param)
    return request.param, contents(copy.folder), time.monotonic() - begun


@pytest.mark.faults
@pytest.mark.parametrize("seed", RUNS)
def test_killed_again_and_again_it_ends_with_the_same_bytes(undisturbed, clone, note, seed):
    config, expected, duration = undisturbed
    rng, copy, left, kills = random.Random(seed), clone(), 0, 0
    (copy.folder / "search.yaml").write_text(yaml.safe_dump(SEARCH))
    for i in range(KILLS):
        process = start(copy.folder, config)
        time.sleep(rng.uniform(1, 1.5 * duration / KILLS))
        if process.poll() is not None:  # it was done before
            break
        (os.killpg if i % 2 else os.kill)(process.pid, signal.SIGKILL)
        process.wait()
        left, kills = left + len(jobs_of(copy.folder)), kills + 1
    finish(copy.folder, config)
    found = contents(copy.folder)
    differ = [name for name in {**expected, **found} if expected.get(name) != found.get(name)]
    note(
        study=Path(config).stem,
        kills=kills,
        jobs_left_running=left,
        files=len(expected),
        that_differ=len(differ),
    )
    assert kills
    assert not differ
    assert not jobs_of(copy.folder)
