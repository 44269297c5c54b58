"""What faults do, with a table of each module: make test-faults. A few of each are in make test."""

import pytest
from workflow.conftest import clone  # noqa: F401 (a fixture)

TABLES = {}


@pytest.fixture
def note(request):
    """Return a function that adds a row, heading -> value, to the table of a test's module."""
    rows = TABLES.setdefault(request.module.__doc__.splitlines()[0], [])
    return lambda **row: rows.append(row)


def pytest_terminal_summary(terminalreporter):
    for title, rows in TABLES.items():
        if rows:
            terminalreporter.section(title)
        headings = {name.replace("_", " "): name for row in rows for name in row}
        lines = [
            list(headings),
            *([str(row.get(n, "")) for n in headings.values()] for row in rows),
        ]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        for line in lines if rows else []:
            text = "  ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True))
            terminalreporter.write_line(text.rstrip())
