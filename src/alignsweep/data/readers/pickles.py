"""Pickles of numpy arrays and plain containers, read without running anything they name.

Python's own reader calls whatever a pickle names, and numpy's trusts the types a pickle describes
(a false one makes numbers into addresses). Here every name stands for a function of this module
that checks its arguments, and numpy is told nothing that was not checked. Nothing is changed once
it is whole: an array is filled once, and items go into plain containers only. So no memory is freed
or written that something else still looks at.
"""

from __future__ import annotations

import math
import os
import pickle
import re
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

_DTYPES = re.compile(r"[biufc]\d{1,2}|[SU][1-9]\d{0,6}|O8?", re.ASCII)
_ARRAY_TYPE = object()  # numpy.ndarray: only ever an argument here, never called
_UNFILLED = np.dtype("V1")  # of arrays before their content; no pickle can name it
_MOST_EMPTY = 2**20  # of an array without values: what its axes but those of length 0 may make

#: Opcodes that bring in what is not in the file, or give another view of what is.
_REFUSED = (
    pickle.PERSID, pickle.BINPERSID, pickle.EXT1, pickle.EXT2, pickle.EXT4,
    pickle.NEXT_BUFFER, pickle.READONLY_BUFFER,
)  # fmt: skip


class _RefusedError(Exception):
    """The pickle holds what is not admitted."""


def load(path: str | Path) -> Any:
    """Return what a pickle holds, if it is numpy arrays and plain containers.

    Parameters
    ----------
    path
        A pickle of protocol 0 to 5, written with numpy 1 or 2. Of Python 2 too: its byte strings
        are decoded as latin1.

    Returns
    -------
    object
        Arrays and scalars of numbers or strings, arrays of plain objects, dict, list, tuple,
        str, bytes, numbers. Large arrays share the bytes read, so they may be read-only.

    Raises
    ------
    ValueError
        If the file holds anything else, or is no pickle, truncated or damaged.
    """
    with open(path, "rb") as file:
        try:
            return _Unpickler(_Bounded(file), encoding="latin1").load()
        except _RefusedError as error:
            message = f"{path}: holds {error}; allowed: numpy arrays and plain containers"
            raise ValueError(message) from None
        except OSError:
            raise
        except Exception as error:  # of any kind, where a pickle is damaged
            reason = f"{type(error).__name__}: {error}".removesuffix(": ")
            raise ValueError(f"{path}: not a pickle, or truncated or damaged ({reason})") from error


class _Bounded:
    """A file that refuses to read more than it holds, before memory is taken for it."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._left = os.fstat(file.fileno()).st_size

    def read(self, size: int) -> bytes:
        if not 0 <= size <= self._left:
            raise EOFError(f"{size} bytes wanted, {self._left} left")
        self._left -= size
        return self._file.read(size)

    def readline(self) -> bytes:
        line = self._file.readline()
        if not line.endswith(b"\n"):
            raise EOFError("the last line has no end")
        self._left -= len(line)
        return line


# The reader in Python, not that in C: its steps can be replaced, and it takes no memory before it
# reads. Slower by little, since arrays are one step each.
class _Unpickler(pickle._Unpickler):
    stack: list[Any]

    def find_class(self, module: str, name: str) -> Any:
        full = f"{module}.{name}"
        if full not in _ADMITTED:
            raise _RefusedError(full)
        return _ADMITTED[full]

    def load_build(self: Any) -> None:
        state, thing = self.stack.pop(), self.stack[-1]
        if isinstance(thing, np.dtype):
            _set_byte_order(thing, state)
        elif isinstance(thing, np.ndarray):
            _fill(thing, state)
        else:
            raise _RefusedError(f"a {type(thing).__name__} with a state of its own")

    def load_setitem(self) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._items([key, value])

    def load_setitems(self: Any) -> None:
        self._items(self.pop_mark())

    def _items(self, items: list[Any]) -> None:
        target = self.stack[-1]
        if type(target) is not dict:  # an array would be written to
            raise _RefusedError(f"items of a {type(target).__name__}")
        target.update(zip(items[::2], items[1::2], strict=True))

    def load_refused(self) -> None:
        raise _RefusedError("buffers or objects that are not in the file")

    dispatch: ClassVar[dict[int, Callable[[Any], None]]] = {
        **pickle._Unpickler.dispatch,
        **dict.fromkeys((opcode[0] for opcode in _REFUSED), load_refused),
        pickle.BUILD[0]: load_build,
        pickle.SETITEM[0]: load_setitem,
        pickle.SETITEMS[0]: load_setitems,
        # as bytes: a bytearray would be allocated before anything is read
        pickle.BYTEARRAY8[0]: pickle._Unpickler.dispatch[pickle.BINBYTES8[0]],
    }


def _dtype(code: str, *_: object) -> np.dtype[Any]:
    if not _DTYPES.fullmatch(code):
        raise _RefusedError(f"numpy dtype {code!r}")
    return np.dtype("O" if code == "O8" else code, copy=True)


def _set_byte_order(dtype: np.dtype[Any], state: Any) -> None:
    """Take the byte order from a dtype's state; all else follows from its code."""
    if state[1] not in ("<", ">", "|", "=") or any(part is not None for part in state[2:5]):
        raise _RefusedError("a numpy dtype with fields")
    own: Any = dtype.__reduce__()[2]
    dtype.__setstate__((own[0], state[1], *own[2:]))  # type: ignore[attr-defined]


def _new_array(kind: object, shape: tuple[int, ...], _: object) -> NDArray[np.void]:
    """Return an empty array, to be filled by `_fill`: no pickle asks for another one."""
    if kind is not _ARRAY_TYPE or shape != (0,):
        raise _RefusedError(f"an array made before its content, of shape {shape}")
    return np.empty(0, dtype=_UNFILLED)


def _fill(array: NDArray[Any], state: Any) -> None:
    """Give an array its shape, dtype and content, if these fit together."""
    if array.dtype != _UNFILLED:  # numpy would free what it holds, whoever looks at that
        raise _RefusedError("an array that is filled twice")
    _, shape, dtype, fortran, content = state
    dtype = _own(dtype)
    if isinstance(content, str):  # bytes of Python 2
        content = content.encode("latin1")
    wanted, found = (list, "items") if dtype.hasobject else (bytes, "bytes")
    if type(content) is not wanted:
        raise ValueError(f"content of an array of {dtype} is {type(content).__name__}")
    size = _count(shape) * (1 if dtype.hasobject else dtype.itemsize)
    if len(content) != size:
        raise ValueError(f"array of {shape} {dtype} has {len(content)} {found}, not {size}")
    checked: Any = (1, shape, dtype, bool(fortran), content)
    array.__setstate__(checked)


def _array_on(content: bytes, dtype: Any, shape: Any, order: str) -> NDArray[Any]:
    """Return an array on bytes already read (protocol 5)."""
    dtype = _own(dtype)
    if dtype.hasobject:  # numpy would take the bytes for addresses
        raise _RefusedError("objects as bytes")
    if type(content) is not bytes or _count(shape) * dtype.itemsize != len(content):
        raise ValueError(f"array of {shape} {dtype} has other content")
    return np.ndarray(shape, dtype, content, order="F" if order == "F" else "C")


def _scalar(dtype: Any, content: Any) -> Any:
    if isinstance(content, str):
        content = content.encode("latin1")
    return _array_on(content, dtype, (), "C")[()]


def _own(dtype: object) -> np.dtype[Any]:
    """Return a copy of a dtype: its state may yet change in the pickle, not under an array."""
    if not isinstance(dtype, np.dtype):
        raise TypeError(f"dtype is {type(dtype).__name__}")
    return dtype.newbyteorder("|")


def _count(shape: Any) -> int:
    if not isinstance(shape, tuple) or not all(type(n) is int and n >= 0 for n in shape):
        raise ValueError(f"shape is {shape!r}")
    if 0 in shape and math.prod(filter(None, shape)) > _MOST_EMPTY:  # no bytes vouch for them
        raise ValueError(f"shape of an array without values is {shape!r}")
    return math.prod(shape)


def _encode(text: str, encoding: str) -> bytes:
    """Return bytes that protocols 0 to 2 write as text."""
    if encoding != "latin1":
        raise _RefusedError(f"bytes encoded as {encoding!r}")
    return text.encode("latin1")


def _no_bytes() -> bytes:
    """Return what protocols 0 to 2 write as ``bytes()``; with a size it would take memory."""
    return b""


_ADMITTED: dict[str, Any] = {
    "numpy.ndarray": _ARRAY_TYPE,
    "numpy.dtype": _dtype,
    "_codecs.encode": _encode,
    "__builtin__.bytes": _no_bytes,
    "builtins.bytes": _no_bytes,
}
for _core in ("numpy.core", "numpy._core"):
    _ADMITTED |= {
        f"{_core}.multiarray._reconstruct": _new_array,
        f"{_core}.multiarray.scalar": _scalar,
        f"{_core}.numeric._frombuffer": _array_on,
    }
