"""What holds for every figure."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import matplotlib.pyplot as plt
import pytest

from alignsweep.figures import FIGURES, Entry, panels, plotting

TABLES = {"probe", "gains", "optimum", "alignment", "datasets", "information"}

each = pytest.mark.parametrize("name", FIGURES)
#: Figures that draw every way to align.
OF_ALL = ("alignment_choice", "achieved_alignment", "retrieval_tradeoff", "nuisance_map")


def drawn(name, tables, datasets, folder, endings=("pdf", "png", "svg")):
    """Draw from the tables that the entry names, and return the bytes of the files."""
    folder.mkdir()
    paths = [folder / f"f.{ending}" for ending in endings]
    plotting.plot(name, {k: tables[k] for k in FIGURES[name].tables}, datasets, paths)
    return [path.read_bytes() for path in paths]


def laid_out(name, tables, datasets):
    """Return the figure that is saved, where everything has its place."""
    with plt.style.context(Path(plotting.__file__).with_name("alignsweep.mplstyle")):
        draw = import_module(f"alignsweep.figures.{name}").draw
        figure = draw({k: tables[k] for k in FIGURES[name].tables}, datasets)
        figure.draw_without_rendering()
    return figure


@each
@pytest.mark.parametrize("datasets", [["other-x"], ["synthetic-R4", "other-x"]])
def test_a_figure_is_drawn_in_every_format_byte_for_byte(tmp_path, study_tables, name, datasets):
    one, two = (drawn(name, study_tables, datasets, tmp_path / folder) for folder in "ab")
    assert one == two
    assert all(len(content) > 5000 for content in one)


@each
@pytest.mark.parametrize("datasets", [["other-x"], ["synthetic-R4", "other-x"]])
def test_a_figure_is_as_wide_as_one_column_of_a_journal_or_two(study_tables, name, datasets):
    figure = laid_out(name, study_tables, datasets)
    assert figure.get_figwidth() in (panels.ONE, panels.TWO)
    assert figure.get_figheight() < 9


@each
@pytest.mark.parametrize("datasets", [["other-x"], ["synthetic-R4", "other-x"]])
def test_nothing_written_is_cut_off(study_tables, name, datasets):
    figure = laid_out(name, study_tables, datasets)
    box = figure.get_tightbbox(figure.canvas.get_renderer())  # inches
    width, height = figure.get_size_inches()
    assert min(box.x0, box.y0) > -0.01
    assert box.x1 < width + 0.01
    assert box.y1 < height + 0.01


@each
def test_several_panels_have_letters(study_tables, name):
    figure = laid_out(name, study_tables, ["synthetic-R4", "other-x"])
    letters = [axes.get_title(loc="left") for axes in figure.axes]
    found = sorted(filter(None, letters))
    assert len(found) != 1
    assert found == list("abcdefghij"[: len(found)])


@each
def test_text_stays_text_and_fonts_are_within(tmp_path, study_tables, name):
    pdf, svg = drawn(name, study_tables, ["other-x"], tmp_path / "a", ["pdf", "svg"])
    assert svg.count(b"<text") > 5
    assert b"/FontFile2" in pdf
    assert b"/Type3" not in pdf


@each
@pytest.mark.parametrize("tables", ["mixed_tables", "odd_tables"])
@pytest.mark.parametrize("datasets", [["other-x"], ["synthetic-R4", "other-x"]])
def test_a_figure_is_drawn_from_unusual_tables(tmp_path, request, tables, name, datasets):
    drawn(name, request.getfixturevalue(tables), datasets, tmp_path / "a", ["png"])


@each
def test_it_draws_one_way_to_align_or_all_and_single_modalities_or_both(
    tmp_path, study_tables, name
):
    sign = "==" if name in ("width_curve", *OF_ALL) else "!="
    first = "" if name in OF_ALL else "and alignment == 'infonce'"
    of_both = f"use == 'unimodal' and modality {sign} 'both'"
    found = "or modality == 'a<>b'" if name == "retrieval_tradeoff" else ""
    shown = {
        "gains": f"(({of_both}) {found}) {first}",
        "optimum": "modality != 'both' and alignment == 'infonce'",
        "alignment": f"metric != '' {first}",
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
    own = {"alignment", "information", "synthetic", "widths"}
    assert set(entry.needs) <= own | {"alignments", "nuisance", "retrieval"}
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
