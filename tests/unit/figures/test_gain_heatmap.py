from alignsweep.figures import gain_heatmap

BOTH = ["synthetic-R4", "other-x"]


def rows(axes):
    return [label.get_text() for label in axes.get_yticklabels()]


def scale(figure):
    """The label of the scale of colours."""
    return figure.axes[1].get_ylabel()


def columns(axes):
    return [label.get_text() for label in axes.get_xticklabels()]


def test_it_has_a_row_per_modality_and_marks_significance(study_tables):
    figure = gain_heatmap.draw(study_tables, BOTH)
    axes = figure.axes[0]
    assert rows(axes) == ["R = 4, a", "R = 4, b", "other-x, a", "other-x, b"]
    assert columns(axes) == ["0.4", "2"]
    assert [text.get_text() for text in axes.texts] == ["+4.0", "\N{MINUS SIGN}12.0"] * 4
    assert [text.get_fontweight() for text in axes.texts] == ["normal", "bold"] * 4
    assert scale(figure) == "gain over strength 0 (points)"


def test_correlations_are_said_in_hundredths(mixed_tables):
    figure = gain_heatmap.draw(mixed_tables, BOTH)
    assert scale(figure) == "gain over strength 0 (points / hundredths)"
    last = ["other-x, a (correlation)", "other-x, b (correlation)"]
    assert rows(figure.axes[0]) == ["R = 4, a", "R = 4, b", *last]


def test_strengths_stand_in_the_order_of_numbers(study_tables):
    tried = study_tables["gains"].sort_values("strength", ascending=False, kind="stable")
    assert columns(gain_heatmap.draw({"gains": tried}, BOTH).axes[0]) == ["0.4", "2"]


def test_a_strength_that_diverged_everywhere_is_blank(study_tables):
    gains = study_tables["gains"].copy()
    gains.loc[gains["strength"] == "2", ["gain", "p_value"]] = float("nan")
    assert len(gain_heatmap.draw({"gains": gains}, BOTH).axes[0].texts) == 4


def test_a_gain_has_one_colour_in_every_map(study_tables):
    def colours(tables, datasets):
        axes = gain_heatmap.draw(tables, datasets).axes[0]
        return axes.images[0].to_rgba(axes.images[0].get_array())

    gains = study_tables["gains"].copy()
    gains.loc[gains["dataset"] == "synthetic-R4", "gain"] *= 3
    small, large = (colours({"gains": gains}, [d]) for d in ("other-x", "synthetic-R4"))
    assert (small != large).any()
    assert (small == colours(study_tables, ["synthetic-R4"])).all()
