import pytest

from alignsweep.figures import strength_curve


def stars(axes):
    return [line for line in axes.lines if line.get_marker() == "*" and len(line.get_xdata())]


def curves(axes):
    return [line for line in axes.lines if len(line.get_xdata()) == 3]


def band(axes):
    """The ends of the first band."""
    ends = axes.collections[0].get_paths()[0].vertices[:, 1]
    return ends.min(), ends.max()


def test_it_shows_means_intervals_optimum_and_ceiling(study_tables):
    figure = strength_curve.draw(study_tables, ["synthetic-R4"])
    axes = figure.axes[0]
    assert axes.get_title() == "R = 4"
    curve = curves(axes)[0]
    assert list(curve.get_xdata()) == [0, 0.4, 2]
    assert curve.get_ydata() == pytest.approx([0.5, 0.54, 0.38])
    assert band(axes) == pytest.approx((0.36, 0.56))
    dashed = [line.get_ydata()[0] for line in axes.lines if line.get_linestyle() == "--"]
    assert dashed == [0.7, 0.8]
    assert len(stars(axes)) == 2
    assert axes.get_ylabel() == "probe accuracy\n(test)"


def test_below_it_are_the_gains_on_one_scale(study_tables):
    figure = strength_curve.draw(study_tables, ["synthetic-R4", "other-x"])
    below, other = figure.axes[2:]
    assert curves(below)[0].get_ydata() == pytest.approx([0, 4, -12])
    assert band(below) == pytest.approx((-13, 5))
    assert len(stars(below)) == 2
    assert below.get_ylabel() == "gain over 0\n(points)"
    assert below.get_ylim() == other.get_ylim()


def test_a_band_ends_at_the_ceiling_which_a_point_may_exceed(study_tables):
    facts = study_tables["datasets"].copy()
    facts.loc[facts["modality"] == "a", "value"] = 0.53
    axes = strength_curve.draw({**study_tables, "datasets": facts}, ["synthetic-R4"]).axes[0]
    assert band(axes) == pytest.approx((0.36, 0.54))
    assert max(curves(axes)[0].get_ydata()) == pytest.approx(0.54)


def test_a_band_ends_at_1(study_tables):
    gains = study_tables["gains"].assign(score_high=1.2)
    axes = strength_curve.draw({**study_tables, "gains": gains}, ["other-x"]).axes[0]
    assert band(axes)[1] == pytest.approx(1)


def test_what_is_small_looks_small(study_tables):
    gains = study_tables["gains"].copy()
    for column in ("gain", "gain_low", "gain_high"):
        gains[column] /= 100
    middle = gains.groupby(["dataset", "modality"])["score"].transform("median")
    for column in ("score", "score_low", "score_high"):
        gains[column] = middle + (gains[column] - middle) / 100
    one = gains[gains["modality"] != "b"]
    above, below = strength_curve.draw({**study_tables, "gains": one}, ["other-x"]).axes
    assert above.get_ylim()[1] - above.get_ylim()[0] == pytest.approx(0.1)
    assert below.get_ylim()[1] - below.get_ylim()[0] == pytest.approx(10)


def test_a_star_is_on_its_curve(study_tables):
    flattered = study_tables["optimum"].assign(score=0.9)  # found on other seeds, by a search
    axes = strength_curve.draw({**study_tables, "optimum": flattered}, ["synthetic-R4"]).axes[0]
    for curve, star in zip(curves(axes), stars(axes), strict=True):
        assert star.get_color() == curve.get_color()
        assert (*star.get_xdata(), *star.get_ydata()) in set(zip(*curve.get_data(), strict=True))


def test_without_an_optimum_there_is_no_star(odd_tables):
    one, other, *_ = strength_curve.draw(odd_tables, ["synthetic-R4", "other-x"]).axes
    assert len(stars(one)) == 2
    assert not stars(other)


def test_strengths_stand_in_the_order_of_numbers(study_tables):
    tried = study_tables["gains"].sort_values("strength", ascending=False)
    axes = strength_curve.draw({**study_tables, "gains": tried}, ["synthetic-R4"]).axes[0]
    assert list(curves(axes)[0].get_xdata()) == [0, 0.4, 2]


def test_a_strength_that_diverged_is_left_out_of_the_curve(study_tables):
    gains = study_tables["gains"].copy()
    gains.loc[gains["strength"] == "2", ["score", "gain", "gain_low", "gain_high"]] = float("nan")
    axes = strength_curve.draw({**study_tables, "gains": gains}, ["synthetic-R4"]).axes[0]
    found = curves(axes)[0].get_ydata()
    assert found == pytest.approx([0.5, 0.54, float("nan")], nan_ok=True)


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
        "optimum",
        "Bayes ceiling",
    ]


def test_the_axis_names_both_kinds_of_score(mixed_tables):
    figure = strength_curve.draw(mixed_tables, ["synthetic-R4", "other-x"])
    assert figure.axes[0].get_ylabel() == "probe accuracy\n(test) / probe correlation\n(test)"
