from importlib.resources import as_file, files

import numpy as np
import pandas as pd
import pytest

from alignsweep.answers import prediction


def points(noise=0.05, settings=6):
    rng = np.random.default_rng(0)
    share = np.tile(np.linspace(0.1, 1, 9), settings)
    own = (1 - share) * rng.uniform(0, 1, len(share))
    return pd.DataFrame(
        {
            "setting": np.repeat([f"T{i}" for i in range(settings)], 9),
            "share": share,
            "unique_share": own,
            "other_share": (1 - share - own) * rng.uniform(0, 1, len(share)),
            "root_optimum": 0.2 + 0.8 * share + 0.1 * own + rng.normal(0, noise, len(share)),
            "usual_gain": 0.1 * share - 0.05 + rng.normal(0, noise / 10, len(share)),
        }
    )


def test_a_linear_law_is_found():
    found = prediction.fit(points(noise=1e-9))
    np.testing.assert_allclose(found.coefficients[:, 0], [0.2, 0.8, 0.1, 0], atol=1e-6)
    assert np.abs(found.errors).max() < 1e-6


def test_a_setting_is_predicted_by_the_others():
    table = points()
    changed = table.copy()
    changed.loc[changed["setting"] == "T0", ["root_optimum", "usual_gain"]] += 100
    mine = prediction.cross_validate(table)[table["setting"] == "T0"]
    other = prediction.cross_validate(changed)[table["setting"] == "T0"]
    pd.testing.assert_frame_equal(mine, other)


def test_predictions_have_intervals_that_hold():
    table = points()
    found = prediction.fit(table).predict(table)
    truth = table["root_optimum"].clip(lower=0) ** 2
    inside = (found["predicted_low"] <= truth) & (truth <= found["predicted_high"])
    assert 0.7 < inside.mean() < 0.9
    assert (found["helps"][table["share"] > 0.9] > 0.95).all()
    assert (found["helps"][table["share"] < 0.2] < 0.05).all()


def test_rank_correlation_of_noise_is_not_told_from_0():
    table = points()
    table["root_optimum"] = np.random.default_rng(1).permutation(table["root_optimum"])
    value, low, high = prediction.rank_correlation(table, resamples=200)
    assert low < 0.3
    assert low <= value <= high


def test_shares():
    atoms = {"redundancy": 0.6, "unique_a": 0.2, "unique_b": -0.1, "synergy": 0.2, "total": 0.9}
    table = pd.DataFrame(
        [
            {"dataset": "d-x", "modality_a": "x", "modality_b": "y", "method": "discrete",
             "atom": atom, "corrected_bits": bits}
            for atom, bits in atoms.items()
        ]
    )  # fmt: skip
    found = prediction.shares(table).set_index("modality")
    assert found.loc["x", "share"] == pytest.approx(0.6)
    assert found.loc["x", "unique_share"] == found.loc["y", "other_share"] == pytest.approx(0.2)
    assert found.loc["y", "unique_share"] == found.loc["x", "other_share"] == 0


def test_without_information_there_is_no_prediction():
    point = pd.DataFrame(
        {"modality": ["x"], "share": [np.nan]} | {f: [np.nan] for f in prediction.FEATURES}
    )
    found = prediction.fit(points()).predict(point).iloc[0]
    assert np.isnan(
        found[["predicted", "predicted_low", "usual_gain", "helps"]].astype(float)
    ).all()
    assert prediction.describe(found) == "x: none, since nothing is known of the label"


def test_the_published_law_ranks_settings_left_out():
    with as_file(files("alignsweep.answers") / "law.csv") as path:
        table = pd.read_csv(path)
    assert len(table) == 162
    assert table["setting"].nunique() == 9
    value, low, _ = prediction.rank_correlation(table, resamples=200)
    assert value > 0.7
    assert low > 0.5
