"""Downloads: resumed, retried, and verified before anything reads them."""

from __future__ import annotations

import gzip
import hashlib
import logging
import os
import re
import shutil
import time
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import IO, Any

from alignsweep.data.readers import archives
from alignsweep.data.resources import RESOURCES, Resource

logger = logging.getLogger(__name__)

ATTEMPTS = 4
#: Seconds before the second attempt; doubled for each further one.
PAUSE = 2.0
#: Seconds without a byte after which a connection counts as lost.
TIMEOUT = 30
#: Bytes read at once; an interrupted download loses no more than that.
CHUNK = 2**16


def retrieve(name: str, target: str | Path, mirror: str | None = None) -> None:
    """Make sure that a file is there and is what it should be.

    A file that is there already is verified and left alone, whatever comes out. Else it is fetched
    into ``{target}.part``, going on where an earlier attempt stopped, verified, and only then given
    its name. One that is not what it should be is kept as ``{target}.rejected``.

    Parameters
    ----------
    name
        Name of the resource, see `RESOURCES`; another one can only come from a mirror, or be there.
    target
        Where it belongs.
    mirror
        Folder or URL to take it from, under the same name, instead of its official places.

    Raises
    ------
    ValueError
        If it cannot be had, or is not what it should be.
    """
    resource, target = RESOURCES.get(name, Resource(name)), Path(target)
    if target.exists():
        verify(target, resource)
        return
    sources = resource.sources
    if mirror is not None:
        sources = (f"{os.path.expanduser(mirror).rstrip('/')}/{name}",)
    if not sources:
        raise ValueError(
            f"{target} is missing and {name} has no official place; put it there, or name a "
            "data_mirror that has it"
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    source = _first_that_answers(sources, part, name, target, mirror)
    try:
        verify(part, resource, source=source, record=target)
    except ValueError as error:
        rejected = target.with_name(f"{target.name}.rejected")
        _rename(part, rejected)
        raise ValueError(f"{error}; the download is kept as {rejected}") from error
    _rename(part, target)


def verify(
    path: Path, resource: Resource, *, source: str | None = None, record: Path | None = None
) -> None:
    """Compare a file's content with its checksum; without one, with what was recorded at first use.

    The record stands beside the file (or beside `record`) as ``{name}.sha256``, in the form of
    ``sha256sum``.

    Raises
    ------
    ValueError
        If they differ: the file, what was expected and found, and where it comes from.
    """
    record = record or path
    note = record.with_name(f"{record.name}.sha256")
    expected, origin = resource.sha256, source or " or ".join(resource.sources) or "unknown"
    if expected is None and note.exists():
        expected, origin = note.read_text(encoding="utf-8")[:64], f"{origin}, recorded in {note}"
    try:
        found = content_digest(path, resource.members if resource.sha256 else None)
    except ValueError as error:
        found = f"unknown ({error})"
    if expected is None:
        note.write_text(f"{found}  {record.name}\n", encoding="utf-8")
        logger.info("%s: no checksum is published; recorded %s in %s", path, found, note)
    elif found != expected:
        raise ValueError(
            f"{path}: the checksum of its content is {found}; expected: {expected}; source: "
            f"{origin}; nothing was deleted"
        )
    else:
        logger.info("%s: verified, sha256 of its content %s", path, found)


def verify_all(paths: Iterable[str | Path], folder: str | Path) -> None:
    """Verify files below the folder of downloads, see `verify`."""
    for path in map(Path, paths):
        name = path.relative_to(folder).as_posix()
        verify(path, RESOURCES.get(name, Resource(name)))


def content_digest(path: str | Path, members: str | None = ".*") -> str:
    """Return the SHA-256 of a file's content, whatever its packing.

    For a tar archive, of the list that ``sha256sum`` gives of the matching members, in the order of
    their names below the top folder; for another ``.gz``, of what it unpacks to. With `members`
    None, of the bytes of the file itself.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    name = str(path).removesuffix(".part")
    if members is not None and name.endswith((".tar", ".tar.gz", ".tgz")):
        listed = sorted((n, _sha256(file)) for n, file in archives.members(path, members))
        return hashlib.sha256("".join(f"{h}  {n}\n" for n, h in listed).encode()).hexdigest()
    unpack: Any = gzip.open if members is not None and name.endswith(".gz") else open
    try:
        with unpack(path, "rb") as file:
            return _sha256(file)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise ValueError(f"{path}: damaged, or not a gzip file ({error})") from error


def _sha256(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while block := file.read(CHUNK):
        digest.update(block)
    return digest.hexdigest()


def _first_that_answers(
    sources: tuple[str, ...], part: Path, name: str, target: Path, mirror: str | None
) -> str:
    """Fetch from the first source that has the file, and return it."""
    failures = []
    for source in sources:
        try:
            _fetch(source, part)
            return source
        except OSError as error:  # requests' errors are OSErrors
            reason = _reason(error)
            failures.append(f"{source} ({reason})")
            logger.warning("cannot fetch %s: %s", source, reason)
    other = "name a data_mirror that has it" if mirror is None else "in that data_mirror"
    raise ValueError(
        f"{name} cannot be fetched from {' or '.join(failures)}; put it at {target}, or {other}"
    )


def _reason(error: OSError) -> str:
    """Say on one line what went wrong: of a failed connection, the cause at the bottom."""
    text = " ".join(str(error).split())
    cause = re.search(r"^(.*?)\w+\(host=.*Caused by \w+\([\"'](.*)[\"']\)\)$", text)
    return "".join(cause.groups()) if cause else text


def _fetch(source: str, part: Path) -> None:
    """Bring a source into a file; OSError if that fails for good."""
    if _origin(part)[0] != source:
        # The same content may be packed in other bytes elsewhere: those do not go together.
        part.unlink(missing_ok=True)
    if source.startswith("gdrive:"):
        _from_drive(source, part)
    elif source.startswith(("http://", "https://")):
        _from_web(source, part)
    else:
        shutil.copyfile(source, part)


def _note(part: Path) -> Path:
    """Return the file that says what a part is a part of: its source, and which version of it."""
    return part.with_name(f"{part.name}.source")


def _origin(part: Path) -> tuple[str, str]:
    note = _note(part)
    if not note.exists():
        return "", ""
    source, _, version = note.read_text(encoding="utf-8").partition("\n")
    return source, version


def _rename(part: Path, path: Path) -> None:
    os.replace(part, path)
    _note(part).unlink(missing_ok=True)


def _from_drive(source: str, part: Path) -> None:
    import gdown

    file = source.removeprefix("gdrive:")
    try:
        # Resumes from files of its own; `part` appears when it is whole.
        gdown.download(
            id=file, output=str(part), resume=True, retries=ATTEMPTS - 1, timeout=TIMEOUT
        )
    except Exception as error:  # of many kinds: quotas, permissions, pages in place of files
        place = f"https://drive.google.com/uc?id={file}"
        raise OSError(f"download it by hand from {place}: {error}") from error
    if not part.exists():
        raise OSError("Google Drive gave nothing")
    _note(part).write_text(source, encoding="utf-8")


def _from_web(url: str, part: Path) -> None:
    """Download with retries, each going on where the one before stopped."""
    import requests

    transient = (requests.codes.request_timeout, requests.codes.too_many_requests)
    for pause in [*(PAUSE * 2**i for i in range(ATTEMPTS - 1)), None]:
        try:
            _download(url, part)
            return
        except requests.RequestException as error:
            status = 500 if error.response is None else error.response.status_code
            if pause is None or (status < 500 and status not in transient):
                raise
            logger.warning("%s: %s; trying again in %g s", url, error, pause)
            time.sleep(pause)


def _download(url: str, part: Path) -> None:
    """Fetch what is missing of a file; a requests error if it is not whole then."""
    import requests
    from tqdm import tqdm

    have = part.stat().st_size if part.exists() else 0
    headers = {"Accept-Encoding": "identity"}  # lengths and ranges are those of the file itself
    if have:
        headers |= {"Range": f"bytes={have}-"}
        if version := _origin(part)[1]:
            headers |= {"If-Range": version}  # one that changed meanwhile comes whole
    with requests.get(url, headers=headers, stream=True, timeout=TIMEOUT) as answer:
        span, status = answer.headers.get("Content-Range", ""), answer.status_code
        resumed = status == requests.codes.partial_content
        if have and status == requests.codes.requested_range_not_satisfiable:
            if span == f"bytes */{have}":
                return  # nothing is missing
            resumed, span = True, ""
        if resumed and not span.startswith(f"bytes {have}-"):
            part.unlink(missing_ok=True)
            raise requests.ConnectionError(f"cannot go on after {have} bytes; from the start")
        answer.raise_for_status()
        if answer.headers.get("Content-Type", "").startswith("text/html"):
            raise OSError("a web page came in place of the file")
        if not resumed:
            have, tag = 0, answer.headers.get("ETag", "W/")
            version = answer.headers.get("Last-Modified", "") if tag.startswith("W/") else tag
            _note(part).write_text(f"{url}\n{version}", encoding="utf-8")
        rest = answer.headers.get("Content-Length")
        total = have + int(rest) if rest else None
        with (
            open(part, "ab" if resumed else "wb") as file,
            tqdm(
                desc=url, total=total, initial=have, unit="B", unit_scale=True, mininterval=1
            ) as bar,
        ):
            for block in answer.iter_content(CHUNK):
                file.write(block)
                bar.update(len(block))
    if total is not None and part.stat().st_size < total:
        raise requests.ConnectionError(f"it ended after {part.stat().st_size} of {total} bytes")
