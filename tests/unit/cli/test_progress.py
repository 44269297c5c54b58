"""How far a run is, from lines as Snakemake writes them."""

import pytest

from alignsweep.cli.progress import LENGTHS, Progress

ADAPTIVE = {
    "first_seeds": 3, "first_strengths": 6, "strengths_per_round": 3, "confirming_seeds": 5,
}  # fmt: skip
DATASETS = {"my-a-b": {"adaptive": ADAPTIVE}}
BEGIN = """\
Job stats:
job                     count
--------------------  -------
prepare_dataset             1
search_strength             1
recommend                   1
total                       3

Select jobs to execute...
Job 2: Preparing my-a-b
Reason: Missing output files: results/my/my-a-b/data.safetensors
"""
SEARCH = """\
Finished jobid: 2 (Rule: prepare_dataset)
1 of 3 steps (33%) done
Job 1: Searching the optimum of my-a-b
"""


@pytest.fixture
def progress(tmp_path):
    return Progress(DATASETS, seeds=10, logs=tmp_path)


def take(progress, text):
    for line in text.splitlines():
        progress.note(line)
    return progress.now()


def test_jobs_are_counted_and_the_one_that_runs_is_said(progress):
    assert progress.now() == (0, "planning")
    assert take(progress, BEGIN) == (0, "0 of 3 jobs, Preparing my-a-b")
    assert progress.length == 2 + LENGTHS["search_strength"]
    assert take(progress, SEARCH) == (1, "1 of 3 jobs, Searching the optimum of my-a-b")


def test_a_search_says_its_models_and_counts_in_part(progress, tmp_path):
    take(progress, BEGIN + SEARCH)
    (tmp_path / "my-a-b").mkdir()
    log = tmp_path / "my-a-b" / "search_strength.log"
    log.write_text("INFO x: after 18 models: {}\nINFO x: after 33 models: {}\n")
    done, said = progress.now()
    assert said == "1 of 3 jobs, Searching the optimum of my-a-b, 33 models"
    # 18 to begin with, and at most 7 further seeds and 5 that confirm, of 4 models each
    assert done == pytest.approx(1 + LENGTHS["search_strength"] * 33 / 66)


def test_at_the_end_all_is_done(progress):
    take(progress, BEGIN + SEARCH)
    end = "Finished jobid: 1 (Rule: search_strength)\nFinished jobid: 0 (Rule: recommend)\n"
    assert take(progress, end) == (progress.length, "3 of 3 jobs, Done")
