"""Which columns a key means."""

import pytest

from alignsweep.data.readers.stems import columns_of

IMAGE = ["image_0", "image_1", "image_2"]


def columns(key, names, left_out=(), words=()):
    return columns_of(key, names, left_out, lambda name: name in words)


@pytest.mark.parametrize(
    ("key", "names", "found"),
    [
        ("image", [*IMAGE, "image_category_id", "label"], IMAGE),
        ("image_", IMAGE, IMAGE),
        ("txt", ["txt_0", "txt_1", "txt_de_0", "txt_de_1"], ["txt_0", "txt_1"]),
        ("txt_de", ["txt_0", "txt_1", "txt_de_0", "txt_de_1"], ["txt_de_0", "txt_de_1"]),
        ("view1", ["view1_0", "view1_1", "view10_0", "view10_1"], ["view1_0", "view1_1"]),
        ("view1", ["view1", "view10", "view2"], ["view1"]),
        ("image", ["image_10", "image_2", "image_1"], ["image_1", "image_2", "image_10"]),
        ("x", ["x0", "x1", "xy0"], ["x0", "x1"]),
        ("x", ["x[0]", "x[1]"], ["x[0]", "x[1]"]),
        ("x", ["x.0", "x.1", "y.0"], ["x.0", "x.1"]),
        ("x", ["x", "y"], ["x"]),
        ("x", ["x_0", "x_1", "X_0", "X_1"], ["x_0", "x_1"]),
        ("text", ["text", "text_0", "text_1"], ["text_0", "text_1"]),  # with the text itself
        ("bio", ["bio_age", "bio_mass", "biology"], ["bio_age", "bio_mass"]),
        ("image", ["image_feat_0", "image_feat_1"], ["image_feat_0", "image_feat_1"]),
        ("bio_*", ["bio_age", "bio_0", "bio_1"], ["bio_age", "bio_0", "bio_1"]),
        ("0-2", ["0", "1", "2", "3", "label"], ["0", "1", "2"]),
        ("1", ["0", "1", "2"], ["1"]),
    ],
)
def test_a_key_means(key, names, found):
    assert columns(key, names, words=("text",)) == found


def test_what_is_something_else_is_left_out():
    assert columns("x", ["x_0", "x_1", "x_2"], left_out=("x_1",)) == ["x_0", "x_2"]
    names = ["x_age", "x_mass", "x_class"]
    assert columns("x", names, left_out=("x_class",)) == ["x_age", "x_mass"]


@pytest.mark.parametrize(
    ("key", "names", "sentence"),
    [
        ("x", ["x_0", "x_1", "x-0", "x-1"], "key 'x' can mean x_0, x-0 and what is like them"),
        ("x", ["x", "x_0", "x_1"], "key 'x' is a column, and the stem of others (x_0, x_1)"),
        ("x", ["x_0", "x_00"], "column 'x_00' of 'x' has the number of another one"),
        ("t", ["t_de_0", "t_de_1", "t_en_0", "t_en_1"], "key 't' can mean t_de_0, t_en_0 and"),
        ("t", ["t_de_0", "t_de_1", "t_class"], "key 't' can mean t_de_0, t_class and"),
        ("view1", ["view10_0", "view10_1"], "no column starts with 'view1'"),
        ("image", ["image_id", "label"], "no column starts with 'image' but 'image_id'"),
        ("x", ["X_0", "x_1", "x_2"], "columns 'x_1' and 'X_0' differ in capitals, and each has"),
        ("5-9", ["0", "1"], "no column starts with '5-9'; there are: 0, 1"),
        ("z*", ["x"], "no column starts with 'z*'; there are: x"),
    ],
)
def test_what_is_not_clear_is_named(key, names, sentence):
    with pytest.raises(ValueError, match=r"needed|there are") as error:
        columns(key, names)
    assert sentence in str(error.value)
