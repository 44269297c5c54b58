"""Real runs of Snakemake, each in a copy of the repository."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[2]
#: What this machine may set and a user's does not: what is tested must be what a user has.
UNUSUAL = ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONHASHSEED")
PARTS = (
    "Snakefile",
    "workflow",
    "profiles",
    "config",
    "src",
    "envs",
    "pyproject.toml",
    "README.md",
)

#: What makes a study quick, added to one by hand.
QUICK = {
    "strengths": ["0", "0.4", "1"],
    "seeds": 3,
    "training": {"epochs": 2, "batch_size": 16, "min_steps": 0},
    "adaptive": {"first_strengths": 2, "first_seeds": 2, "confirming_seeds": 3},
    "information": False,
    "features": False,
    "controls": False,
    "uses": ["unimodal"],
}


class Clone:
    """A copy of what the workflow needs, in which Snakemake runs."""

    def __init__(self, folder):
        self.folder = folder
        for part in PARTS:
            source = ROOT / part
            copy = shutil.copytree if source.is_dir() else shutil.copy
            ignored = {"ignore": shutil.ignore_patterns("__pycache__", "*.egg-info")}
            copy(source, folder / part, **(ignored if source.is_dir() else {}))

    def snakemake(self, *arguments, config="config/smoke.yaml", check=True):
        """Run it and return the process; all it said is its ``stderr``."""
        configured = ["--configfile", *config.split()] if config else []
        environment = {k: v for k, v in os.environ.items() if k not in UNUSUAL}
        process = subprocess.run(
            [sys.executable, "-m", "snakemake", "--cores", "2", *arguments, *configured],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        process.stderr = process.stdout + process.stderr  # a dry run says it on standard output
        if check and process.returncode:
            pytest.fail(f"snakemake {' '.join(arguments)}\n{process.stderr}")
        return process

    def planned(self, *arguments, **options):
        """Return what a dry run would do: rule -> number of jobs."""
        text = self.snakemake("--dry-run", *arguments, **options)
        lines = text.stderr.splitlines()
        if "Job stats:" not in lines:
            return {}
        start = lines.index("Job stats:") + 3
        stats = {}
        for line in lines[start:]:
            if not line.strip():
                break
            rule, count = line.split()
            stats[rule] = int(count)
        stats.pop("total", None)
        return stats


@pytest.fixture(scope="session")
def clone(tmp_path_factory):
    """Make a fresh copy."""
    return lambda: Clone(tmp_path_factory.mktemp("clone"))


#: Put beside the library, it makes every job write down what it imported of it.
NOTE_IMPORTS = """
import atexit, os, sys

def note():
    script = os.path.basename(sys.argv[0]).split(".")[-2:-1]
    if script and ".snakemake" in sys.argv[0]:
        os.makedirs("imports", exist_ok=True)
        with open(f"imports/{script[0]}-{os.getpid()}", "w") as file:
            file.write(" ".join(m for m in sys.modules if m.startswith("alignsweep")))

atexit.register(note)
"""


@pytest.fixture(scope="session")
def once(request, tmp_path_factory):
    """Return a function that runs something in a fresh copy, once for all processes of tests."""
    common = tmp_path_factory.getbasetemp()
    if hasattr(request.config, "workerinput"):
        common = common.parent

    def run(name, what):
        note = common / f"{name}.txt"
        with FileLock(common / f"{name}.lock"):
            if not note.exists():
                what(copy := Clone(tmp_path_factory.mktemp("clone")))
                note.write_text(str(copy.folder))
        copy = object.__new__(Clone)
        copy.folder = Path(note.read_text())
        return copy

    return run


@pytest.fixture(scope="session")
def finished(once):
    """The smoke study, run to the end with its report. Tests leave it as it is."""

    def run(copy):
        (copy.folder / "src" / "sitecustomize.py").write_text(NOTE_IMPORTS)
        copy.snakemake()
        copy.snakemake("--report", "results/smoke/report.html")

    return once("finished", run)
