import pytest

from alignsweep.figures import information


def test_a_bar_per_method_and_a_paler_one_for_the_null(study_tables):
    axes = information.draw(study_tables, ["synthetic-R4", "other-x"]).axes[0]
    names = [label.get_text() for label in axes.get_xticklabels()]
    assert names == [
        "R = 4\nexact",
        "R = 4\ndiscrete",
        "null",
        "other-x\nexact",
        "other-x\ndiscrete",
        "null",
    ]
    first = axes.patches[:4]
    assert [bar.get_height() for bar in first] == pytest.approx([0.6, 0.1, 0.5, -0.1])
    assert [bar.get_y() for bar in first] == pytest.approx([0, 0.6, 0.7, 0])


def test_a_dataset_without_information_is_left_out(odd_tables):
    axes = information.draw(odd_tables, ["synthetic-R4", "other-x"]).axes[0]
    assert [label.get_text() for label in axes.get_xticklabels()][1:] == ["R = 4\ndiscrete", "null"]


def test_where_nothing_is_left_it_says_so(odd_tables):
    axes = information.draw(odd_tables, ["other-x"]).axes[0]
    assert [text.get_text() for text in axes.texts] == ["not estimated"]


def test_two_datasets_of_the_same_r_have_their_full_names(study_tables):
    table = study_tables["information"].replace({"other-x": "noisy-R4"})
    figure = information.draw({"information": table}, ["synthetic-R4", "noisy-R4"])
    names = [label.get_text() for label in figure.axes[0].get_xticklabels()]
    assert names[::3] == ["synthetic-R4\nexact", "noisy-R4\nexact"]
