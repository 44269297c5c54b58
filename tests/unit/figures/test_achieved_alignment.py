import pytest

from alignsweep.figures import achieved_alignment


def test_gains_stand_at_the_alignment_achieved(study_tables):
    axes = achieved_alignment.draw(study_tables, ["synthetic-R4"]).axes[0]
    first, other = (line for line in axes.lines if len(line.get_xdata()) == 3)
    # means over seeds of the metric, which the other way to align reaches half of
    assert first.get_xdata() == pytest.approx([0.02, 0.18, 0.82])
    assert first.get_ydata() == pytest.approx([0, 4, -12])
    assert other.get_xdata() == pytest.approx([0.02, 0.10, 0.42])


def test_the_largest_strength_has_a_large_dot(study_tables):
    axes = achieved_alignment.draw(study_tables, ["synthetic-R4"]).axes[0]
    dot = next(line for line in axes.lines if len(line.get_xdata()) == 1)
    assert (dot.get_marker(), dot.get_markersize()) == ("o", 5.5)
    assert dot.get_xdata() == pytest.approx([0.82])
