import pytest

from alignsweep.figures import strength_curve


def stars(axes):
    return [line for line in axes.lines if line.get_marker() == "*" and len(line.get_xdata())]


def test_it_shows_means_intervals_optimum_and_ceiling(study_tables):
    figure = strength_curve.draw(study_tables, ["synthetic-R4"])
    axes = figure.axes[0]
    assert axes.get_title() == "R = 4"
    assert list(axes.lines[0].get_xdata()) == [0, 0.4, 2]
    assert axes.lines[0].get_ydata() == pytest.approx([0.5, 0.54, 0.38])
    band = axes.collections[0].get_paths()[0].vertices[:, 1]
    assert (band.min(), band.max()) == pytest.approx((0.37, 0.55))
    dashed = [line.get_ydata()[0] for line in axes.lines if line.get_linestyle() == "--"]
    assert dashed == [0.7, 0.8]
    assert len(stars(axes)) == 2
    assert figure._supylabel.get_text() == "probe accuracy (test)"


def test_a_star_is_on_its_curve(study_tables):
    flattered = study_tables["optimum"].assign(score=0.9)  # found on other seeds, by a search
    axes = strength_curve.draw({**study_tables, "optimum": flattered}, ["synthetic-R4"]).axes[0]
    curves = [line for line in axes.lines if line.get_marker() == "o"]
    for curve, star in zip(curves, stars(axes), strict=True):
        assert star.get_color() == curve.get_color()
        assert (*star.get_xdata(), *star.get_ydata()) in set(zip(*curve.get_data(), strict=True))


def test_without_an_optimum_there_is_no_star(odd_tables):
    one, other = strength_curve.draw(odd_tables, ["synthetic-R4", "other-x"]).axes
    assert len(stars(one)) == 2
    assert not stars(other)


def test_strengths_stand_in_the_order_of_numbers(study_tables):
    tried = study_tables["gains"].sort_values("strength", ascending=False)
    axes = strength_curve.draw({**study_tables, "gains": tried}, ["synthetic-R4"]).axes[0]
    assert list(axes.lines[0].get_xdata()) == [0, 0.4, 2]


def test_a_strength_that_diverged_is_left_out_of_the_curve(study_tables):
    gains = study_tables["gains"].copy()
    gains.loc[gains["strength"] == "2", ["score", "gain", "gain_low", "gain_high"]] = float("nan")
    axes = strength_curve.draw({**study_tables, "gains": gains}, ["synthetic-R4"]).axes[0]
    assert axes.lines[0].get_ydata() == pytest.approx([0.5, 0.54, float("nan")], nan_ok=True)


def test_the_legend_names_the_modalities_of_every_panel(study_tables):
    renamed = study_tables["gains"].copy()
    other = renamed["dataset"] == "other-x"
    names = {"a": "c", "b": "d", "both": "both"}
    renamed.loc[other, "modality"] = renamed.loc[other, "modality"].map(names)
    both = ["synthetic-R4", "other-x"]
    figure = strength_curve.draw({**study_tables, "gains": renamed}, both)
    assert [text.get_text() for text in figure.legends[0].get_texts()] == [
        "modality a",
        "modality b",
        "modality c",
        "modality d",
        "optimum (chosen on validation)",
        "at strength 0",
        "Bayes ceiling",
    ]


def test_the_axis_names_both_kinds_of_score(mixed_tables):
    figure = strength_curve.draw(mixed_tables, ["synthetic-R4", "other-x"])
    assert figure._supylabel.get_text() == "probe accuracy (test) / probe correlation (test)"
