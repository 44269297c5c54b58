import pandas as pd
import pytest

from alignsweep import figures, metrics, probe, recommend, tables
from alignsweep.data import store


@pytest.fixture(scope="module")
def study_tables(tmp_path_factory, trained, pairs):
    """The tables of a study with two datasets, as they are when read from files."""
    folder = tmp_path_factory.mktemp("tables")

    def twice(table):
        return pd.concat([table, table.assign(dataset="other-x")], ignore_index=True)

    scores = twice(probe.linear_probe(trained, pairs))
    made = {
        "probe": scores,
        "alignment": twice(metrics.measure_alignment(trained, pairs, samples=200)),
        "datasets": pd.DataFrame(store.summary(pairs)),
        "gains": recommend.gains(scores),
        "optimum": recommend.recommend(scores),
    }
    for name, table in made.items():
        tables.write(table, folder / f"{name}.csv")
    return {name: tables.read(folder / f"{name}.csv") for name in made}


@pytest.mark.parametrize("name", figures.FIGURES)
@pytest.mark.parametrize("datasets", [["other-x"], ["synthetic-R4", "other-x"]])
def test_a_figure_is_drawn_in_every_format_byte_for_byte(tmp_path, study_tables, name, datasets):
    needed = {k: study_tables[k] for k in figures.FIGURES[name][1]}
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        paths = [tmp_path / folder / f"f.{ending}" for ending in ("pdf", "png", "svg")]
        figures.plot(name, needed, datasets, paths)
    for path in paths:
        content = path.read_bytes()
        assert len(content) > 5000
        assert content == (tmp_path / "one" / path.name).read_bytes()


def test_strength_curve_shows_means_optimum_and_ceiling(study_tables):
    figure = figures.strength_curve(study_tables, ["synthetic-R4"])
    axes = figure.axes[0]
    assert axes.get_title() == "R = 4"
    mean = (
        study_tables["probe"]
        .query(
            "dataset == 'synthetic-R4' and modality == 'a' and split == 'test' "
            "and metric == 'accuracy' and strength == '0.4'"
        )["value"]
        .mean()
    )
    assert mean in axes.lines[0].get_ydata()
    dashed = [line.get_ydata()[0] for line in axes.lines if line.get_linestyle() == "--"]
    ceilings = study_tables["datasets"].query("fact == 'bayes_accuracy'")["value"]
    assert set(dashed) < set(ceilings)
    assert len([line for line in axes.lines if line.get_marker() == "*"]) == 2


def test_gain_heatmap_has_a_row_per_modality_and_marks_significance(study_tables):
    sure = study_tables["gains"].assign(
        p_value=study_tables["gains"]["strength"].map({"0": 1, "0.4": 0.5, "2": 0.01})
    )
    figure = figures.gain_heatmap({"gains": sure}, ["synthetic-R4", "other-x"])
    axes = figure.axes[0]
    rows = [label.get_text() for label in axes.get_yticklabels()]
    assert rows == ["R = 4, a", "R = 4, b", "other-x, a", "other-x, b"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0.4", "2"]
    assert [text.get_fontweight() for text in axes.texts] == ["normal", "bold"] * 4


def test_a_diverged_model_is_left_out_of_the_curve(study_tables):
    probe_table = study_tables["probe"].copy()
    probe_table.loc[probe_table["strength"] == "2", "value"] = float("nan")
    figures.strength_curve({**study_tables, "probe": probe_table}, ["synthetic-R4"])
