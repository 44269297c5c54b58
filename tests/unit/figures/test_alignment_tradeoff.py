import pytest

from alignsweep.figures import alignment_tradeoff
from alignsweep.metrics import METRICS


def test_it_shows_mean_score_against_mean_alignment(study_tables):
    axes = alignment_tradeoff.draw(study_tables, ["synthetic-R4"]).axes[0]
    assert len(axes.lines) == 2
    assert axes.lines[0].get_xdata() == pytest.approx([0.02, 0.18, 0.82])
    assert axes.lines[0].get_ydata() == pytest.approx([0.5, 0.54, 0.38])


def test_a_source_has_its_own_first_metric(study_tables):
    alignment = study_tables["alignment"]
    own = (alignment["dataset"] == "other-x") & (alignment["metric"] == "svcca_var99")
    mixed = alignment[(alignment["dataset"] == "synthetic-R4") | own]
    figure = alignment_tradeoff.draw({**study_tables, "alignment": mixed}, ["other-x"])
    assert figure._supxlabel.get_text() == f"{METRICS['svcca_var99'].label}, test pairs"
