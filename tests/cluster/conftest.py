"""Snakemake on a real Slurm, in copies of the repository. Run by `make test-cluster`."""

import os
import signal
import subprocess
import sys
import tempfile

import pytest
from local_slurm import LocalSlurm, missing
from workflow.conftest import Clone, once  # noqa: F401 (a fixture)

#: One block of seeds, for fewer jobs: on Slurm, each starts Snakemake twice.
SEEDS = ("--config", "seeds=2")
FAST = ("--slurm-init-seconds-before-status-checks", "1", "--seconds-between-status-checks", "1")


class Copy(Clone):
    """A copy of the repository whose jobs go to Slurm."""

    def __init__(self, folder, slurm):
        super().__init__(folder)
        self.slurm, self.process, self.output = slurm, None, folder / "snakemake.txt"

    def start(self, *arguments, profile="slurm"):
        """Start Snakemake; return at once."""
        fast = FAST if profile == "slurm" else ()
        with open(self.output, "wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "snakemake", *arguments, *fast]
                + ["--workflow-profile", f"workflow/profiles/{profile}"]
                + ["--configfile", "config/smoke.yaml", *SEEDS],
                cwd=self.folder,
                env=self.slurm.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )

    def wait(self, seconds=240):
        """Wait until it ends well, and return its output."""
        try:
            code = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            code = f"still running after {seconds} s"
        text = self.output.read_text()
        assert code == 0, f"{code}\n{text}"
        return text

    def run(self, *arguments, **options):
        """Run Snakemake to its end and return its output."""
        self.start(*arguments, **options)
        return self.wait()

    def kill(self):
        """End Snakemake as a power failure would; its jobs go on."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def assert_same(self, folder, *files):
        """Hold files against those of another copy."""
        for file in files:
            assert (self.folder / file).read_bytes() == (folder / file).read_bytes(), file

    def close(self):
        """End what is left of Snakemake, and its jobs."""
        if self.process and self.process.poll() is None:
            self.kill()
        self.slurm.empty()


@pytest.fixture(scope="session")
def slurm():
    """One cluster for all tests of a process."""
    if absent := missing():
        pytest.skip(f"no Slurm on this machine: {', '.join(absent)} not found")
    # so that `timeout` ends it like Ctrl-C: with no daemon left
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # sockets need a short path, so not pytest's own
    with tempfile.TemporaryDirectory(prefix="slurm-") as folder, LocalSlurm(folder) as cluster:
        yield cluster


@pytest.fixture
def copy(slurm, tmp_path):
    """A fresh copy of the repository."""
    made = Copy(tmp_path, slurm)
    yield made
    made.close()


@pytest.fixture(scope="session")
def local(once):  # noqa: F811
    """The folder of the smoke study with its tables, made without Slurm."""
    return once("local", lambda copy: copy.snakemake("tables", *SEEDS)).folder
