import pytest

from alignsweep.figures import information_truth


def points(axes):
    return [(*line.get_data(),) for line in axes.lines if line.get_marker() == "o"]


def test_a_point_per_dataset_whose_distribution_is_known(study_tables):
    table = study_tables["information"]
    known = table[(table["dataset"] == "synthetic-R4") | (table["method"] != "exact")].copy()
    estimated = (known["atom"] == "redundancy") & (known["method"] == "discrete")
    known.loc[estimated, "corrected_bits"] = 0.4
    figure = information_truth.draw({"information": known}, ["synthetic-R4", "other-x"])
    assert [axes.get_title() for axes in figure.axes[:1]] == ["redundancy"]
    ((x, y),) = points(figure.axes[0])
    assert list(x) == pytest.approx([0.6])
    assert list(y) == pytest.approx([0.4])
    assert figure.axes[0].get_xlim() == figure.axes[0].get_ylim()


@pytest.mark.parametrize("method", ["exact", "discrete"])
def test_where_there_is_no_truth_or_no_estimate_it_says_so(study_tables, method):
    table = study_tables["information"]
    one = {"information": table[table["method"] == method]}
    axes = information_truth.draw(one, ["synthetic-R4"]).axes[0]
    assert [text.get_text() for text in axes.texts] == ["not estimated"]
