"""What holds for every use, by the table that all of them fill."""

import numpy as np
import pandas as pd
import pytest

from alignsweep import probe, scores
from alignsweep.data import synthetic
from alignsweep.probe.encoders import probe_samples
from alignsweep.probe.uses import SCORERS
from alignsweep.training import alignment, sweep

MODALITIES = {
    "unimodal": ["a", "b"],
    "fused": ["a+b"],
    "transfer": ["a>b", "b>a"],
    "retrieval": ["a>b", "b>a"],
}


@pytest.fixture(scope="module")
def probed(trained, pairs):
    return probe_samples(trained, pairs, uses=tuple(SCORERS))


def test_every_use_scores_its_modalities(probed):
    found = probed.table.groupby("use", sort=False)["modality"].unique()
    assert {use: list(names) for use, names in found.items()} == MODALITIES


@pytest.mark.parametrize("use", SCORERS)
def test_a_use_is_scored_by_its_scores_on_held_out_splits(probed, use):
    own = scores.of_use(probed.table, use)
    listed = [score.name for score in scores.scores_of(use, "classification")]
    for split in ("validation", "test"):
        assert list(own[own["split"] == split]["metric"].unique()) == listed
    assert own[["value", "fixed_epochs"]].notna().all(axis=None)


@pytest.mark.parametrize("use", SCORERS)
def test_scores_of_samples_average_to_the_headline(probed, use):
    rows = scores.headline(probed.table, use).query("split == 'test'")
    keys = ["alignment", "strength", "seed", "use", "modality"]
    for key, value in rows.set_index(keys)["value"].items():
        assert np.nanmean(probed.samples[key]) == pytest.approx(value)


@pytest.mark.parametrize("use", SCORERS)
def test_a_use_does_not_depend_on_the_others(probed, trained, pairs, use):
    alone = probe.probe_encoders(trained, pairs, uses=(use,))
    beside = scores.of_use(probed.table, use).reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, beside)


def test_all_models_may_diverge(trained, pairs, spoiled):
    gone = spoiled(range(9))
    table = probe.probe_encoders(gone, pairs, uses=tuple(SCORERS))
    assert table["value"].isna().all()
    found = table.groupby("use", sort=False)["modality"].unique()
    assert {use: list(names) for use, names in found.items()} == MODALITIES


def test_strength_0_is_the_same_for_every_alignment_but_in_untrained_projections(pairs):
    short = sweep.Training(epochs=2, min_steps=0)
    tables = [
        probe.probe_encoders(
            sweep.train(pairs, ["0"], range(2), training=short, alignment=own),
            pairs,
            uses=("unimodal", "fused"),
        )["value"]
        for own in (alignment.make("infonce"), alignment.make("part", shared_width=2))
    ]
    np.testing.assert_array_equal(*tables)


def test_numbers_are_scored_too(rng):
    made = synthetic.generate(redundancy=4, train=200, validation=100, test=100)
    inputs = made.inputs["a"]
    numbers = type(made)(
        name="numbers",
        inputs=made.inputs,
        labels=inputs[:, :3].sum(axis=1) + 0.1 * rng.standard_normal(len(inputs)),
        split=made.split,
        classes=None,
    )
    trained = sweep.train(numbers, ["0", "1"], [0], training=sweep.Training(epochs=2, min_steps=0))
    table = probe.probe_encoders(trained, numbers, uses=tuple(SCORERS))
    assert set(scores.of_use(table, "fused")["metric"]) == {"correlation", "mae", "sign_accuracy"}
    assert table["value"].notna().all()
