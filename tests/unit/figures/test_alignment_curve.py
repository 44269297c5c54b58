import pytest

from alignsweep.figures import alignment_curve
from alignsweep.metrics import METRICS


def test_it_shows_means_over_seeds_and_chance_of_the_metrics_on_the_common_scale(study_tables):
    figure = alignment_curve.draw(study_tables, ["synthetic-R4", "other-x"])
    axes = figure.axes[0]
    solid = [line for line in axes.lines if line.get_marker() != "None"]
    assert len(solid) == 2  # not the median rank, not uniformity
    assert solid[0].get_ydata() == pytest.approx([0.02, 0.18, 0.82])
    dotted = [line.get_ydata()[0] for line in axes.lines if line.get_linestyle() == ":"]
    assert dotted == pytest.approx([0.05, 0.05])
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        METRICS["cka_debiased"].label,
        METRICS["svcca_var99"].label,
        "chance",
    ]


def test_a_source_has_its_own_metrics(study_tables):
    alignment = study_tables["alignment"]
    own = (alignment["dataset"] == "other-x") & (alignment["metric"] == "svcca_var99")
    mixed = alignment[(alignment["dataset"] == "synthetic-R4") | own]
    figure = alignment_curve.draw({"alignment": mixed}, ["other-x"])
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == [METRICS["svcca_var99"].label, "chance"]
