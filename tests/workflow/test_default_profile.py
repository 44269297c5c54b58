"""The terminal of a run with the default profile, and of one that is asked for more."""

import os
import subprocess
import sys

import pytest
from workflow.conftest import UNUSUAL

pytestmark = pytest.mark.workflow

TARGET = "results/smoke/digits-left-right/baseline.csv"


@pytest.fixture(scope="module")
def typed(clone):
    """Run Snakemake in a copy that has the default profile, and return what is said."""
    copy = clone()
    environment = {k: v for k, v in os.environ.items() if k not in UNUSUAL}

    def run(*words, config="config/smoke.yaml"):
        process = subprocess.run(
            [sys.executable, "-m", "snakemake", *words, "--configfile", config],
            cwd=copy.folder,
            env=environment | {"PYTHONPATH": str(copy.folder / "src")},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        return process.returncode, process.stdout

    run.folder = copy.folder
    return run


def test_a_run_is_quiet_and_without_control_codes(typed):
    code, text = typed(TARGET)
    assert code == 0, text
    assert all(character.isprintable() or character == "\n" for character in text)
    assert "RuntimeWarning" not in text
    said = [line for line in text.splitlines() if line]
    assert "profiles/default" in said[0]
    assert said[1] == "Study smoke: 2 datasets, 2 jobs"
    assert said[2].endswith("digits-left-right  data prepared")
    assert said[3].endswith("digits-left-right  plain models fitted")
    assert said[4].startswith("Done in ")
    assert "Page: results/smoke/index.html" in said

    code, text = typed(TARGET)
    assert code == 0
    assert "Study smoke: nothing to do, all is there" in text


def test_a_dry_run_lists_what_would_be_done(typed):
    _, text = typed("results/smoke/synthetic-R4/baseline.csv", "--dry-run")
    assert "Job stats:" in text
    assert "Fitting plain models to synthetic-R4" in text


def test_a_failure_is_explained_at_the_end(typed):
    path = typed.folder / "src/alignsweep/baseline.py"
    path.write_text(path.read_text() + "\n\ndef baseline(*_):\n    raise ValueError('no good')\n")
    code, text = typed("results/smoke/synthetic-R4/baseline.csv")
    assert code
    end = text.partition("Failed: ")[2]
    assert end.startswith("fit_baseline of synthetic-R4. ValueError: no good\nThe end of logs/")
    assert "1 of 2 jobs are done; the same command goes on" in end


def test_a_bad_study_is_said_in_a_sentence(typed):
    (typed.folder / "bad.yaml").write_text("study: bad\nseeds: x\n")
    code, text = typed(config="bad.yaml")
    assert code
    assert 'seeds is "x"; allowed: an integer' in text
    assert len(text.splitlines()) <= 6
