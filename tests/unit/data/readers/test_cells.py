"""Cells that are lists of numbers, and those that are none."""

import numpy as np
import pytest

from alignsweep.data.readers import cells

SQUARE = np.arange(6.0).reshape(2, 3)


@pytest.mark.parametrize("write", [str, repr, lambda x: str(x.tolist())])
def test_what_numpy_prints_is_read_in_its_shape(write):
    for x in (SQUARE[1], SQUARE):
        text = write(x).removeprefix("array(").removesuffix(")")
        np.testing.assert_array_equal(cells.parsed([text, text]), np.stack([x, x]))
    listed = str([*SQUARE[1]])  # np.float64(3.0), ...
    np.testing.assert_array_equal(cells.parsed([listed]), SQUARE[1:])
    np.testing.assert_array_equal(cells.parsed(["(1, 2)", "[nan, -2e-3]"])[0], [1, 2])


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        (["[1, 2]", "[1]"], "different lengths, 2 in row 0 and 1 in row 1"),
        (["[[1, 2]]", "[[1]]"], r"different shapes, \(1, 2\) in row 0 and \(1, 1\) in row 1"),
        (["[1 ... 3]"], "the list of row 0 is cut"),
        (["[1, 2]", "[1, x]"], "row 1 is no list of numbers: '.1, x.'"),
        (["[[[1. 2.]]]"], "row 0 is no list of numbers"),
        (["[1] [2]"], "row 0 is no list of numbers"),
        (["[[1. 2.] [3.]]"], "row 0 is no list of numbers"),
    ],
)
def test_what_is_no_list_is_named(texts, sentence):
    with pytest.raises(ValueError, match=sentence):
        cells.parsed(texts)


def test_the_form_is_that_of_the_first_cell():
    assert cells.form_of("[1, 2]", 7) == ((7, 2), "float64")
    assert cells.form_of("[[1. 2.]\n [3. 4.]]", 7) == ((7, 2, 2), "float64")
    for text in ("a word", "(see above)", ""):
        assert cells.form_of(text, 7) == ((7,), "text")


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        (
            ["1", "?", "3"],
            "has 1 cell that is no number, the first, '?', in row 1; needed: numbers",
        ),
        (["1", "-", "-"], "has 2 cells that are no numbers, the first, '-', in row 1"),
        (["yes", "no"], "is text, such as 'yes'; needed: numbers (embed what is words, and write"),
        (["5%", "6%"], "is text, such as '5%'; needed: numbers (decimals with points"),
        (["1", "1,5"], "is text, such as '1,5'; needed: numbers (decimals with points"),
        (["1,234,567.5"], "is text, such as '1,234,567.5'; needed: numbers (decimals"),
        (["1 2 3"], "is text, such as '1 2 3'; needed: numbers (lists in brackets"),
        (["0.1,0.2,-3e-2"], "needed: numbers (lists in brackets"),
        (["array([1., 2.])"], "needed: numbers (lists in brackets"),
        (["[1, 2]", "none"], "has 1 cell that is no number, the first, 'none', in row 1"),
    ],
)
def test_what_is_no_number_is_named_with_its_row_and_a_remedy(texts, sentence):
    assert sentence in cells.no_numbers(np.array(texts))
