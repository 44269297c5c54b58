"""Files of every format with every feature, and what becomes of each.

The test of formats and the page ``docs/formats.md`` are both made from `CASES`; this module, run,
writes the page.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from format_arrays import ARRAYS
from format_files import Case
from format_tables import TABLES

from alignsweep.data import files

CASES = [*ARRAYS, *TABLES]
PAGE = Path(__file__).parents[3] / "docs" / "formats.md"
HEAD = """# Formats of data of one's own

What `kind: files` makes of a file, by format and by what is special about it. Each row is a file
that a test writes and reads; "read" is equal to the same data as plain arrays. What is refused is
refused with this sentence, before anything is trained. Keys are explained in
[config/README.md](../config/README.md#kind-files); `alignsweep inspect FILE` tells
what would be made of a file of yours.

| format | feature | |
|---|---|---|
"""


def load(path: Path, options: dict[str, object]) -> files.Pairs:
    usual = {"modalities": ["image", "text"], "label": "label", "pair": "image-text"}
    return files.load(path=str(path), **(usual | options))


def outcome(case: Case) -> tuple[str, files.Pairs | None]:
    """Return what the table says of a case, and what is read."""
    with tempfile.TemporaryDirectory() as folder:
        path = case.write(Path(folder))
        try:
            return "read", load(path, case.options)
        except ValueError as error:
            said = str(error).replace(str(path), path.name).replace(folder, "")
            return f"refused: {said}", None


def page(outcomes: list[str]) -> str:
    """Write the page of the cases and what became of them."""
    rows = zip(CASES, outcomes, strict=True)
    cells = ((c.format, c.feature, said.replace("|", "\\|")) for c, said in rows)
    return HEAD + "".join(f"| {' | '.join(row)} |\n" for row in cells)


if __name__ == "__main__":
    PAGE.write_text(page([outcome(case)[0] for case in CASES]), encoding="utf-8")
