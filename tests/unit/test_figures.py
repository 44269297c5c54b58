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
    information = twice(
        pd.DataFrame(
            [
                {
                    "dataset": pairs.name,
                    "method": method,
                    "atom": atom,
                    "bits": 0.3,
                    "null_bits": null,
                    "low_bits": bits - 0.05,
                    "high_bits": bits + 0.05,
                    "corrected_bits": bits,
                }
                for method, null in (("exact", None), ("discrete", 0.1))
                for atom, bits in (
                    ("redundancy", 0.6),
                    ("unique_a", 0.1),
                    ("unique_b", 0.5),
                    ("synergy", -0.1),
                    ("total", 1.1),
                )
            ]
        )
    )
    made = {
        "information": information,
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
    figure = figures.scores.strength_curve(study_tables, ["synthetic-R4"])
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
    figure = figures.scores.gain_heatmap({"gains": sure}, ["synthetic-R4", "other-x"])
    axes = figure.axes[0]
    rows = [label.get_text() for label in axes.get_yticklabels()]
    assert rows == ["R = 4, a", "R = 4, b", "other-x, a", "other-x, b"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0.4", "2"]
    assert [text.get_fontweight() for text in axes.texts] == ["normal", "bold"] * 4


def test_a_diverged_model_is_left_out_of_the_curve(study_tables):
    probe_table = study_tables["probe"].copy()
    probe_table.loc[probe_table["strength"] == "2", "value"] = float("nan")
    figures.scores.strength_curve({**study_tables, "probe": probe_table}, ["synthetic-R4"])


def test_a_strength_that_diverged_everywhere_is_blank_in_the_heat_map(study_tables):
    gains = study_tables["gains"].copy()
    gains.loc[gains["strength"] == "2", ["gain", "p_value"]] = float("nan")
    figure = figures.scores.gain_heatmap({"gains": gains}, ["synthetic-R4", "other-x"])
    assert len(figure.axes[0].texts) == 4


def test_the_legend_names_the_modalities_of_every_panel(study_tables):
    renamed = study_tables["probe"].copy()
    other = renamed["dataset"] == "other-x"
    renamed.loc[other, "modality"] = renamed.loc[other, "modality"].map({"a": "c", "b": "d"})
    both = ["synthetic-R4", "other-x"]
    figure = figures.scores.strength_curve({**study_tables, "probe": renamed}, both)
    names = [text.get_text() for text in figure.legends[0].get_texts()]
    assert names[:4] == ["modality a", "modality b", "modality c", "modality d"]


def test_a_source_has_its_own_metrics(study_tables):
    alignment = study_tables["alignment"]
    own = (alignment["dataset"] == "other-x") & (alignment["metric"] == "svcca_var99")
    mixed = alignment[(alignment["dataset"] == "synthetic-R4") | own]
    tables_ = {**study_tables, "alignment": mixed}
    figure = figures.scores.alignment_tradeoff(tables_, ["other-x"])
    assert figure._supxlabel.get_text() == "SVCCA (99 %), test pairs"
    assert len(figures.scores.alignment_metrics(tables_, ["other-x"]).axes) == 1
    figure = figures.scores.alignment_curve(tables_, ["other-x"])
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["SVCCA (99 %)", "chance"]


def test_redundancy_share_is_of_the_atoms_that_are_positive(study_tables):
    share = figures.information.redundancy_share(study_tables["information"])
    assert share["synthetic-R4"] == pytest.approx(0.6 / 1.2)


def test_the_optimum_is_drawn_at_the_share(study_tables):
    figure = figures.information.optimum_vs_redundancy(study_tables, ["synthetic-R4", "other-x"])
    left = figure.axes[0]
    x = [value for line in left.lines for value in line.get_xdata()]
    assert len(x) == 4
    assert x == pytest.approx([0.5] * 4, abs=0.01)
