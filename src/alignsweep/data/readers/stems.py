"""Which columns of a table make up an array: numbered ones of one stem, ``image_0, image_1, ...``.

A bare prefix is not enough: ``view1`` would take ``view10_0``, and ``image`` the label
``image_category_id``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Sequence
from fnmatch import fnmatchcase

#: Between the name of an array and what follows it.
SEPARATORS = "_-.: [("
_NUMBERED = re.compile(r"(.*?)(\d+)[\])]?")
_RANGE = re.compile(r"(\d+)-(\d+)")
_MOST_NAMES = 12


def numbered(names: Sequence[str]) -> dict[str, list[str]]:
    """Return stem -> the names that are it and a number, in the order of the numbers."""
    found: dict[str, list[tuple[int, str]]] = {}
    for name in names:
        if match := _NUMBERED.fullmatch(name):
            found.setdefault(match[1], []).append((int(match[2]), name))
    return {
        stem: [name for _, name in sorted(own, key=lambda x: x[0])] for stem, own in found.items()
    }


def columns_of(
    key: str, names: Sequence[str], left_out: Collection[str], is_words: Callable[[str], bool]
) -> list[str]:
    """Return the columns that `key` means.

    These are: the column of that name; or the numbered ones of that stem, in the order of their
    numbers; or, if there are none, the several that begin with the key and a separator.
    ``image_*`` means all that match, and ``0-511`` those whose names are these numbers.

    Parameters
    ----------
    key
        As in a configuration.
    names
        Of all columns.
    left_out
        Names that are something else: label, split, group.
    is_words
        Name -> whether the column is text, which can stand beside numbered columns of its name.

    Raises
    ------
    ValueError
        If there are none, or it is not clear which; the sentence names them.
    """
    own = [name for name in names if name not in left_out]
    if "*" in key:
        return _some([n for n in own if fnmatchcase(n, key)], key, names)
    stems = {s: c for s, c in numbered(own).items() if s == key or s.rstrip(SEPARATORS) == key}
    stems = {s: c for s, c in stems.items() if s}
    if key in own and not (stems and is_words(key)):
        if stems:
            others = few([n for c in stems.values() for n in c])
            raise ValueError(
                f"key {key!r} is a column, and the stem of others ({others}); needed: one of "
                f"them (write '{next(iter(stems))}*' for these, or rename the column)"
            )
        return [key]
    _refuse_torn(stems, own)
    if key not in own and not stems and (limits := _RANGE.fullmatch(key)):
        wanted = range(int(limits[1]), int(limits[2]) + 1)
        return _some([n for n in own if n.isdecimal() and int(n) in wanted], key, names)
    return _of_one_stem(key, stems) if stems else _with_prefix(key, own, names)


def _refuse_torn(stems: dict[str, list[str]], own: Sequence[str]) -> None:
    """Refuse numbered columns of which others, written in other capitals, are a part."""
    for stem, columns in stems.items():
        for other, others in numbered(own).items():
            if stem == other or stem.lower() != other.lower():
                continue
            if not set(numbers_of(columns)) & set(numbers_of(others)):
                raise ValueError(
                    f"columns {columns[0]!r} and {others[0]!r} differ in capitals, and each has "
                    "numbers that the other has not; needed: one spelling (rename some)"
                )


def _of_one_stem(key: str, stems: dict[str, list[str]]) -> list[str]:
    if len(stems) > 1:
        raise ValueError(_several(key, [c[0] for c in stems.values()]))
    (found,) = stems.values()
    numbers = numbers_of(found)
    twice = [n for n, i, j in zip(found[1:], numbers, numbers[1:], strict=False) if i == j]
    if twice:
        raise ValueError(
            f"column {twice[0]!r} of {key!r} has the number of another one; needed: each number "
            "once (rename or drop one)"
        )
    return found


def _with_prefix(key: str, own: Sequence[str], names: Sequence[str]) -> list[str]:
    """Return the columns that begin with a key, where this is clear."""
    ends = tuple(key + s for s in SEPARATORS) if key[-1:] not in SEPARATORS else (key,)
    found = _some([n for n in own if n.startswith(ends)], key, names)
    stems = {s: c for s, c in numbered(found).items() if len(c) > 1}
    plain = [n for n in found if not any(n in c for c in stems.values())]
    if len(stems) > 1 or (stems and plain):
        raise ValueError(_several(key, [*(c[0] for c in stems.values()), *plain]))
    if len(found) == 1:
        raise ValueError(
            f"no column starts with {key!r} but {found[0]!r}; there are: {few(names)} (write "
            f"{found[0]!r} if it is meant)"
        )
    return found


def _several(key: str, examples: Sequence[str]) -> str:
    return (
        f"key {key!r} can mean {few(examples)} and what is like them; needed: one of these stems "
        f"as the key, without the number, or '{key}*' for all columns that begin so"
    )


def _some(found: list[str], key: str, names: Sequence[str]) -> list[str]:
    if not found:
        raise ValueError(
            f"no column starts with {key!r}; there are: {few(names)} (a key is a column, or what "
            f"stands before the number or '_' in the names of several; '*' is anything)"
        )
    return found


def numbers_of(names: Sequence[str]) -> list[int]:
    """Return the numbers of numbered columns."""
    return [int(match[2]) for n in names if (match := _NUMBERED.fullmatch(n))]


def few(names: Sequence[str]) -> str:
    """Write some names, with dots if there are more."""
    return ", ".join(" ".join(n.split()) for n in names[:_MOST_NAMES]) + (
        ", ..." if len(names) > _MOST_NAMES else ""
    )
