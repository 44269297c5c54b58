"""What holds for every figure."""

import subprocess
import sys

import pytest

from alignsweep.figures import FIGURES, Entry, plotting

TABLES = {"probe", "gains", "optimum", "alignment", "datasets", "information"}

each = pytest.mark.parametrize("name", FIGURES)


def drawn(name, tables, datasets, folder, endings=("pdf", "png", "svg")):
    """Draw from the tables that the entry names, and return the bytes of the files."""
    folder.mkdir()
    paths = [folder / f"f.{ending}" for ending in endings]
    plotting.plot(name, {k: tables[k] for k in FIGURES[name].tables}, datasets, paths)
    return [path.read_bytes() for path in paths]


@each
@pytest.mark.parametrize("datasets", [["other-x"], ["synthetic-R4", "other-x"]])
def test_a_figure_is_drawn_in_every_format_byte_for_byte(tmp_path, study_tables, name, datasets):
    one, two = (drawn(name, study_tables, datasets, tmp_path / folder) for folder in "ab")
    assert one == two
    assert all(len(content) > 5000 for content in one)


@each
@pytest.mark.parametrize("tables", ["mixed_tables", "odd_tables"])
@pytest.mark.parametrize("datasets", [["other-x"], ["synthetic-R4", "other-x"]])
def test_a_figure_is_drawn_from_unusual_tables(tmp_path, request, tables, name, datasets):
    drawn(name, request.getfixturevalue(tables), datasets, tmp_path / "a", ["png"])


@each
def test_it_draws_the_first_way_to_align_and_single_modalities_or_both(
    tmp_path, study_tables, name
):
    sign = "==" if name == "width_curve" else "!="
    shown = {
        "gains": f"modality {sign} 'both' and alignment == 'infonce'",
        "optimum": "modality != 'both' and alignment == 'infonce'",
        "alignment": "alignment == 'infonce'",
    }
    less = {k: t.query(shown[k]) if k in shown else t for k, t in study_tables.items()}
    everything = drawn(name, study_tables, ["other-x"], tmp_path / "a", ["png"])
    assert everything == drawn(name, less, ["other-x"], tmp_path / "b", ["png"])


@each
def test_an_entry_is_complete(name):
    entry = FIGURES[name]
    assert entry.label
    assert entry.category
    assert set(entry.tables) <= TABLES
    assert set(entry.needs) <= {"alignment", "information", "synthetic", "widths"}
    assert ("alignment" in entry.tables) == ("alignment" in entry.needs)
    assert ("information" in entry.tables) == ("information" in entry.needs)
    assert entry.caption.format(source="x", width="6").endswith(".")


def test_labels_are_different():
    assert len({entry.label for entry in FIGURES.values()}) == len(FIGURES)


def test_an_extension_draws_with_its_own_function(tmp_path, monkeypatch, study_tables):
    def draw(tables, datasets):
        from matplotlib.figure import Figure

        assert list(tables) == ["gains"]
        assert datasets == ["other-x"]
        figure = Figure()
        figure.subplots().plot(tables["gains"]["gain"])
        return figure

    monkeypatch.setitem(FIGURES, "own", Entry("Own", "Own", "Mine.", ("gains",), draw=draw))
    assert all(drawn("own", study_tables, ["other-x"], tmp_path / "a"))


def test_the_entries_are_read_without_anything_heavy():
    heavy = {"matplotlib", "numpy", "pandas", "scipy", "torch"}
    script = (
        f"import sys; from alignsweep.figures import FIGURES; print({heavy} & {{*sys.modules}})"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (said.stdout, said.stderr) == ("set()\n", "")
