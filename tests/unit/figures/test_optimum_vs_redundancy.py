import pytest

from alignsweep.figures import optimum_vs_redundancy

BOTH = ["synthetic-R4", "other-x"]


def points(axes):
    """The points of a panel, x and y."""
    dots = [
        line for line in axes.lines if line.get_linestyle() == "None" and line.get_marker() in "os"
    ]
    return [float(p) for line in dots for p in line.get_xdata()], [
        float(p) for line in dots for p in line.get_ydata()
    ]


def test_the_optimum_and_its_gain_are_drawn_at_the_share(study_tables):
    left, right = optimum_vs_redundancy.draw(study_tables, BOTH).axes
    x, y = points(left)
    assert x == pytest.approx([0.5] * 4, abs=0.01)
    assert y == [0.4] * 4
    assert points(right)[1] == pytest.approx([4] * 4)
    assert right.get_ylabel() == "gain over strength 0\n(points)"


def test_gains_of_a_correlation_have_a_panel_of_their_own(mixed_tables):
    left, points_, correlation = optimum_vs_redundancy.draw(mixed_tables, BOTH).axes
    assert len(points(left)[1]) == 4
    assert points(points_)[1] == pytest.approx([4, 4])
    assert points(correlation)[1] == pytest.approx([0.04, 0.04])
    assert points_.get_ylabel() == "gain over strength 0\n(points)"
    assert correlation.get_ylabel() == "gain over strength 0\n(correlation)"


def test_if_all_are_correlations_there_are_no_points(mixed_tables):
    _, right = optimum_vs_redundancy.draw(mixed_tables, ["other-x"]).axes
    assert right.get_ylabel() == "gain over strength 0\n(correlation)"
    assert points(right)[1] == pytest.approx([0.04, 0.04])


def test_a_dataset_without_information_is_left_out(odd_tables):
    left, _ = optimum_vs_redundancy.draw(odd_tables, BOTH).axes
    assert len(points(left)[1]) == 2


def test_where_nothing_is_left_it_says_so(odd_tables):
    axes = optimum_vs_redundancy.draw(odd_tables, ["other-x"]).axes[0]
    assert [text.get_text() for text in axes.texts] == ["not estimated"]


def test_every_dataset_is_named_once_above_its_points(study_tables):
    first, second = optimum_vs_redundancy.draw(study_tables, BOTH).axes
    names = {text.get_text(): text for text in first.texts}
    assert set(names) == {"R = 4", "other-x"}
    assert not second.texts
    assert [text.xy[0] for text in names.values()] == pytest.approx([0.5, 0.5])
    one, other = sorted(text.get_position()[0] for text in names.values())
    assert one < other  # side by side, though their shares are the same


def test_more_names_than_fit_are_left_out(study_tables, monkeypatch):
    monkeypatch.setattr(optimum_vs_redundancy, "MOST_NAMES", 1)
    assert not optimum_vs_redundancy.draw(study_tables, BOTH).axes[0].texts
