"""What made a figure, in the figure's own file: written into its metadata, and read from there.

A figure that is drawn again from the same tables by the same code is the same bytes, so there is no
time in it, nor what the run took.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from alignsweep import provenance

#: ending -> the field of the format's metadata that says what made the figure
FIELDS = {".pdf": "Subject", ".png": "alignsweep", ".svg": "Description"}
#: What matplotlib would date the file by.
DATES = {".pdf": "CreationDate", ".svg": "Date"}
_DESCRIPTION = "{http://purl.org/dc/elements/1.1/}description"


def of_run(
    results: str | Path, datasets: Iterable[str], tables: Mapping[str, str | Path]
) -> dict[str, Any]:
    """Return what made a figure of the run that is going on.

    Parameters
    ----------
    results
        Folder of the study.
    datasets
        What it shows.
    tables
        What it is drawn from, by name.

    Returns
    -------
    dict
        ``study``, ``code``, ``versions``, ``config`` as it was given, ``resolved`` of the datasets;
        digests of their ``data`` and of the ``tables``.
    """
    folder = Path(results)
    try:
        record = provenance.read(folder)
    except ValueError:  # a run without hooks keeps none
        record = {"code": provenance.code(), "versions": provenance.versions()}
    resolved = record.get("resolved", {})
    shown = {name: resolved.get("datasets", {}).get(name) for name in datasets}
    data = {name: folder / name / "data.safetensors" for name in shown}
    return {
        "study": folder.name,
        **{key: record[key] for key in ("code", "versions", "config") if key in record},
        "resolved": {**resolved, "datasets": shown},
        "data": {n: provenance.digest(path) for n, path in data.items() if path.is_file()},
        "tables": {name: provenance.digest(path) for name, path in tables.items()},
    }


def metadata(path: str | Path, made: Mapping[str, Any] | None) -> dict[str, str | None]:
    """Return what matplotlib writes into a figure beside the picture: no date, and what made it."""
    ending = Path(path).suffix
    dated: dict[str, str | None] = {DATES[ending]: None} if ending in DATES else {}
    # in ASCII: what every format keeps as it is
    return dated | ({FIELDS[ending]: json.dumps(made)} if made and ending in FIELDS else {})


def read(path: str | Path) -> dict[str, Any]:
    """Return what made a figure, from its file alone.

    Raises
    ------
    ValueError
        If the file is none of PDF, PNG and SVG, or does not say what made it.
    """
    path = Path(path)
    if path.suffix not in FIELDS:
        raise ValueError(f"{path} is no figure; needed: a file that ends in {', '.join(FIELDS)}")
    try:
        text = {".pdf": _of_pdf, ".png": _of_png, ".svg": _of_svg}[path.suffix](path)
        found: dict[str, Any] = json.loads(text)
    except FileNotFoundError:
        raise
    except Exception as error:  # of many kinds, where it is another file
        raise ValueError(f"{path} does not say what made it: it is no figure of a study") from error
    return found


def _of_pdf(path: Path) -> str:
    """Read the field from the document's information, which stands there as it is."""
    found = re.search(rb"/Subject \(((?:[^\\()]|\\.)*)\)", path.read_bytes(), flags=re.DOTALL)
    assert found, "nothing said"
    return re.sub(rb"\\(.)", rb"\1", found[1], flags=re.DOTALL).decode("ascii")


def _of_png(path: Path) -> str:
    from PIL import Image

    with Image.open(path) as image:
        return str(image.info[FIELDS[".png"]])


def _of_svg(path: Path) -> str:
    found = ElementTree.parse(path).getroot().iter(_DESCRIPTION)
    return next(found).text or ""
