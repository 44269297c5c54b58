"""Tar archives, read member by member and never unpacked: nothing is written anywhere."""

from __future__ import annotations

import lzma
import re
import struct
import tarfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO, cast

from alignsweep.data.readers.source import RefusedError

#: What reading a damaged archive raises: tarfile counts on bytes that may not be there.
DAMAGE = (
    *(tarfile.TarError, EOFError, zlib.error, lzma.LZMAError, struct.error, OSError),
    *(TypeError, IndexError, ValueError),
)


def members(path: str | Path, pattern: str = ".*") -> Iterator[tuple[str, IO[bytes]]]:
    """Yield the files of an archive whose names match, in the order of the archive.

    Parameters
    ----------
    path
        A tar archive, compressed or not.
    pattern
        Regular expression that the whole name must match. Names are relative to the archive's
        top folder, which archives of the same content call differently.

    Yields
    ------
    tuple
        Name, and the file opened for reading; read it before asking for the next.

    Raises
    ------
    ValueError
        If a member would leave its folder or is a link or device, or the archive is damaged.
    """
    wanted = re.compile(pattern)
    try:
        with tarfile.open(path, "r|*") as archive:
            for member in archive:
                name = _checked(path, member)
                file = archive.extractfile(member) if member.isfile() else None
                if file and wanted.fullmatch(name):
                    yield name, cast(IO[bytes], _Member(path, file))
    except (FileNotFoundError, RefusedError):
        raise
    except DAMAGE as error:
        raise _damaged(path, error) from error


class _Member:
    """A member opened for reading, whose damage is named like that of the archive."""

    def __init__(self, path: str | Path, file: IO[bytes]) -> None:
        self._path, self._file = path, file

    def read(self, size: int = -1) -> bytes:
        try:
            return self._file.read(size)
        except DAMAGE as error:
            raise _damaged(self._path, error) from error


def _damaged(path: str | Path, error: Exception) -> ValueError:
    return ValueError(f"{path}: not a tar archive, or damaged ({error})")


def _checked(path: str | Path, member: tarfile.TarInfo) -> str:
    name = PurePosixPath(member.name)
    if name.is_absolute() or ".." in name.parts or "\\" in member.name:
        raise RefusedError(f"{path}: member {member.name!r} leaves the archive's folder; refused")
    if not (member.isfile() or member.isdir() or member.type in (tarfile.XHDTYPE, tarfile.XGLTYPE)):
        raise RefusedError(f"{path}: member {member.name!r} is a link or a device; refused")
    return str(PurePosixPath(*name.parts[1:]))
