from alignsweep.figures import alignment_metrics
from alignsweep.metrics import METRICS


def test_a_panel_per_metric_says_which_way_alignment_lies(study_tables):
    figure = alignment_metrics.draw(study_tables, ["synthetic-R4", "other-x"])
    panels = [axes for axes in figure.axes if axes.get_title()]
    assert [axes.get_ylim() == (-0.05, 1.05) for axes in panels] == [True, True, False, False]
    lower = "\n(lower: more aligned)"
    assert [axes.get_title() for axes in panels] == [
        METRICS["cka_debiased"].label,
        METRICS["svcca_var99"].label,
        METRICS["median_rank"].label + lower,
        METRICS["uniformity"].label + lower,
    ]
    lines = [len([k for k in axes.lines if len(k.get_xdata()) == 3]) for axes in panels]
    chance = [len([k for k in axes.lines if k.get_linestyle() == ":"]) for axes in panels]
    assert lines == [2, 2, 2, 2]
    assert chance == [1, 1, 1, 0]  # shuffling pairs leaves uniformity as it is


def test_a_source_has_its_own_metrics(study_tables):
    alignment = study_tables["alignment"]
    own = (alignment["dataset"] == "other-x") & (alignment["metric"] == "svcca_var99")
    mixed = alignment[(alignment["dataset"] == "synthetic-R4") | own]
    assert len(alignment_metrics.draw({"alignment": mixed}, ["other-x"]).axes) == 1
