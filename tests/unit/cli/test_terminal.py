"""What a run says on the terminal, from the events of Snakemake's logger."""

import io
import logging

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from alignsweep.cli.terminal import Terminal, claims
from alignsweep.log import FAILED
from snakemake_logger_plugin_alignsweep import LogHandler

STUDY = {"study": "s", "seeds": 4, "datasets": {"x-a-b": {"adaptive": {
    "first_seeds": 3, "first_strengths": 6, "strengths_per_round": 3, "confirming_seeds": 5,
}}}}  # fmt: skip
JOBS = {"prepare_dataset": 1, "train_encoders": 2, "plot_figure": 2, "all": 1, "total": 6}
TRAINED = [f"results/s/x-a-b/strength={s}/seeds=0-1/encoders.safetensors" for s in "01"]


class Screen(io.StringIO):
    """What was said, without the times that begin each line."""

    def lines(self):
        said = [line.strip() for line in self.getvalue().splitlines() if line.strip()]
        return [line.split(maxsplit=1)[1] if line[2] == ":" else line for line in said]


@pytest.fixture
def screen():
    return Screen()


@pytest.fixture
def terminal(screen, tmp_path):
    terminal = Terminal(STUDY, tmp_path / "results", tmp_path / "logs", screen)
    terminal.plan(JOBS)
    return terminal


def do(terminal, job, rule, seeds=None, outputs=()):
    wildcards = {"dataset": "x-a-b", **({"seeds": seeds} if seeds else {})}
    terminal.begin(job, rule, {} if rule == "plot_figure" else wildcards, rule, outputs)
    terminal.end(job)


def test_a_line_per_dataset_and_step(terminal, screen):
    do(terminal, 1, "prepare_dataset")
    do(terminal, 2, "train_encoders", "0-1", TRAINED)
    assert screen.lines() == ["Study s: 1 dataset, 6 jobs", "x-a-b  data prepared"]
    do(terminal, 3, "train_encoders", "2-3", TRAINED)
    assert screen.lines()[2].startswith("x-a-b  8 models trained (8 in all, about 00:0")
    do(terminal, 4, "plot_figure")
    assert len(screen.lines()) == 3
    do(terminal, 5, "plot_figure")
    assert screen.lines()[3] == "study  2 figures drawn"


def test_what_failed_is_said_at_once_and_explained_at_the_end(terminal, screen, tmp_path):
    log = tmp_path / "train.log"
    log.write_text(f"before\nTraceback\n  line 3\n{FAILED}ValueError: no good\n")
    terminal.begin(2, "train_encoders", {"dataset": "x-a-b", "seeds": "0-1"}, "", TRAINED)
    terminal.fail(2, [str(log)])
    assert terminal.failed
    assert screen.lines()[-1] == "x-a-b  train_encoders failed: ValueError: no good"
    terminal.close(nothing_to_do=False)
    assert screen.lines()[2:] == [
        "Failed: train_encoders of x-a-b. ValueError: no good",
        f"The end of {log}:",
        "before",
        "Traceback",
        "line 3",
        "Stopped: 0 of 6 jobs are done; the same command goes on",
    ]


def test_a_second_try_that_succeeds_is_no_failure(terminal):
    terminal.begin(2, "train_encoders", {"dataset": "x-a-b", "seeds": "0-1"}, "", TRAINED)
    terminal.fail(2, [])
    terminal.end(2)
    assert not terminal.failed


def test_claims_in_three_lines(tmp_path):
    table = tmp_path / "claims.csv"
    table.write_text(
        "claim,holds,holds_tuned,source\n"
        "accuracy falls,True,False,paper\n"
        "accuracy rises,True,True,paper\n"
        "alignment grows,True,,paper\n"
        "alignment grows,False,,paper\n"
        "a part does no harm,False,True,here\n"
        "a part gains as much,True,,here\n"
    )
    chosen = "if each model stops at its best epoch"
    assert claims(table) == [
        f"The paper's claims about accuracy: 2 of 2 hold, 1 {chosen}",
        "The paper's claims about alignment: 1 of 2 hold",
        f"Claims made here: 1 of 2 hold, 1 of 1 {chosen}",
    ]
    assert claims(tmp_path / "none.csv") == []


class Settings:
    """As Snakemake hands them to a logger."""

    nocolor, quiet, show_failed_logs, stdout = True, None, False, False
    dryrun = debug_dag = verbose = printshellcmds = False


@pytest.fixture
def handler(monkeypatch, screen, tmp_path):
    monkeypatch.setattr("sys.stderr", screen)
    monkeypatch.chdir(tmp_path)
    return LogHandler(Settings(), None)


def tell(handler, message=None, level=logging.INFO, **extra):
    record = logging.makeLogRecord({"msg": message, "levelno": level, "levelname": "", **extra})
    handler.emit(record)


def test_the_plugin_hands_on_what_happens(handler, screen):
    tell(handler, study=(STUDY, "results/s", "logs/s"))
    tell(handler, "Building DAG of jobs...")
    tell(handler, event=LogEvent.WORKFLOW_STARTED)
    tell(handler, event=LogEvent.RUN_INFO, stats={"prepare_dataset": 1, "total": 1})
    tell(
        handler, event=LogEvent.JOB_INFO, jobid=0, rule_name="prepare_dataset", rule_msg=None,
        wildcards={"dataset": "x-a-b"}, output=[],
    )  # fmt: skip
    tell(handler, "Select jobs to execute...")
    tell(handler, "something odd", logging.WARNING)
    tell(handler, event=LogEvent.JOB_FINISHED, job_id=0)
    handler.close()
    said = screen.lines()
    assert said[:3] == ["Study s: 1 dataset, 1 jobs", "something odd", "x-a-b  data prepared"]
    assert said[3].startswith("Done in 00:0")
    assert len(said) == 4


def test_what_is_no_run_is_said_as_snakemake_says_it(handler, screen):
    tell(handler, study=(STUDY, "results/s", "logs/s"))
    tell(handler, "prepare_dataset")
    handler.close()
    assert screen.lines() == ["prepare_dataset"]


def test_an_error_before_the_study_is_known_is_said(handler, screen):
    tell(handler, "seeds is 0", logging.ERROR, event=LogEvent.ERROR)
    handler.close()
    assert screen.lines() == ["seeds is 0"]


def test_nothing_to_do_is_said(handler, screen):
    tell(handler, study=(STUDY, "results/s", "logs/s"))
    tell(handler, event=LogEvent.WORKFLOW_STARTED)
    handler.close()
    assert screen.lines() == ["Study s: nothing to do, all is there"]
