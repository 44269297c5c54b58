import numpy as np
import pytest

from alignsweep.figures import alignment_tradeoff
from alignsweep.metrics import METRICS


def test_it_shows_gain_against_mean_alignment_with_intervals_of_both(study_tables):
    axes = alignment_tradeoff.draw(study_tables, ["synthetic-R4"]).axes[0]
    a, b = (line for line in axes.lines if len(line.get_xdata()) == 3)
    assert a.get_xdata() == pytest.approx([0.02, 0.18, 0.82])
    assert a.get_ydata() == pytest.approx([0, 4, -12])
    assert a.get_color() != b.get_color()
    assert a.get_marker() != b.get_marker()
    wide, high = (bars.get_segments() for bars in axes.collections[:2])
    assert high[1][:, 1] == pytest.approx([3, 5])  # 4 points, give or take one
    assert np.ptp(wide[1][:, 0]) == pytest.approx(2 * 0.02 / 3**0.5 * 4.303, rel=1e-3)


def test_panels_have_one_scale(study_tables):
    one, other = alignment_tradeoff.draw(study_tables, ["synthetic-R4", "other-x"]).axes
    assert one.get_ylim() == other.get_ylim()
    assert one.get_xlim() == other.get_xlim() == (-0.05, 1.05)


def test_a_source_has_its_own_first_metric(study_tables):
    alignment = study_tables["alignment"]
    own = (alignment["dataset"] == "other-x") & (alignment["metric"] == "svcca_var99")
    mixed = alignment[(alignment["dataset"] == "synthetic-R4") | own]
    figure = alignment_tradeoff.draw({**study_tables, "alignment": mixed}, ["other-x"])
    assert figure._supxlabel.get_text() == f"{METRICS['svcca_var99'].label}, test pairs"
