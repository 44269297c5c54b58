import logging
import sys
import warnings

import pytest
from tqdm import tqdm

from alignsweep import log


def test_everything_said_goes_to_the_file(tmp_path, capsys):
    with log.to_file(tmp_path / "x.log"):
        print("printed")
        print("progress", file=sys.stderr)
        logging.getLogger("alignsweep.x").info("informed")
        warnings.warn("warned", stacklevel=1)
    text = (tmp_path / "x.log").read_text()
    for word in ("printed", "progress", "INFO alignsweep.x: informed", "warned"):
        assert word in text
    assert capsys.readouterr() == ("", "")


def test_an_error_is_in_the_file_whole_and_on_the_terminal_in_a_line(tmp_path, capsys):
    with pytest.raises(SystemExit) as stop, log.to_file(tmp_path / "x.log"):
        raise ValueError("bits are missing")
    assert stop.value.code == 1
    assert capsys.readouterr().err == "ValueError: bits are missing\n"
    assert "Traceback" in (tmp_path / "x.log").read_text()


def test_logging_is_as_before_afterwards(tmp_path):
    root = logging.getLogger()
    before = root.handlers[:], root.level
    with log.to_file(tmp_path / "x.log"):
        pass
    assert (root.handlers, root.level) == before


def work(said, error):
    for _ in tqdm(range(3), "steps"):
        print(said)
        raise error


def fail(path, error, said="begins"):
    with pytest.raises(SystemExit), log.to_file(path):
        work(said, error)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("bits are missing", "ValueError: bits are missing"),
        ("first\n  second\r\n\tthird\u2028fourth", "ValueError: first second third fourth"),
        ("größer als 3 µm", "ValueError: größer als 3 µm"),
        ("", "ValueError:"),
        (1000 * "so ", f"ValueError: {' '.join(1000 * ['so'])}"),
    ],
)
def test_the_log_of_a_failed_job_ends_in_why(tmp_path, message, said):
    fail(tmp_path / "x.log", ValueError(message))
    text = (tmp_path / "x.log").read_text(encoding="utf-8")
    assert text.splitlines()[-1] == f"FAILED: {said}"
    assert log.failure(tmp_path / "x.log") == said


def test_the_end_of_a_long_log_is_found(tmp_path):
    fail(tmp_path / "x.log", KeyError("x"), said="µ" * 100_001)
    assert log.failure(tmp_path / "x.log") == "KeyError: 'x'"


def test_a_job_that_did_not_fail_has_no_failure(tmp_path):
    with log.to_file(tmp_path / "x.log"):
        print("FAILED: at first")
        print("and then not")
    assert log.failure(tmp_path / "x.log") == ""
    (tmp_path / "empty.log").touch()
    assert log.failure(tmp_path / "empty.log") == ""
