"""A figure's file says what made it."""

import json

import matplotlib.pyplot as plt
import numpy as np
import pytest
from click.testing import CliRunner

from alignsweep import provenance
from alignsweep.cli import main
from alignsweep.data.tensors import save_tensors
from alignsweep.figures import plotting
from alignsweep.provenance import figures, saying

CONFIG = {"study": "toy", "note": 'an umlaut ü, (brackets), a "quote", \\ and\nlines', "seeds": 4}
STUDY = {"study": "toy", "device": "cpu", "seeds": 4,
         "datasets": {"x": {"kind": "digits"}, "y": {"kind": "synthetic"}}}  # fmt: skip


@pytest.fixture
def made(tmp_path):
    folder = tmp_path / "results" / "toy"
    provenance.begin(STUDY, CONFIG, folder, threads=2)
    (folder / "x").mkdir()
    save_tensors({"a": np.zeros(3)}, folder / "x" / "data.safetensors", {})
    table = folder / "gains.csv"
    table.write_text("gain\n1\n")
    return figures.of_run(folder, ["x"], {"gains": table})


def draw(tables, datasets):
    return plt.subplots()[0]


@pytest.mark.parametrize("ending", ["pdf", "png", "svg"])
def test_from_the_file_alone_configuration_code_versions_and_data_are_found(tmp_path, made, ending):
    path = tmp_path / f"elsewhere.{ending}"
    plotting.save(draw, {}, [], [path], {"figure": "curve", **made})
    found = figures.read(path)
    assert found == json.loads(json.dumps({"figure": "curve", **made}))
    assert found["config"] == CONFIG
    assert found["resolved"]["seeds"] == 4
    assert list(found["resolved"]["datasets"]) == ["x"]  # those it shows
    assert {"version", "commit", "changed"} == set(found["code"])
    assert {"python", "numpy", "matplotlib"} <= set(found["versions"])
    assert len(found["data"]["x"]) == len(found["tables"]["gains"]) == 64
    assert "ended" not in found
    said = CliRunner().invoke(main, ["provenance", str(path)])
    assert said.exit_code == 0, said.output
    for part in ("figure curve of study toy", "made by: alignsweep", "numpy", "seeds: 4",
                 found["tables"]["gains"]):  # fmt: skip
        assert part in said.output
    as_json = CliRunner().invoke(main, ["provenance", "--json", str(path)])
    assert json.loads(as_json.output) == found


@pytest.mark.parametrize("ending", ["pdf", "png", "svg"])
def test_a_figure_drawn_again_is_the_same_bytes(tmp_path, made, ending):
    paths = [tmp_path / f"{i}.{ending}" for i in range(2)]
    for path in paths:
        plotting.save(draw, {}, [], [path], made)
    assert paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize("ending", ["pdf", "png", "svg"])
def test_a_figure_of_no_study_says_so(tmp_path, ending):
    path = tmp_path / f"plain.{ending}"
    plotting.save(draw, {}, [], [path])
    with pytest.raises(ValueError, match="does not say what made it"):
        figures.read(path)
    path.write_bytes(b"no figure at all")
    with pytest.raises(ValueError, match="does not say what made it"):
        figures.read(path)


def test_another_file_and_a_missing_one_are_named(tmp_path):
    (tmp_path / "x.csv").touch()
    with pytest.raises(ValueError, match=r"x\.csv is no figure; needed: .*\.pdf, \.png, \.svg"):
        figures.read(tmp_path / "x.csv")
    with pytest.raises(FileNotFoundError):
        figures.read(tmp_path / "x.svg")


def test_without_a_record_code_and_versions_are_still_said(tmp_path):
    table = tmp_path / "gains.csv"
    table.touch()
    found = figures.of_run(tmp_path, ["x"], {"gains": table})
    assert found["code"] == provenance.code()
    assert found["versions"] == provenance.versions()


def test_a_study_is_said_and_checked(tmp_path, made):
    folder = tmp_path / "results" / "toy"
    ask = ["provenance", str(folder)]
    with pytest.raises(ValueError, match="has not ended"):
        saying.check(folder)
    provenance.end(folder, tmp_path / "benchmarks")
    assert "threads: 2" in CliRunner().invoke(main, ask).output
    assert "2 files are what was written" in CliRunner().invoke(main, [*ask, "--check"]).output
    data = folder / "x" / "data.safetensors"
    data.write_bytes(data.read_bytes()[:-1] + b"x")
    (folder / "gains.csv").unlink()
    found = CliRunner().invoke(main, [*ask, "--check"])
    assert found.exit_code == 1
    assert "data.safetensors has other values of a than were written" in found.output
    assert "gains.csv is missing" in found.output
