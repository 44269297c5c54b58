"""Runs in a folder: whether others go on there, and what a killed one left behind.

A lock of the system (flock) ends with the process that has it, however that ends: a run whose file
nobody has locked was killed. The processes that a run starts have its token in their environment.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import socket
import uuid
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

#: Variable of the environment by which the processes that a run starts are known.
TOKEN = "ALIGNSWEEP_RUN"
#: Times that processes are killed, and seconds within which they end: killed ones may have started
#: others just before.
ROUNDS, PATIENCE = 5, 5

_held: list[IO[str]] = []  # a lock ends when its file is closed


def begin(folder: str | Path) -> bool | None:
    """Begin a run in a folder; it is known there until this process ends, whatever ends it.

    What a run that was killed on this machine left running is ended.

    Parameters
    ----------
    folder
        Where files are kept, one per run; made if need be.

    Returns
    -------
    bool or None
        Whether this run is alone, so that what looks like another one's is a killed one's. None
        where that cannot be told: one was killed on another machine, or the file system has no
        locks.

    Raises
    ------
    OSError
        If nothing can be written there.
    """
    folder, host = Path(folder), socket.gethostname()
    own = folder / uuid.uuid4().hex
    folder.mkdir(parents=True, exist_ok=True)
    new = own.with_suffix(".new")
    file = open(new, "w", encoding="utf-8")  # noqa: SIM115 (kept open)
    _held.append(file)
    file.write(host)
    file.flush()
    os.environ[TOKEN] = own.name
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        new.rename(own)  # it is seen when it is locked
        atexit.register(own.unlink, missing_ok=True)
        # all, since another one that begins at this moment must see this one too
        gone = [_is_gone(path, host) for path in folder.iterdir() if path != own]
    except OSError:  # of locks: some network file systems have none
        return None
    return False if False in gone else None if None in gone else True


def _is_gone(path: Path, host: str) -> bool | None:
    """Whether a run has ended, with all that it started; None if it was on another machine."""
    if path.suffix:  # it has not begun
        return True
    try:
        with open(path, encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if file.read() != host:
                return None
    except FileNotFoundError:  # it ends at this moment
        return True
    except BlockingIOError:
        return False
    _end(path.name)
    path.unlink(missing_ok=True)
    return True


def _end(token: str) -> None:
    """Kill the processes of a run."""
    import psutil

    for _ in range(ROUNDS):
        found = [p for p in psutil.process_iter() if _token(p) == token]
        if not found:
            return
        for process in found:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(found, timeout=PATIENCE)


def _token(process: Any) -> str | None:
    import psutil

    try:
        found: str | None = process.environ().get(TOKEN)
    except (psutil.Error, OSError):  # it is another user's, or has ended
        return None
    return found
