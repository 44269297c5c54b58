import logging
import sys
import warnings

import pytest

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
