"""Real runs of Snakemake, each in a copy of the repository."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PARTS = ("Snakefile", "workflow", "config", "src", "envs", "pyproject.toml", "README.md")


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
        """Run it and return the process; its output is on standard error."""
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        process = subprocess.run(
            [sys.executable, "-m", "snakemake", "--cores", "2", *arguments, "--configfile", config],
            cwd=self.folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        if check and process.returncode:
            pytest.fail(f"snakemake {' '.join(arguments)}\n{process.stdout}{process.stderr}")
        return process

    def planned(self, *arguments, **options):
        """Return what a dry run would do: rule -> number of jobs."""
        text = self.snakemake("--dry-run", *arguments, **options)
        lines = (text.stdout + text.stderr).splitlines()
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


@pytest.fixture(scope="session")
def finished(clone):
    """The smoke study, run to the end with its report. Tests leave it as it is."""
    copy = clone()
    copy.snakemake()
    copy.snakemake("--report", "results/smoke/report.html")
    return copy
