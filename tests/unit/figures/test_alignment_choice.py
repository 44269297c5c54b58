import pytest

from alignsweep.figures import alignment_choice


def test_it_has_a_line_per_way_to_align_with_its_interval(study_tables):
    figure = alignment_choice.draw(study_tables, ["synthetic-R4", "other-x"])
    axes = figure.axes[0]
    first, other = (line for line in axes.lines if len(line.get_xdata()) == 3)
    assert list(first.get_xdata()) == [0, 0.4, 2]
    assert first.get_ydata() == pytest.approx([0, 4, -12])  # points
    assert other.get_ydata() == pytest.approx([0, 0, 0])
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == pytest.approx((-13, 5))
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["infonce", "another"]


def test_panels_have_one_scale(study_tables):
    figure = alignment_choice.draw(study_tables, ["synthetic-R4", "other-x"])
    assert figure.axes[0].get_ylim() == figure.axes[1].get_ylim()
