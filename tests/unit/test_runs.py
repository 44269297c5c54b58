"""A run that was killed is told from one that goes on, and what it left running is ended."""

import subprocess
import sys
import time

import psutil
import pytest

from alignsweep import runs

#: Begins a run in a folder, starts a process that outlives it, says both, and waits.
RUN = """
import subprocess, sys, time
from alignsweep import runs
alone = runs.begin(sys.argv[1])
left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(alone, left.pid, flush=True)
time.sleep(600)
"""


@pytest.fixture
def started(tmp_path):
    """Start runs in processes of their own; they end with the test."""
    processes, left_running = [], []

    def start():
        process = subprocess.Popen(
            [sys.executable, "-c", RUN, str(tmp_path)], stdout=subprocess.PIPE, text=True
        )
        alone, left = process.stdout.readline().split()
        processes.append(process)
        left_running.append(psutil.Process(int(left)))
        return alone, process, left_running[-1]

    yield start
    for process in left_running:  # first: they hold the pipes of the others
        if process.is_running():
            process.kill()
    for process in processes:
        process.kill()
        process.communicate()


def ended(process):
    end = time.time() + 60
    while process.is_running() and process.status() != psutil.STATUS_ZOMBIE and time.time() < end:
        time.sleep(0.05)
    return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


def test_one_that_goes_on_is_left_alone(started):
    first, _, left = started()
    second, *_ = started()
    assert (first, second) == ("True", "False")
    assert left.status() != psutil.STATUS_ZOMBIE


def test_what_a_killed_one_left_running_is_ended(started, tmp_path):
    _, process, left = started()
    process.kill()
    process.wait()
    assert left.is_running()
    again, *_ = started()
    assert again == "True"
    assert ended(left)
    assert len([p for p in tmp_path.iterdir() if not p.suffix]) == 1


def test_a_killed_one_of_another_machine_cannot_be_told(tmp_path, monkeypatch):
    monkeypatch.setenv(runs.TOKEN, "")
    (tmp_path / "0123").write_text("elsewhere")
    assert runs.begin(tmp_path) is None
    assert (tmp_path / "0123").exists()


def test_a_file_system_without_locks_cannot_tell(tmp_path, monkeypatch):
    def none(*_):
        raise OSError("no locks available")

    monkeypatch.setenv(runs.TOKEN, "")
    monkeypatch.setattr(runs.fcntl, "flock", none)
    assert runs.begin(tmp_path) is None
