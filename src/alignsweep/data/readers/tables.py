"""Tables: text with separators in any usual form, and parquet, a file or a folder of shards."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import chain
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np

from alignsweep.data.readers import cells as listed
from alignsweep.data.readers.source import (
    SPLIT_NAMES,
    Array,
    Form,
    RefusedError,
    Source,
    missing,
    words,
)

_DECIMAL_COMMA = r"\s*[+-]?\d*,\d+(?:[eE][+-]?\d+)?\s*"
_WHOLE = r"\s*[+-]?\d+\s*"
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_AT_ONCE = 2**20


def separated(path: Path) -> Source:
    """Read text with separators: commas, semicolons, tabs or bars; gzip if its name says so."""
    import pandas as pd

    encoding = _encoding(path)
    head = _head(path, encoding)
    how: dict[str, Any] = {
        "sep": head.separator,
        "encoding": encoding,
        "low_memory": False,  # the type of a column follows from all of it
        "skipinitialspace": True,
        "skiprows": head.skipped,
        "header": None if head.in_comment else 0,
        "names": head.names,
        "compression": "gzip" if path.suffix.lower() == ".gz" else None,
    }
    table = pd.read_csv(path, **how)
    if head.separator != "," and any(_decimal_commas(table[c]) for c in _words(table)):
        how["decimal"] = ","
        table = pd.read_csv(path, **how)
    table.columns = table.columns.str.strip()
    of_text = _words(table)
    # a class may be called None or NA: cells of text are taken as they stand
    some = [i for i, c in enumerate(table.columns) if c in of_text or table[c].isna().all()]
    cells = pd.read_csv(path, **how, usecols=some, dtype=str, keep_default_na=False)
    cells.columns = cells.columns.str.strip()
    of_text |= {c for c in cells.columns if len(set(cells[c])) > 1}

    def get(name: str) -> Array:
        if name not in of_text:
            return table[name].to_numpy()
        column = words(cells[name].to_numpy())
        if (empty := np.char.str_len(column) == 0).any():
            raise ValueError(missing(empty))
        return column

    def form(name: str) -> Form:
        if name not in of_text:
            return Form((len(table),), str(table[name].dtype))
        return listed.form_of(next(iter(cells[name]), ""), len(table))

    notes = []
    if encoding not in ("utf-8", "utf-8-sig"):
        notes.append(f"read as {encoding}")
    if head.separator != ",":
        shown = "tabs" if head.separator == "\t" else f"{head.separator!r}"
        notes.append(f"separated by {shown}" + (" with decimal commas" if "decimal" in how else ""))
    if head.comments:
        notes.append(
            "names of columns are taken from the line in front that begins with '#'"
            if head.in_comment
            else f"lines in front that begin with '#' ({head.comments}) are left out"
        )
    names = list(table.columns)
    twice = {name: real for name in names if (real := head.twice_as(name))}
    return Source(names, get, form, is_table=True, notes=notes, twice=twice)


class _Head(NamedTuple):
    """What the first lines of a table tell.

    The separator; how many lines stand before the header; all names, if the header is a comment or
    lacks the first; names that stand twice; how many comments there are.
    """

    separator: str
    skipped: int
    header: list[str]
    names: list[str] | None
    twice: frozenset[str]
    comments: int
    in_comment: bool

    def twice_as(self, name: str) -> str | None:
        """Return the name that stands twice, if pandas has made this of it, or it is that."""
        real = name if name in self.header else name.rpartition(".")[0]
        return real if real in self.twice else None


def _head(path: Path, encoding: str) -> _Head:
    """Return what the first lines tell; RefusedError if they are no names of columns."""
    with _open(path) as raw, io.TextIOWrapper(raw, encoding, newline="") as file:
        lines = ((i, line) for i, line in enumerate(file) if line.strip())
        skipped, first = next(lines, (0, ""))
        named = re.fullmatch(r'"?sep=(.)"?\s*', first, flags=re.IGNORECASE)  # as Excel does
        skipped, first = next(lines, (0, "")) if named else (skipped, first)
        comments = []
        while first.startswith("#"):
            comments.append((skipped, first))
            skipped, first = next(lines, (0, ""))
        separator = named[1] if named else _separator(first, path)
        csv.field_size_limit(2**31 - 1)  # a cell may be a long list
        front = [first]
        widths = [_count(line, separator) for line in (first, *(c for _, c in comments[-1:]))]
        in_comment = len(widths) > 1 and widths[0] == widths[1]
        if in_comment:  # as numpy.savetxt writes names
            skipped, comment = comments[-1]
            plain = comment.lstrip("# ")
            front = [comment if plain.startswith(separator) else plain, first]  # '#' may be a name
        rows = (row for row in csv.reader(chain(front, file), delimiter=separator) if row)
        header, second = next(rows, []), next(rows, [])
    # one more cell than names is how R writes the names of rows
    if len(second) > len(header) + 1 or (len(second) > len(header) and not second[-1].strip()):
        raise RefusedError(
            f"its header has {len(header)} names and its first row {len(second)} cells; needed: a "
            "name for every column (drop separators at the ends of lines)"
        )
    header = [name.strip() for name in header]
    counts = Counter(header)
    twice = frozenset(name for name, count in counts.items() if name and count > 1)
    numbers = [name for name in header if listed.is_number(name)]
    if len(numbers) > len(header) / 2 and not all(map(str.isdecimal, numbers)):
        raise RefusedError(
            f"its first line holds numbers, such as {numbers[0]!r}, and no names; needed: names of "
            "columns, separated like the cells (write a line of them in front)"
        )
    names = ["", *header] if len(second) > len(header) else header if in_comment else None
    return _Head(separator, skipped + in_comment, header, names, twice, len(comments), in_comment)


def _count(line: str, separator: str) -> int:
    return len(next(csv.reader([line], delimiter=separator), []))


def _words(table: Any) -> set[str]:
    """Return the columns of a table that are no numbers."""
    return {c for c in table.columns if table[c].dtype.kind not in "biuf"}


def _open(path: Path) -> IO[bytes]:
    if path.suffix.lower() == ".gz":
        return gzip.open(path, "rb")  # type: ignore[return-value]
    return path.open("rb")


def _encoding(path: Path) -> str:
    """Return the encoding of a text: by its mark, else UTF-8 if it can be, else that of Windows."""
    with _open(path) as file:
        start = file.read(4096)
        for mark, name in _MARKS:
            if start.startswith(mark):
                return name
        zeros = [start[i::2].count(0) / max(1, len(start) // 2) for i in (0, 1)]
        if max(zeros) > 0.5:
            return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
        for encoding in ("utf-8", "cp1252"):
            decoder = codecs.getincrementaldecoder(encoding)()
            file.seek(0)
            try:
                while part := file.read(_AT_ONCE):
                    decoder.decode(part)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                continue
            return encoding
    return "latin-1"


def _separator(header: str, path: Path) -> str:
    """Return what separates the names of the header most often, outside of quotes."""
    plain = re.sub(r'"[^"]*"', "", header)
    usual = "\t" if ".tsv" in path.name.lower() else ","
    found = max((usual, ",", ";", "\t", "|"), key=plain.count)
    if not plain.count(found) and len(plain.split()) > 1:
        raise RefusedError(
            f"its first line, {header.strip()[:40]!r}, has none of ',', ';', '|' and tabs; needed: "
            "names of columns, separated by one of them"
        )
    return found


def _decimal_commas(column: Any) -> bool:
    """Whether all cells of a column of text are numbers with a comma."""
    cells = column.dropna().astype(str)
    if not cells.str.fullmatch(f"{_DECIMAL_COMMA}|{_WHOLE}").all():
        return False
    return bool(cells.str.contains(",", regex=False).any())


def parquet(path: Path) -> Source:
    """Read parquet, a file or a folder of shards, column by column."""
    import pyarrow as pa
    from pyarrow import dataset

    parts: Any = [str(p) for p in _shards(path)] if path.is_dir() else path
    if not parts:
        raise RefusedError("no .parquet is in it but hidden ones; needed: names without '.' or '_'")
    data: Any = dataset.dataset(
        parts, format="parquet", partitioning="hive", partition_base_dir=str(path)
    )
    plain = data.schema.remove_metadata()
    shards = list(data.get_fragments())
    for shard in shards[1:]:
        if not shard.physical_schema.remove_metadata().equals(
            shards[0].physical_schema.remove_metadata()
        ):
            raise RefusedError(
                f"its shards differ in columns or types, {Path(shards[0].path).name} and "
                f"{Path(shard.path).name}; needed: the same"
            )
    names = list(plain.names)
    if len(set(names)) < len(names):
        (twice, _), *_ = Counter(names).most_common(1)
        raise RefusedError(f"column {twice!r} stands twice; needed: different names")

    of = pa.types
    single = [f.name for f in plain if of.is_integer(f.type) or of.is_floating(f.type)]

    @cache
    def numbers() -> Any:
        return data.to_table(columns=single)  # at once, since there may be thousands of columns

    def get(name: str) -> Array:
        own = numbers() if name in single else data.to_table(columns=[name])
        return _values(own.column(name))

    def form(name: str) -> Form:
        kind = plain.field(name).type
        if _is_words(kind):
            first = "" if _is_binary(kind) else data.head(1, columns=[name]).column(0)[0].as_py()
            return listed.form_of(first or "", data.count_rows())
        if not (_is_list(kind) or isinstance(kind, pa.BaseExtensionType)):
            return Form((data.count_rows(),), str(kind))
        first = _values(data.head(1, columns=[name]).column(0))
        return Form((data.count_rows(), *first.shape[1:]), str(first.dtype))

    return Source(names, get, form, is_table=True, notes=_said_of_shards(path, shards, names))


def _shards(folder: Path) -> list[Path]:
    """Return the files ``.parquet`` below a folder, but hidden ones and those being written."""
    return sorted(
        p for p in folder.rglob("*")
        if p.suffix.lower() == ".parquet"
        and not any(part.startswith((".", "_")) for part in p.relative_to(folder).parts)
    )  # fmt: skip


def _said_of_shards(folder: Path, shards: Sequence[Any], names: Sequence[str]) -> list[str]:
    """Say that files named by splits are joined, unless a column says which is which."""
    parts = {part for s in shards for part in Path(s.path).parts[len(folder.parts) :]}
    words = {re.split(r"[\W_]", part.lower())[0] for part in parts}
    found = sorted(words & set(SPLIT_NAMES))
    if len(found) < 2 or "split" in names:
        return []
    return [
        f"files of {' and '.join(found)} are joined; to keep this split, write it into a column of "
        "each, and name that as `split`"
    ]


def _is_list(kind: Any) -> bool:
    import pyarrow as pa

    of = pa.types
    return bool(of.is_list(kind) or of.is_large_list(kind) or of.is_fixed_size_list(kind))


def _is_words(kind: Any) -> bool:
    import pyarrow as pa

    of = pa.types
    if of.is_dictionary(kind):
        return _is_words(kind.value_type)
    tests = (of.is_string, of.is_large_string, of.is_string_view)
    return _is_binary(kind) or any(test(kind) for test in tests)


def _is_binary(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _values(column: Any) -> Array:
    """Return a column of arrow as an array, lists as further axes; ValueError with the reason."""
    import pyarrow as pa

    kind, of = column.type, pa.types
    if isinstance(kind, pa.BaseExtensionType):
        return _tensors(column)
    if of.is_dictionary(kind):
        return _values(column.cast(kind.value_type))
    if column.null_count and (_is_list(kind) or _is_words(kind) or of.is_boolean(kind)):
        raise ValueError(missing(column.is_null().to_numpy()))
    if _is_list(kind):
        return _lists(column)
    if _is_words(kind):
        try:
            return words(column.cast(pa.string()).to_numpy())
        except pa.ArrowInvalid as error:
            raise ValueError(
                "it holds bytes that are no text; needed: lists of numbers (numpy.frombuffer(cell, "
                "dtype) makes one of the bytes of an array)"
            ) from error
    if of.is_integer(kind) or of.is_floating(kind) or of.is_boolean(kind):
        return np.asarray(column.to_numpy())
    if of.is_null(kind) and not len(column):
        return np.empty(0)
    if of.is_null(kind):
        raise ValueError(f"{len(column)} values are missing, all of them")
    needed = "numbers (int or float) or text"
    remedy = {
        of.is_decimal: "cast it to float, or to text if they are classes",
        of.is_temporal: "write it as numbers, such as seconds, or as text if they are classes",
        of.is_struct: "write its fields as columns of their own",
    }
    said = next((said for test, said in remedy.items() if test(kind)), "cast it")
    raise ValueError(f"it holds {kind}; allowed: {needed} ({said})")


def _tensors(column: Any) -> Array:
    """Return tensors of one shape; other extensions as what they are stored as."""
    import pyarrow as pa

    kind = column.type
    stored = pa.chunked_array([chunk.storage for chunk in column.chunks], kind.storage_type)
    values = _values(stored)
    if isinstance(kind, pa.FixedShapeTensorType):
        values = values.reshape(len(values), *kind.shape)
        if kind.permutation:
            values = values.transpose(0, *(1 + np.asarray(kind.permutation)))
    return values


def _lists(column: Any) -> Array:
    import pyarrow.compute as pc

    lengths = np.asarray(pc.list_value_length(column).to_numpy())
    listed.check_lengths(lengths)
    inner = _values(pc.list_flatten(column))
    return inner.reshape(len(lengths), int(lengths[0]) if len(lengths) else 0, *inner.shape[1:])
