import numpy as np
import pytest

from alignsweep.figures import nuisance_map


def test_a_square_is_the_gain_at_strength_1_or_the_nearest(study_tables):
    figure = nuisance_map.draw(study_tables, ["synthetic-R4", "other-x"])
    first, other, bar = figure.axes
    assert (first.get_title(), other.get_title()) == ("infonce", "another")
    assert np.asarray(first.images[0].get_array()).ravel() == pytest.approx([4, 4])
    assert [t.get_text() for t in first.texts] == ["+4.0", "+4.0"]
    assert [t.get_text() for t in first.get_xticklabels()] == ["0", "4"]
    assert bar.get_ylabel() == "gain at strength 0.4 (points)"


def test_it_is_bold_where_it_is_told_from_0(study_tables):
    gains = study_tables["gains"].copy()
    unsure = gains["dataset"] == "synthetic-R4"
    gains.loc[unsure, "gain_low"] = -0.01
    first = nuisance_map.draw({**study_tables, "gains": gains}, ["synthetic-R4", "other-x"]).axes[0]
    weights = {t.get_position()[0]: t.get_fontweight() for t in first.texts}
    assert weights == {0: "bold", 1: "normal"}  # no nuisance, and four bits
