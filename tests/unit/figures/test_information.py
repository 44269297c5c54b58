import pytest

from alignsweep.figures import information


def rows(figure):
    return [label.get_text() for label in figure.axes[0].get_yticklabels()]


def test_a_panel_per_atom_and_a_bar_per_method(study_tables):
    figure = information.draw(study_tables, ["synthetic-R4", "other-x"])
    assert rows(figure) == ["R = 4, exact", "discrete", "other-x, exact", "discrete"]
    bits = [[bar.get_width() for bar in axes.patches] for axes in figure.axes]
    assert bits == [pytest.approx([v] * 4) for v in (0.6, 0.1, 0.5, -0.1)]
    exact, estimate, *_ = figure.axes[0].patches
    assert estimate.get_alpha() < exact.get_alpha()


def test_an_estimate_has_its_interval_and_its_null(study_tables):
    axes = information.draw(study_tables, ["synthetic-R4"]).axes[0]
    (bars,) = axes.collections
    (segment,) = bars.get_segments()
    assert segment[:, 0] == pytest.approx([0.55, 0.65])
    assert [float(m.get_xdata()[0]) for m in axes.lines if m.get_marker() == "|"] == [0.1]


def test_panels_have_one_scale(study_tables):
    panels = information.draw(study_tables, ["synthetic-R4"]).axes
    assert len({axes.get_xlim() for axes in panels}) == 1


def test_a_dataset_without_information_is_left_out(odd_tables):
    figure = information.draw(odd_tables, ["synthetic-R4", "other-x"])
    assert rows(figure) == ["R = 4, exact", "discrete"]


def test_where_nothing_is_left_it_says_so(odd_tables):
    axes = information.draw(odd_tables, ["other-x"]).axes[0]
    assert [text.get_text() for text in axes.texts] == ["not estimated"]


def test_two_datasets_of_the_same_r_have_their_full_names(study_tables):
    table = study_tables["information"].replace({"other-x": "noisy-R4"})
    figure = information.draw({"information": table}, ["synthetic-R4", "noisy-R4"])
    assert rows(figure)[::2] == ["synthetic-R4, exact", "noisy-R4, exact"]
