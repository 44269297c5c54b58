"""A study from the words of a command line."""

from pathlib import Path

import numpy as np
import pytest

from alignsweep import study
from alignsweep.cli import study_file


@pytest.fixture
def data(tmp_path):
    path = tmp_path / "my data.npz"
    np.savez(path, image=np.zeros((4, 2)), txt=np.zeros((4, 2)), y=np.zeros(4), s=np.zeros(4))
    return path


def test_the_file_is_a_study_that_says_how_to_go_on_and_is_read_back(data, tmp_path):
    wanted = study_file.config(data, ["image", "text=txt"], "y", "s", None, "grid", ["unimodal"])
    path = study_file.write(wanted, tmp_path / "out")
    assert path == tmp_path / "out" / "study.yaml"
    assert f"alignsweep recommend {path}" in path.read_text()
    assert study.read(path) == wanted
    resolved = study.resolve(study.read(path))
    assert (resolved["study"], resolved["search"], resolved["uses"]) == (
        "my-data", "grid", ["unimodal"],
    )  # fmt: skip
    options = resolved["datasets"]["my-data-image-text"]["options"]
    assert options["path"] == str(data.resolve())
    assert options["modalities"] == {"image": "image", "text": "txt"}
    assert (options["label"], options["split"], options["group"]) == ("y", "s", None)


def test_what_is_not_asked_has_the_default_of_the_configuration(data):
    config = study_file.config(data, ["image", "txt"], "y")
    assert config["datasets"]["my-data"]["modalities"] == ["image", "txt"]
    assert not {"uses", "seeds"} & set(config)
    assert not {"split", "group"} & set(config["datasets"]["my-data"])


def test_what_a_person_changed_is_kept(data, tmp_path):
    wanted = study_file.config(data, ["image", "txt"], "y")
    path = study_file.write(wanted, tmp_path)
    changed = path.read_text() + "seeds: 3\n"
    path.write_text(changed)
    with pytest.raises(ValueError, match=r"study\.yaml says something else than is asked; run it"):
        study_file.write(wanted, tmp_path)
    assert path.read_text() == changed


def test_what_is_no_study_is_not_written(data, tmp_path):
    wanted = study_file.config(data, ["image", "both"], "y")
    with pytest.raises(study.ConfigError, match="modalities"):
        study_file.write(wanted, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("file", "name"),
    [("x.y.csv", "x-y"), ("_a b.h5", "a-b"), ("ä.npz", "data"), ("all.h5", "data")],
)
def test_the_file_names_the_study(file, name):
    assert study_file.config(Path(file), ["a", "b"], "y")["study"] == name
