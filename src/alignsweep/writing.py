"""Files that appear when they are whole; errors of writing that name them and what is needed."""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

#: Error of the system -> what is needed; then the same command goes on.
NEEDED = {
    errno.ENOSPC: "free space",
    errno.EDQUOT: "free space, since a quota is used up",
    errno.EFBIG: "a file system, or a limit, that allows larger files",
    errno.EROFS: "a folder that is not read-only",
    errno.EACCES: "permission to write there",
    errno.EPERM: "permission to write there",
}
#: How libraries that are not Python say which error of the system it was.
_CODE = re.compile(r"\(os error (\d+)\)")


@contextmanager
def whole(path: str | Path) -> Iterator[Path]:
    """Yield where to write a file; it takes its place when the block ends, and none if it fails.

    Raises
    ------
    OSError
        See `named`.
    """
    path = Path(path)
    part = path.with_name(f"{path.name}.part")
    try:
        with named(path):
            yield part
            os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def named(path: str | Path) -> Iterator[None]:
    """Name the file in errors of the system that the block raises in writing it.

    Raises
    ------
    OSError
        With the file, and what is needed.
    """
    try:
        yield
    except Exception as error:
        found = _CODE.search(str(error))
        code = getattr(error, "errno", None) or (int(found[1]) if found else None)
        if code not in NEEDED:
            raise
        said = f"{os.strerror(code)}; needed: {NEEDED[code]}, then the same command goes on"
        raise OSError(code, said, str(path)) from error
