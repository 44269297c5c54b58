"""Running a study with Snakemake underneath, quietly."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

from alignsweep import runs
from alignsweep.answers import overview
from alignsweep.cli.progress import Progress, bar

PACKAGE = Path(__file__).parents[1]
#: Seconds between two looks at how far the run is.
TICK = 0.2
#: What is said of a folder that is in use.
OCCUPIED = "another run uses this folder; wait for it, or stop it"
#: What ends the run as Ctrl-C does.
ENDING = (signal.SIGTERM, signal.SIGHUP)


def snakefile() -> Path:
    """Return the project's Snakefile: of the checkout this package is in, or installed with it.

    Raises
    ------
    ValueError
        If there is none.
    """
    checkout = PACKAGE.parents[1]
    if (checkout / "workflow" / "rules").is_dir():
        return checkout / "Snakefile"
    for file in metadata.files(PACKAGE.name) or ():
        if file.name == "Snakefile":
            return Path(str(file.locate())).resolve()
    raise ValueError(
        f"{PACKAGE} was installed without its workflow; install alignsweep from its repository: "
        "pip install FOLDER"
    )


def plan(path: Path, cores: int | None) -> str:
    """Say what running a study would do; ValueError if Snakemake cannot plan it."""
    process = subprocess.run(
        [*_command(path, cores), "--dry-run"], capture_output=True, text=True, cwd=path.parent
    )
    said = process.stdout + process.stderr
    if process.returncode:
        raise ValueError(f"Snakemake cannot plan it: {' '.join(said.split())}")
    progress = Progress({}, 0, path.parent)
    for line in said.splitlines():
        progress.note(line)
    return f"{progress.total} jobs to do" if progress.total else "Nothing to do"


def run(path: Path, study: Mapping[str, Any], cores: int | None, say: Callable[..., Any]) -> bool:
    """Run a study up to its answers and say them; return whether something failed.

    Parameters
    ----------
    path
        The study's file; results and logs go to its folder.
    study
        The same, resolved.
    cores
        Processor cores; None for all.
    say
        What takes each line of the answer.

    Raises
    ------
    ValueError
        If another run uses the folder, or Snakemake fails by itself; the sentence says where its
        log is.
    """
    folder = path.parent
    results, logs = folder / "results" / study["study"], folder / "logs" / study["study"]
    logs.mkdir(parents=True, exist_ok=True)
    log = logs / "snakemake.log"
    if runs.begin(folder / ".snakemake" / "recommend") is False:
        raise ValueError(f"{folder}: {OCCUPIED}")
    progress = Progress(study["datasets"], study["seeds"], logs)
    code = _follow(_command(path, cores), log, progress)
    if code and not progress.begun:
        raise ValueError(f"Snakemake could not begin: {_reason(log)} (log: {log})")
    failed = False
    for dataset in study["datasets"]:
        outcome = overview.outcome(dataset, results, logs)
        failed |= outcome.answer is None
        say(_wrapped(f"{dataset}: {outcome.said()}"))
    if code and not failed:
        raise ValueError(f"Snakemake failed after these answers: {_reason(log)} (log: {log})")
    if failed:
        say(_wrapped(f"The same command goes on with what failed. Log of the run: {log}"))
    say(f"Answers: {results / 'index.html'}")
    return failed


def _command(path: Path, cores: int | None) -> list[str]:
    return [
        *(sys.executable, "-m", "snakemake", "recommend", "--snakefile", str(snakefile())),
        *("--cores", str(cores or "all"), "--directory", str(path.parent.resolve())),
        *("--keep-going", "--rerun-incomplete", "--nocolor"),
        *("--workflow-profile", "none"),  # that of the checkout has another logger
        *("--configfile", str(path.resolve())),
    ]


def _follow(command: list[str], log: Path, progress: Progress) -> int:
    """Run Snakemake, with what it says in a log and one line of progress; return its exit status.

    Snakemake gets a process group of its own, which is told once when it should end: then it ends
    its jobs, and leaves nothing half made and no lock.
    """
    with open(log, "w", encoding="utf-8") as file, _endings_raise():
        process = subprocess.Popen(
            command, stdout=file, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            _show(process, log, progress)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
                process.wait()
    return process.returncode


def _show(process: subprocess.Popen[bytes], log: Path, progress: Progress) -> None:
    with open(log, encoding="utf-8", errors="replace") as said, bar() as line_of_it:
        rest = ""
        running = True
        while running:
            running = process.poll() is None
            *lines, rest = (rest + said.read()).split("\n")
            for line in lines:
                progress.note(line)
            progress.show(line_of_it)
            if running:
                time.sleep(TICK)


@contextmanager
def _endings_raise() -> Iterator[None]:
    """Make signals that end a process raise, as Ctrl-C does."""

    def end(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    before = {number: signal.signal(number, end) for number in ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _reason(log: Path) -> str:
    """Return the sentence that matters of what Snakemake says."""
    text = log.read_text(encoding="utf-8", errors="replace")
    if "LockException" in text or "cannot be locked" in text:
        locks = log.parents[2] / ".snakemake" / "locks"
        return f"{OCCUPIED} (or, if it was killed on another machine, remove {locks})"
    found = re.search(r"^(?:\w+(?:Error|Exception).*\n)((?!\s*File ).+)", text, flags=re.MULTILINE)
    return " ".join((found[1] if found else text[-200:]).split())


def _wrapped(text: str) -> str:
    width = shutil.get_terminal_size((100, 24)).columns
    return textwrap.fill(text, width, subsequent_indent="  ", break_on_hyphens=False)
