"""The documentation as a site, and the notebook, where their packages are (make docs)."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_the_site_builds_without_a_warning(tmp_path):
    pytest.importorskip("material", reason="mkdocs-material is not there; make docs installs it")
    pytest.importorskip("mkdocstrings", reason="mkdocstrings is not there; make docs installs it")
    process = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", tmp_path / "site"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stdout + process.stderr
    for page, said in {
        "index.html": "How strongly",
        "gallery.html": "Cause of the harm",
        "configuration.html": "strengths_per_job",
        "api.html": "alignsweep.training.sweep.train",
        "notebook.html": "linear_probe",
    }.items():
        assert said in (tmp_path / "site" / page).read_text(encoding="utf-8"), page


def test_the_notebook_runs():
    jupytext = pytest.importorskip("jupytext", reason="jupytext is not there; make docs gets it")
    notebook = jupytext.read(ROOT / "docs" / "notebook.py")
    known: dict = {}
    cells = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    assert len(cells) >= 5
    for code in cells:
        exec(code, known)
    mean = known["test"].groupby(known["test"]["strength"].astype(float))["value"].mean()
    assert mean[2.0] < mean[0.0] - 0.05
