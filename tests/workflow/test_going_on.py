"""Killed midway, a study goes on by the same command; and two runs do not destroy each other."""

import os
import signal
import subprocess
import sys
import time

import pytest
from workflow.conftest import UNUSUAL

pytestmark = pytest.mark.workflow

RESULTS = "results/smoke"
SCORES = "tables/probe.csv"


def begin(copy, *targets):
    """Start Snakemake and return when its first training is under way."""
    environment = {k: v for k, v in os.environ.items() if k not in UNUSUAL}
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *targets]
    with open(copy.folder / "said.log", "a") as log:
        process = subprocess.Popen(
            [*command, "--configfile", "config/smoke.yaml"],
            cwd=copy.folder, env=environment, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    end = time.time() + 300
    while not list(copy.folder.glob("logs/smoke/*/seeds=*/train_encoders.log")):
        assert process.poll() is None, (copy.folder / "said.log").read_text()[-2000:]
        assert time.time() < end
        time.sleep(0.1)
    return process


@pytest.mark.parametrize(
    ("kill", "target", "tables"),
    [(os.kill, f"{RESULTS}/{SCORES}", SCORES), (os.killpg, "tables", "tables/*.csv")],
    ids=["Snakemake alone", "all processes"],
)
def test_killed_it_goes_on_by_the_same_command(clone, finished, kill, target, tables):
    """To the same bytes as another run, which was not killed."""
    copy = clone()
    process = begin(copy, target)
    kill(process.pid, signal.SIGKILL)
    process.wait()
    assert list((copy.folder / ".snakemake/locks").iterdir())
    copy.snakemake(target)
    expected = list((finished.folder / RESULTS).glob(tables))
    assert expected
    for table in expected:
        again = copy.folder / table.relative_to(finished.folder)
        assert again.read_bytes() == table.read_bytes(), table.name
    assert not (copy.folder / ".snakemake/locks").exists()
    assert not list((copy.folder / ".snakemake/runs").iterdir())


def test_a_second_run_does_not_destroy_the_first(clone):
    copy, target = clone(), f"{RESULTS}/synthetic-R4/scores.csv"
    first = begin(copy, target)
    second = copy.snakemake(target, check=False)
    assert second.returncode
    assert "cannot be locked" in second.stderr
    assert first.wait(timeout=600) == 0, (copy.folder / "said.log").read_text()[-2000:]
    assert (copy.folder / target).is_file()
