"""What the commands say of a file of data."""

import numpy as np
import pytest
from click.testing import CliRunner

from alignsweep import cli
from alignsweep.cli import study_file

N = 60


@pytest.fixture
def data(tmp_path):
    rng = np.random.default_rng(0)
    kind = np.arange(N) % 3
    image = np.c_[rng.normal(size=(N, 4)), kind]  # which tells the label
    np.savez(tmp_path / "my.npz", image=image, text=rng.normal(size=(N, 3)), kind=kind)
    return tmp_path / "my.npz"


def test_a_dry_run_says_what_makes_an_answer_doubtful(data):
    task, warning = cli._taken_for(study_file.config(data, ["a=image", "text"], "kind")).split("\n")
    assert task.startswith("kind: classification, 3 classes (0, 1, 2)")
    assert warning.startswith("warning: a: 'image'[:, 4] alone tells the label")


def test_a_dry_run_says_what_will_be_refused(data):
    with np.load(data) as file:
        np.savez(data, **dict(file) | {"text": np.full((N, 3), np.nan)})
    said = cli._taken_for(study_file.config(data, ["image", "text"], "kind"))
    assert "warning: " in said
    assert "modality text ('text') has 180 missing or infinite values" in said


def test_inspect_takes_names_with_keys_and_says_everything_once(data, capfd):
    asked = ["inspect", str(data), "--modalities", "a=image", "text", "--label", "kind"]
    result = CliRunner().invoke(cli.main, asked)
    assert result.exit_code == 0
    assert "modalities: {a: image, text: text}" in result.output
    assert result.output.count("alone tells the label") == 1
    assert "alone tells" not in capfd.readouterr().err


def test_masks_are_taken_as_they_are_named(data):
    rng = np.random.default_rng(1)
    with np.load(data) as file:
        kept = {k: file[k] for k in ("text", "kind")}
    lengths = rng.integers(1, 6, N)
    np.savez(data, **kept, audio=rng.normal(size=(N, 5, 2)), audio_lengths=lengths)
    named = study_file.keys(["audio=audio_lengths"])
    asked = (data, ["audio", "text"], "kind")
    assert "'audio_lengths' is not used" in cli._taken_for(study_file.config(*asked))
    config = study_file.config(*asked, masks=named)
    assert config["datasets"]["my"]["masks"] == {"audio": "audio_lengths"}
    assert "is not used" not in cli._taken_for(config)
