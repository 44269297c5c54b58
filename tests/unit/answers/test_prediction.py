"""Predictions before training: what they are made from, and what they say."""

import numpy as np
import pandas as pd
import pytest

from alignsweep import tables
from alignsweep.answers import inputs, prediction
from alignsweep.data import synthetic
from alignsweep.information.features import features

STRENGTHS = ["0", "0.2", "1"]


@pytest.fixture(scope="module")
def seen():
    pairs = synthetic.generate(redundancy=2, train=300, validation=200, test=10)
    return features(pairs)


@pytest.fixture(scope="module")
def ways():
    rows = [("synthetic-R2", "infonce", 6, 6), ("synthetic-R2", "part", 6, 2)]
    return pd.DataFrame(rows, columns=["dataset", "alignment", "width", "shared_width"])


def world(n=240, seed=0):
    """Make up points: gains fall with shared nuisance where all is aligned."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({name: rng.uniform(0, 1, n) for name in inputs.INPUTS})
    table["gain"] = 0.05 - 0.1 * table["nuisance_dimensions"] + rng.normal(0, 0.01, n)
    return table.assign(
        dataset=[f"d{i // 4}" for i in range(n)], alignment="infonce", modality="a", other="b",
        strength="1", error=0.005,
    )  # fmt: skip


def test_a_row_of_each_alignment_modality_and_strength_but_0(seen, ways):
    table = inputs.inputs(seen, ways, STRENGTHS)
    assert list(table.columns) == [*inputs.KEYS, "other", *inputs.INPUTS]
    assert len(table) == 2 * 2 * 2
    assert set(table["strength"]) == {"0.2", "1"}
    assert set(zip(table["modality"], table["other"], strict=True)) == {("a", "b"), ("b", "a")}
    assert np.isfinite(table[[*inputs.INPUTS]]).all().all()


def test_what_is_aligned_is_told_apart(seen, ways):
    table = inputs.inputs(seen, ways, STRENGTHS).set_index(["alignment", "modality", "strength"])
    whole, part = (table.loc[(name, "a", "1")] for name in ("infonce", "part"))
    assert (whole["aligned_share"], part["aligned_share"]) == (1, pytest.approx(1 / 3))
    assert (whole["private_width"], part["private_width"]) == (0, 4)
    assert part["nuisance_per_width"] == pytest.approx(3 * whole["nuisance_per_width"])
    assert part["canonical_aligned"] <= whole["canonical_aligned"]


def test_the_embeddings_are_those_that_are_planned(ways):
    alignments = {
        "infonce": {"objective": "infonce", "shared_width": None},
        "part": {"objective": "infonce", "shared_width": 2},
        "cosine": {"objective": "cosine", "shared_width": None},
    }
    encoder = {"a": {"width": 6}, "b": {"width": 6}}
    pd.testing.assert_frame_equal(inputs.planned("synthetic-R2", encoder, alignments), ways)


@pytest.mark.parametrize(
    ("encoder", "objective"), [({"width": 6}, "cosine"), ({"kind": "own"}, "infonce")]
)
def test_of_what_was_not_learnt_nothing_is_said(seen, tmp_path, encoder, objective):
    alignments = {"one": {"objective": objective, "shared_width": None}}
    planned = inputs.planned("synthetic-R2", {"a": encoder, "b": encoder}, alignments)
    told = prediction.predictions(seen, planned, STRENGTHS)
    assert list(told.columns) == [*inputs.KEYS, *prediction.TOLD]
    assert told.empty
    path = tmp_path / "predictions.csv"
    tables.write(told, path)
    assert prediction.sentences(tables.read(path), "accuracy") == []
    assert prediction.prior(tables.read(path)) == {}


def test_points_are_joined_by_dataset_alignment_modality_and_strength(seen, ways):
    rows = [
        ("synthetic-R2", a, m, s, 0.01 * i, 0.01 * i - 0.02, 0.01 * i + 0.02, metric)
        for i, (a, m, s) in enumerate(
            [("infonce", "a", "0"), ("infonce", "a", "1"), ("infonce", "both", "1"),
             ("part", "b", "0.2")]
        )
        for metric in ("accuracy", "cross_entropy")
    ]  # fmt: skip
    names = ["dataset", "alignment", "modality", "strength", "gain", "gain_low", "gain_high",
             "metric"]  # fmt: skip
    found = inputs.points(seen, pd.DataFrame(rows, columns=names).assign(use="unimodal"), ways)
    assert found[inputs.KEYS].to_numpy().tolist() == [
        ["synthetic-R2", "infonce", "a", "1"], ["synthetic-R2", "part", "b", "0.2"],
    ]  # fmt: skip
    assert found["gain"].tolist() == [0.01, 0.03]
    assert found["error"].tolist() == pytest.approx([0.02, 0.02])


def test_a_forest_that_has_not_seen_a_dataset_tells_its_sign_and_interval():
    table = world()
    found = prediction.cross_validate(table)
    clear = table["gain"].abs() > 0.02
    right = (found["expected"] > 0) == (table["gain"] > 0)
    assert right[clear].mean() > 0.9
    assert 0.65 < table["gain"].between(found["low"], found["high"]).mean() < 0.95
    changed = table.assign(gain=np.where(table["dataset"] == "d0", 9.0, table["gain"]))
    own = table["dataset"] == "d0"
    again = prediction.cross_validate(changed)
    pd.testing.assert_frame_equal(found[own], again[own])


def test_odds_are_frequencies_of_points_not_seen():
    predictor = prediction.fit(world())
    told = predictor.predict(world(seed=1))
    truth = world(seed=1)["gain"] < 0
    for low, high in ((0, 0.2), (0.8, 1)):
        own = told["loses"].between(low, high)
        assert low - 0.1 <= truth[own].mean() <= high + 0.1


def test_what_moved_a_prediction_is_named():
    told = prediction.fit(world()).predict(world(seed=1))
    named = told["because"].str.contains("share that is no matter of the label")
    extreme = (world(seed=1)["nuisance_dimensions"] - 0.5).abs() > 0.3
    assert named[extreme].mean() > 0.95


def test_outside_of_the_world_nothing_is_said():
    far = world(seed=1).head(3)
    far.loc[1, "train"] = 1.2
    told = prediction.fit(world()).predict(far)
    assert told["outside"].tolist() == ["", "how many training pairs there are", ""]
    assert told["gain"].isna().tolist() == [False, True, False]
    row = told.iloc[1].to_dict()
    assert prediction.describe(row, "accuracy") == (
        "a at strength 1: no prediction, since nothing was learnt of data like these (how many "
        "training pairs there are)."
    )
    far["train"] = 1.2
    assert prediction.prior(prediction.fit(world()).predict(far)) == {}


def test_a_prior_for_the_search_has_both_and_starts_at_0():
    told = pd.DataFrame(
        [("d", "infonce", m, s, g) for m, s, g in
         (("a", "0.2", 0.01), ("a", "1", -0.02), ("b", "0.2", 0.03), ("b", "1", 0.0))],
        columns=[*inputs.KEYS, "gain"],
    )  # fmt: skip
    assert prediction.prior(told) == {
        "infonce": {
            "a": {"0": 0.0, "0.2": 0.01, "1": -0.02},
            "b": {"0": 0.0, "0.2": 0.03, "1": 0.0},
            "both": {"0": 0.0, "0.2": pytest.approx(0.02), "1": pytest.approx(-0.01)},
        }
    }


def test_a_prior_is_known_between_strengths_and_beyond_them():
    gains = {"0.05": np.nan, "0.2": 0.02, "4": 0.01, "9": np.nan}
    rows = [("d", "infonce", m, s, g) for m in "ab" for s, g in gains.items()]
    told = pd.DataFrame(rows, columns=[*inputs.KEYS, "gain"])
    expected = {"0": 0.0, "0.05": pytest.approx(0.01), "0.2": 0.02, "4": 0.01, "9": 0.01}
    assert prediction.prior(told)["infonce"]["a"] == expected


def test_the_published_predictor_knows_the_papers_data(seen, ways):
    """R = 2 with six bits of shared nuisance: aligning all is worse than aligning a part."""
    told = prediction.predictions(seen, ways, STRENGTHS)
    assert (told["outside"] == "").all()
    mean = told.groupby(["alignment", "strength"])["gain"].mean()
    assert mean["infonce", "1"] < mean["part", "1"]
    assert ((told["low"] <= told["gain"]) & (told["gain"] <= told["high"])).all()
    said = prediction.sentences(told, "accuracy")
    assert len(said) == 4 + 1
    assert said[-1] == prediction.HELD
    assert said[0].startswith("infonce, a at strength 1: ")
    assert "of ten simulated datasets that looked alike, " in said[0]


def test_a_predictor_is_read_as_it_was_written(tmp_path):
    predictor = prediction.fit(world())
    predictor.save(tmp_path / "predictor.safetensors")
    known = prediction.load(tmp_path / "predictor.safetensors").predict(world(seed=1))
    pd.testing.assert_frame_equal(known, predictor.predict(world(seed=1)))
