"""A file that is not what was written: the one sentence that says so, and what to do about it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

#: How a file is made anew, whoever made it: what is not there is made by the next run.
REMEDY = "remove it (rm {}) and run the same command again, which makes it anew"


class DamagedError(ValueError):
    """A file that does not hold what it must.

    Parameters
    ----------
    path
        The file.
    wrong
        What is wrong with it, as in "PATH ...".
    """

    def __init__(self, path: str | Path, wrong: str) -> None:
        super().__init__(f"{path} {wrong}; {REMEDY.format(shlex.quote(str(path)))}")


@contextmanager
def reading(path: str | Path) -> Iterator[None]:
    """Say of what goes wrong in the block that the file is damaged, unless it is not there."""
    try:
        yield
    except (DamagedError, FileNotFoundError, PermissionError, MemoryError):
        raise
    except Exception as error:  # of many kinds, where a file is damaged
        why = " ".join(f"{type(error).__name__}: {error}".split())
        raise DamagedError(path, f"cannot be read ({why[:200]})") from error


def place(path: str | Path) -> dict[str, str]:
    """Return what the folders of a file say of it.

    ``{dataset}/alignment=infonce/strength=0.4/seeds=0-4/probe.csv`` says the dataset, and by
    ``key=value`` the rest; a file that stands elsewhere says nothing.
    """
    folders = Path(path).parts[:-1]
    starts = [i for i, folder in enumerate(folders) if folder.startswith("alignment=")]
    if not starts:
        return {}
    found = (folder.partition("=") for folder in folders[starts[-1] :])
    return {"dataset": "".join(folders[: starts[-1]][-1:])} | {
        key: value for key, _, value in found
    }


def check_place(path: str | Path, said: Mapping[str, object]) -> None:
    """Refuse a file whose own words, such as its strength, are not those of its folders.

    Raises
    ------
    DamagedError
        Naming the first that differs.
    """
    for key, value in place(path).items():
        if key in said and str(said[key]) != value:
            raise DamagedError(path, f"is of {key} {said[key]}, and stands at {key} {value}")
