import os
import pickle
import struct
from types import FunctionType

import numpy as np
import pytest

from alignsweep.data.readers import pickles

PROTOCOLS = range(6)


def write(path, value, protocol=4):
    path.write_bytes(pickle.dumps(value, protocol))
    return path


class AsNumpy1(pickle._Pickler):
    """Names numpy's functions as numpy 1 did."""

    def save_global(self, obj, name=None):
        module, name = obj.__module__.replace("numpy._core", "numpy.core"), obj.__qualname__
        if self.proto < 4:
            self.write(pickle.GLOBAL + f"{module}\n{name}\n".encode())
        else:
            self.save(module)
            self.save(name)
            self.write(pickle.STACK_GLOBAL)
        self.memoize(obj)

    dispatch = pickle._Pickler.dispatch | {FunctionType: save_global}


def array_pickle(shape, code, content, *, state=(3, "<", None, None, None, -1, -1, 0), base=(0,)):
    """A pickle of one array with the parts given, as numpy would write it."""

    class Dtype:
        def __reduce__(self):
            return np.dtype, (code, False, True), state

    class Array:
        def __reduce__(self):
            reconstruct = np.empty(0).__reduce__()[0]
            arguments = (np.ndarray, base, b"b")
            return reconstruct, arguments, (1, shape, Dtype(), False, content)

    return pickle.dumps(Array(), 4)


def equal(a, b):
    assert type(a) is type(b)
    if isinstance(a, np.ndarray):
        assert a.dtype == b.dtype
        np.testing.assert_array_equal(a, b)
    elif isinstance(a, dict):
        assert list(a) == list(b)
        for key in a:
            equal(a[key], b[key])
    else:
        assert a == b


VALUES = {
    "float64": np.arange(2000.0).reshape(20, 50, 2),
    "float32": np.linspace(0, 1, 7, dtype=np.float32),
    "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "big_endian": np.arange(5, dtype=">i4"),
    "bool": np.array([True, False]),
    "text": np.array(["a[0]", "bcdef[12]"]),
    "bytes": np.array([b"a", b"bcd"]),
    "objects": np.array([["a", 1], ["b", None]], dtype=object),
    "empty": np.zeros((0, 3)),
    "no_axis": np.array(2.5),
    "scalars": [np.float32(1.5), np.int64(-3), np.str_("id"), np.bool_(True)],
    "plain": {"list": [1, 2.5, -(10**30), None, True], "tuple": ("x", b"", b"\x00\xff")},
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_numpy_writes_is_read(tmp_path, protocol):
    path = write(tmp_path / "a.pkl", VALUES, protocol)
    equal(pickles.load(path), pickle.loads(path.read_bytes()))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_what_numpy_1_writes_is_read(tmp_path, protocol):
    with open(tmp_path / "a.pkl", "wb") as file:
        AsNumpy1(file, protocol).dump(VALUES)
    assert b"numpy._core" not in (tmp_path / "a.pkl").read_bytes()
    equal(pickles.load(tmp_path / "a.pkl"), pickle.loads(pickle.dumps(VALUES, protocol)))


def test_what_python_2_writes_is_read(tmp_path):
    content = np.array([1.5, -2.5]).tobytes()

    def text(value):
        return pickle.SHORT_BINSTRING + bytes([len(value)]) + value

    (tmp_path / "a.pkl").write_bytes(
        b"\x80\x02}" + text(b"labels")
        + b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85" + text(b"b") + b"tR"
        + b"(K\x01K\x02\x85cnumpy\ndtype\n(" + text(b"f8") + b"K\x00K\x01tR"
        + b"(K\x03" + text(b"<") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
        + b"\x89" + text(content) + b"tbs."
    )  # fmt: skip
    equal(pickles.load(tmp_path / "a.pkl"), {"labels": np.array([1.5, -2.5])})


def test_numpys_own_types_stay_as_they_are(tmp_path):
    pickles.load(write(tmp_path / "a.pkl", np.arange(3, dtype=">f8")))
    assert np.dtype("f8").isnative
    assert np.dtype("<f8") == np.float64


class Call:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


class Holder:
    pass


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_nothing_that_a_pickle_names_is_run(tmp_path, protocol):
    sign = tmp_path / "ran"
    path = write(tmp_path / "a.pkl", {"train": Call(os.system, f"touch {sign}")}, protocol)
    message = rf"a.pkl: holds {os.name}.system; allowed: numpy arrays and plain containers"
    with pytest.raises(ValueError, match=message):
        pickles.load(path)
    assert not sign.exists()


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (Call(eval, "1"), r"(builtins|__builtin__).eval"),
        (Call(np.load, "x"), "numpy.load"),
        (Holder(), r"\S+.Holder"),
        (np.ma.array([1.0], mask=[True]), "numpy.ma.core._mareconstruct"),
        (np.array([(1, 2.0)], dtype="i4,f8"), "numpy dtype 'V12'"),
        (np.array(["2020"], dtype="M8[D]"), "numpy dtype 'M8'"),
        (Call(*np.empty(0).__reduce__()[:1], np.ndarray, (2**40,), b"b"), "an array made before"),
    ],
)
def test_what_is_refused_is_named(tmp_path, value, found):
    with pytest.raises(ValueError, match=f"a.pkl: holds {found}"):
        pickles.load(write(tmp_path / "a.pkl", value))


HUGE = struct.pack("<Q", 2**40)
F8 = (3, "<", None, None, None, -1, -1, 0)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        # sizes that lie; the last would make a list of 8 TB
        (array_pickle((2**40,), "f8", b"12345678"), "has 8 bytes, not 8796093022208"),
        (array_pickle((-1, -1), "f8", b"12345678"), r"shape is \(-1, -1\)"),
        (array_pickle((2**40,), "O", ["a"]), "has 1 items, not 1099511627776"),
        (array_pickle((1,), "f8", b"12345678", base=(2**40,)), "of shape"),
        (array_pickle((1,), "f8", [1.0]), "content of an array of float64 is list"),
        # a type that lies: objects without their flags would take numbers for addresses
        (array_pickle((1,), "O", b"12345678", state=F8), "content of an array of object is bytes"),
        (array_pickle((1,), "f8", b"1" * 8, state=(3, "<", None, ("a",), {}, 8, 8, 0)), "fields"),
        (array_pickle((1,), "f8", b"1" * 8, state=(3, "x", *F8[2:])), "fields"),
        (array_pickle((2**40,), "S0", b""), "numpy dtype 'S0'"),
        (pickle.dumps(np.float64(1)).replace(b"\x8c\x02f8", b"\x8c\x02O8"), "objects as bytes"),
        # a state for what has none: nothing of this program is changed
        (b"cnumpy\ndtype\n}X\x01\x00\x00\x00aK\x01sb.", "a function with a state of its own"),
        # numbers that lie, of bytes, bytearray, text, frame; and a place far out in the memo
        (b"\x80\x05\x8e" + struct.pack("<Q", 2**40) + b"abc.", r"\d{13} bytes wanted, 4 left"),
        (b"\x80\x05\x96" + struct.pack("<Q", 2**40) + b"abc.", r"\d{13} bytes wanted, 4 left"),
        (b"\x80\x04\x8d" + struct.pack("<Q", 2**40) + b"abc.", r"\d{13} bytes wanted, 4 left"),
        (b"\x80\x04\x95" + struct.pack("<Q", 2**40) + b"abc.", r"\d{13} bytes wanted, 4 left"),
        (b"\x80\x02Nr\xff\xff\xff\x7fj\xff\xff\xff\x7e.", "KeyError|Memo"),
        (b"c__builtin__\nbytes\n(L1099511627776L\ntR.", "TypeError"),
        (b"c_codecs\nencode\n(X\x01\x00\x00\x00aX\x03\x00\x00\x00hextR.", "bytes encoded as 'hex'"),
        (b"<!DOCTYPE html><html>Sign in</html>", "not a pickle, or truncated or damaged"),
        (b"", "not a pickle, or truncated or damaged"),
    ],
)  # fmt: skip
def test_hostile_and_damaged_files(tmp_path, content, message):
    (tmp_path / "a.pkl").write_bytes(content)
    with pytest.raises(ValueError, match=rf"a\.pkl: .*({message})"):
        pickles.load(tmp_path / "a.pkl")


# An array as numpy's own pickles make it: empty, then filled by BUILD ("b"). It has more than 1000
# bytes, so that numpy lets it look at those of the pickle in place of a copy.
EMPTY = b"cnumpy._core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85C\x01btR"
TYPE = b"cnumpy\ndtype\n(X\x02\x00\x00\x00u2\x89\x88tR"
ORDER = b"(K\x03X\x01\x00\x00\x00%bNNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
SHAPE, CONTENT = b"M\xe8\x03\x85", b"B\xd0\x07\x00\x00" + bytes(range(250)) * 8
FILL = b"(K\x01" + SHAPE + TYPE + b"\x89" + CONTENT + b"tb"
ON_BYTES = (
    b"cnumpy._core.numeric\n_frombuffer\n(" + CONTENT + TYPE + SHAPE + b"X\x01\x00\x00\x00CtR"
)


def test_an_array_put_together_by_hand(tmp_path):
    content = np.frombuffer(bytes(range(250)) * 8, "u2")
    for number, whole in enumerate((EMPTY + FILL, ON_BYTES)):
        (tmp_path / f"{number}.pkl").write_bytes(b"\x80\x05" + whole + b".")
        equal(pickles.load(tmp_path / f"{number}.pkl"), content)


@pytest.mark.parametrize(
    ("steps", "found"),
    [
        # a view of an array, and then the memory under it is freed
        (EMPTY + FILL + b"\x98", "buffers or objects that are not in the file"),
        (EMPTY + FILL + b"\x94\x98h\x00" + FILL + b"0", "buffers or objects"),
        (b"\x97", "buffers or objects"),
        (EMPTY + FILL + FILL, "an array that is filled twice"),
        (ON_BYTES + FILL, "an array that is filled twice"),
        # writing to an array, which may be to the bytes of the pickle
        (EMPTY + FILL + b"K\x00K\x07s", "items of a ndarray"),
        (EMPTY + FILL + b"(K\x00K\x07K\x01K\x07u", "items of a ndarray"),
        (b"]K\x00aK\x00K\x07s", "items of a list"),
        # objects from elsewhere in this process
        (b"\x82\x01", "buffers or objects"),
        (b"Pname\n", "buffers or objects"),
        (b"K\x01Q", "buffers or objects"),
    ],
)
def test_what_is_whole_is_not_changed(tmp_path, steps, found):
    (tmp_path / "a.pkl").write_bytes(b"\x80\x05" + steps + b".")
    with pytest.raises(ValueError, match=rf"a\.pkl: holds {found}"):
        pickles.load(tmp_path / "a.pkl")


@pytest.mark.parametrize("array", [EMPTY + FILL, ON_BYTES])
def test_the_dtype_of_an_array_stays_as_it_was(tmp_path, array):
    own = TYPE + b"\x94" + ORDER % b"<"
    changed = b"h\x00" + ORDER % b">" + b"0"
    (tmp_path / "a.pkl").write_bytes(b"\x80\x05" + array.replace(TYPE, own) + changed + b".")
    equal(pickles.load(tmp_path / "a.pkl"), np.frombuffer(bytes(range(250)) * 8, "<u2"))


@pytest.mark.parametrize("shape", [(0, 2**62, 2**62), (2**40, 0), (3, 0, 2**20)])
def test_an_array_without_values_is_small_all_the_same(tmp_path, shape):
    (tmp_path / "a.pkl").write_bytes(array_pickle(shape, "f8", b""))
    with pytest.raises(ValueError, match=r"a\.pkl: .*shape of an array without values is \("):
        pickles.load(tmp_path / "a.pkl")


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_truncated_pickle_is_named(tmp_path, protocol):
    whole = pickle.dumps({"train": {"text": np.arange(40.0), "id": ["a", "b"]}}, protocol)
    for keep in range(len(whole)):
        (tmp_path / "a.pkl").write_bytes(whole[:keep])
        with pytest.raises(ValueError, match=r"a\.pkl: not a pickle, or truncated or damaged"):
            pickles.load(tmp_path / "a.pkl")


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        pickles.load(tmp_path / "a.pkl")
