import pandas as pd
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
        "shuffled pairs",
    ]


def test_a_source_has_its_own_metrics(study_tables):
    alignment = study_tables["alignment"]
    own = (alignment["dataset"] == "other-x") & (alignment["metric"] == "svcca_var99")
    mixed = alignment[(alignment["dataset"] == "synthetic-R4") | own]
    figure = alignment_curve.draw({"alignment": mixed}, ["other-x"])
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names == [METRICS["svcca_var99"].label, "shuffled pairs"]


def test_a_band_ends_where_the_range_of_the_metric_does(study_tables):
    rows = study_tables["alignment"].query("metric == 'svcca_var99'")
    near = rows.assign(value=1 - 0.01 * rows["seed"])  # 0.99, give or take 0.025
    axes = alignment_curve.draw({"alignment": near}, ["synthetic-R4"]).axes[0]
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == pytest.approx((0.99 - 0.01 / 3**0.5 * 4.303, 1), rel=1e-4)


def test_two_conventions_of_one_metric_are_drawn_once(study_tables):
    own = study_tables["alignment"].query("metric == 'cka_debiased'")
    both = pd.concat([own, own.assign(metric="cka_biased")])
    for listed, drawn in ((both, "cka_debiased"), (both.iloc[len(own) :], "cka_biased")):
        figure = alignment_curve.draw({"alignment": listed}, ["synthetic-R4"])
        names = [text.get_text() for text in figure.legends[0].get_texts()]
        assert names == [METRICS[drawn].label, "shuffled pairs"]


def test_at_most_five_lines_are_told_apart(study_tables):
    own = study_tables["alignment"].query("metric == 'cka_debiased'")
    names = ["cka_debiased", "cka_rbf_debiased", "svcca_var99", "svcca_dim10", "cca_mean", "pwcca"]
    six = pd.concat([own.assign(metric=name) for name in names])
    axes = alignment_curve.draw({"alignment": six}, ["synthetic-R4"]).axes[0]
    curves = [line for line in axes.lines if len(line.get_xdata()) == 3]
    assert len({line.get_marker() for line in curves}) == len(curves) == 5
