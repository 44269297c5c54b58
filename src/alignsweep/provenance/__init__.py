"""What made the files of a study: ``results/{study}/provenance.json``.

It is begun before the first job of a run and ended after the last: `begin` says what is asked
otherwise than before, and refuses files that are no longer what was written; `end` notes digests
of all files, and what the jobs took. Figures carry the part that is theirs (`figures`).
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import platform
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from alignsweep.damage import DamagedError

NAME = "provenance.json"
PACKAGE = "alignsweep"
ROOT = Path(__file__).parents[3]
#: Packages that numbers and figures depend on, where they are installed.
PACKAGES = (
    *("numpy", "scipy", "pandas", "scikit-learn", "torch", "safetensors"),
    *("matplotlib", "altair", "snakemake"),
)
#: What is written from the rest after every run.
REWRITTEN = (NAME, "index.html", "report.html")
#: Differences that are named, at most, and characters of a value.
NAMED, SHOWN = 8, 40


def code() -> dict[str, Any]:
    """Return the version, and of a git checkout the commit, and whether files of it changed."""
    found: dict[str, Any] = {"version": _version(PACKAGE), "commit": None, "changed": None}
    if (ROOT / ".git").exists():
        commit = _git("rev-parse", "HEAD")
        changed = _git("status", "--porcelain", "--untracked-files=no")
        found |= {"commit": commit, "changed": None if changed is None else bool(changed)}
    return found


def versions() -> dict[str, str]:
    """Return the versions of Python and of what is installed of `PACKAGES`."""
    found = {name: _version(name) for name in PACKAGES}
    return {"python": platform.python_version()} | {n: v for n, v in found.items() if v}


def begin(
    study: Mapping[str, Any], config: Mapping[str, Any], results: str | Path, threads: int | None
) -> list[str]:
    """Begin the record of a run, and return what is to be said before its first job.

    Parameters
    ----------
    study, config
        The study as it was resolved, and its configuration as it was given.
    results
        Folder of the study.
    threads
        Processor cores of the run, if they are known.

    Returns
    -------
    list of str
        A sentence if an earlier run of this study was of another configuration.

    Raises
    ------
    DamagedError
        If a file is no longer what the last run wrote.
    """
    path, given = Path(results) / NAME, _plain(config)
    before = read(results) if path.exists() else {}
    killed = path.stat() if before and not before["ended"] else None
    for file, wrong in changed(results, before):
        raise DamagedError(file, wrong)
    said = []
    differences = _differences(before.get("config", given), given)
    if differences:
        more = f", and {len(differences) - NAMED} more" if len(differences) > NAMED else ""
        said.append(
            f"{results} was made with another configuration: {'; '.join(differences[:NAMED])}"
            f"{more}. What depends on that is made anew, and nothing else; another name for the "
            "study would keep both."
        )
    record = {
        "study": study["study"],
        "ended": None,
        "code": code(),
        "versions": versions(),
        "machine": {
            **{"system": platform.system(), "processor": platform.machine()},
            **{"cores": os.cpu_count(), "threads": threads, "device": study["device"]},
        },
        "config": given,
        "resolved": _plain({k: v for k, v in study.items() if k != "added"}),
        **{key: before.get(key, {}) for key in ("inputs", "files", "jobs")},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(record, path)
    if killed:  # what was written since the first run that did not end may be new
        os.utime(path, ns=(killed.st_atime_ns, killed.st_mtime_ns))
    return said


def end(results: str | Path, benchmarks: str | Path, inputs: Iterable[str | Path] = ()) -> None:
    """End the record of a run: digests of its inputs and files, and what its jobs took.

    Parameters
    ----------
    results, benchmarks
        Folders of the study.
    inputs
        Files from outside that it reads; one that is not there is left out.
    """
    path = Path(results) / NAME
    if not path.exists():
        return
    record = read(results)
    known = {Path(file): seen for file, seen in record["inputs"].items()}
    record["inputs"] = {
        str(file): _seen(file, known.get(file)) for file in map(Path, inputs) if file.is_file()
    }
    record["files"] = {str(file.relative_to(results)): digest(file) for file in _files(results)}
    record["jobs"] = jobs(benchmarks)
    record["ended"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    _write(record, path)


def read(results: str | Path) -> dict[str, Any]:
    """Return the record of a study; ValueError if there is none, or it is damaged."""
    path = Path(results) / NAME
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        written = found.pop("sha256")
    except FileNotFoundError:
        raise ValueError(f"{path} is not there: no run of this study has begun") from None
    except (ValueError, KeyError, AttributeError) as error:
        raise DamagedError(path, f"cannot be read ({error})") from error
    if written != _digest_of(found):
        raise DamagedError(path, "has other values than were written")
    return found


def changed(
    results: str | Path, record: Mapping[str, Any], whole: bool = False
) -> Iterator[tuple[Path, str]]:
    """Yield the files that are not what a run wrote, and what is wrong with each.

    Files that are not there are none of these. After a run that was killed, what is newer than its
    beginning may have been written by it, and is not looked at.

    Parameters
    ----------
    results
        Folder of the study.
    record
        What `read` returned.
    whole
        Whether files of tensors are read, and not their headers alone: jobs read the rest.
    """
    began = (Path(results) / NAME).stat().st_mtime_ns if record else 0
    for name, written in record.get("files", {}).items():
        file = Path(results) / name
        if not file.is_file() or (not record["ended"] and file.stat().st_mtime_ns >= began):
            continue
        if digest(file) != written:
            yield file, "is not what the last run wrote: it was changed, or is damaged"
        elif whole and file.suffix == ".safetensors":
            from alignsweep.data.tensors import TensorFile

            try:
                tensors = TensorFile(file)
                for array in tensors.names:
                    tensors.mapped(array)
            except DamagedError as error:
                yield file, str(error).removeprefix(f"{file} ").partition("; remove it")[0]


def digest(path: str | Path) -> str:
    """Return the SHA-256 of a file; of one of tensors that of its header, which has theirs."""
    found = hashlib.sha256()
    with open(path, "rb") as file:
        if Path(path).suffix == ".safetensors":
            size = file.read(8)
            found.update(size + file.read(min(int.from_bytes(size, "little"), 2**27)))
        else:
            while part := file.read(2**20):
                found.update(part)
    return found.hexdigest()


def jobs(benchmarks: str | Path) -> dict[str, dict[str, float]]:
    """Return what the jobs of each kind took: how many, wall and CPU seconds, most memory (MB)."""
    found: dict[str, dict[str, float]] = {}
    for path in sorted(Path(benchmarks).rglob("*.tsv")):
        kind = path.parent.name if path.parent.name in ("figures", "tables") else path.stem
        with open(path, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                wall, cpu, memory = (_number(row.get(k)) for k in ("s", "cpu_time", "max_rss"))
                own = found.setdefault(kind, {"jobs": 0, "wall_s": 0.0, "cpu_s": 0.0, "max_mb": 0})
                own["jobs"] += 1
                own["wall_s"] = round(own["wall_s"] + wall, 3)
                own["cpu_s"] = round(own["cpu_s"] + cpu, 3)
                own["max_mb"] = max(own["max_mb"], memory)
    return found


def summary(results: str | Path, times: bool = False) -> str:
    """Say in a line what made a study, as plain text; empty if that is not known.

    With `times` also what the jobs took, which is another each time.
    """
    try:
        record = read(results)
    except ValueError:
        return ""
    parts = [said_of_code(record["code"]), *(f"{n} {v}" for n, v in record["versions"].items())]
    took = record["jobs"].values()
    if times and took:
        wall, cpu = (sum(own[key] for own in took) / 60 for key in ("wall_s", "cpu_s"))
        most = max(own["max_mb"] for own in took)
        parts.append(
            f"{sum(own['jobs'] for own in took):.0f} jobs, {wall:.0f} minutes of them, "
            f"{cpu:.0f} of a processor, at most {most:.0f} MB"
        )
    return ", ".join(parts)


def said_of_code(found: Mapping[str, Any]) -> str:
    """Say which code it was."""
    version = f"{PACKAGE} {found['version'] or 'of no known version'}"
    if not found["commit"]:
        return version
    return f"{version}, commit {found['commit'][:12]}{' with changes' if found['changed'] else ''}"


def _files(results: str | Path) -> list[Path]:
    """Return the files of a study that jobs wrote, but for what a search keeps on its way."""
    return [
        path
        for path in sorted(Path(results).rglob("*"))
        if path.is_file()
        and path.name not in REWRITTEN
        and not path.name.startswith(("tried-", "."))
        and path.suffix not in (".part", ".partial")
    ]


def _seen(path: Path, before: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return size, time and digest of an input, which is read again only if it has changed."""
    now = {"bytes": path.stat().st_size, "modified": path.stat().st_mtime_ns}
    if before and {k: before[k] for k in now} == now:
        return dict(before)
    whole = hashlib.sha256()
    with open(path, "rb") as file:
        while part := file.read(2**20):
            whole.update(part)
    return {**now, "sha256": whole.hexdigest()}


def _differences(before: Any, now: Any, place: str = "") -> list[str]:
    """Say, key by key, what is other than before."""
    if isinstance(before, dict) and isinstance(now, dict):
        keys = [*before, *(key for key in now if key not in before)]
        return [
            said
            for key in keys
            for said in _differences(
                before.get(key, _NOTHING), now.get(key, _NOTHING), f"{place}.{key}".lstrip(".")
            )
        ]
    if before == now:
        return []
    was, is_ = (_short(value) for value in (before, now))
    return [f"{place} is {is_} and was {was}"]


_NOTHING = object()


def _short(value: Any) -> str:
    if value is _NOTHING:
        return "not given"
    text = json.dumps(value)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}..."


def _plain(value: Any) -> Any:
    """Return what JSON makes of a value."""
    return json.loads(json.dumps(value, default=str))


def _digest_of(record: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(record).encode()).hexdigest()


def _write(record: Mapping[str, Any], path: Path) -> None:
    signed = {**record, "sha256": _digest_of(record)}
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text(json.dumps(signed, indent=1) + "\n", encoding="utf-8")
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def _number(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:  # "-" or "NA", for a job too short to be measured
        return 0.0


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _git(*arguments: str) -> str | None:
    """Return what git says of this checkout; None if it cannot."""
    command = ["git", "-C", str(ROOT), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.strip()
