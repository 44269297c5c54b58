"""What strengths are judged by is read from files that must agree."""

import numpy as np
import pytest

from alignsweep import sample_scores, tables
from alignsweep.damage import DamagedError
from alignsweep.data import store
from alignsweep.probe.encoders import probe_samples
from alignsweep.selection import evidence


@pytest.fixture
def files(tmp_path, trained, pairs):
    probed = probe_samples(trained, pairs)
    paths = {"data": tmp_path / "data.safetensors", "scores": tmp_path / "scores.csv",
             "samples": tmp_path / "samples.safetensors"}  # fmt: skip
    store.save(pairs, paths["data"])
    tables.write(probed.table, paths["scores"])
    probed.samples.save(paths["samples"])
    return paths


def test_scores_samples_and_data_of_one_dataset_are_taken(files, pairs):
    found = evidence.load(**files)
    assert list(found.designs) == [pairs.name]
    assert len(found.samples) == 18


@pytest.mark.parametrize("change", [0.02, -0.02, 7])
def test_test_scores_that_are_not_the_means_of_their_samples_are_named(files, change):
    table = tables.read(files["scores"])
    own = (table["split"] == "test") & (table["metric"] == "accuracy")
    table.loc[table.index[own][4], "value"] += change
    tables.write(table, files["scores"])
    with pytest.raises(DamagedError, match=r"scores\.csv has accuracy .* its samples have 0\."):
        evidence.load(**files)


def test_scores_without_samples_are_named_but_not_those_of_a_model_that_diverged(files):
    samples = sample_scores.load([files["samples"]])
    gone = next(iter(samples))
    del samples[gone]
    samples.save(files["samples"])
    with pytest.raises(DamagedError, match="its samples have nan"):
        evidence.load(**files)
    table = tables.read(files["scores"])
    own = (table["strength"] == gone[1]) & (table["seed"] == gone[2])
    table.loc[own & (table["modality"] == gone[4]), "value"] = np.nan
    tables.write(table, files["scores"])
    evidence.load(**files)


def test_data_of_another_dataset_are_named(files, pairs):
    table = tables.read(files["scores"]).assign(dataset="another")
    tables.write(table, files["scores"])
    with pytest.raises(DamagedError, match=f"is of dataset {pairs.name}, and stands for another"):
        evidence.load(**files)
