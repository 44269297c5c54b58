import pandas as pd
import pytest

from alignsweep import claims

STRENGTHS = ("0", "0.4", "2")


def tables(redundancy, optimum="0.4", gain=0.02, end=-0.1, rise=0.3):
    """The tables of one dataset, modality and metric, with intervals of 0.01 around each gain."""
    dataset = {"dataset": "synthetic-Rx"}
    bounds = {"gain_low": gain - 0.01, "gain_high": gain + 0.01}
    accuracy = {**dataset, "modality": "a", "metric": "accuracy"}
    gains = [
        {**accuracy, "strength": s, "gain": g, "gain_low": g - 0.01, "gain_high": g + 0.01}
        for s, g in zip(STRENGTHS, (0.0, gain, end), strict=True)
    ]
    alignment = [
        {**dataset, "metric": "cka", "seed": seed, "strength": s, "value": value + 0.01 * seed * i}
        for seed in range(4)
        for i, (s, value) in enumerate(zip(STRENGTHS, (0.1, 0.2, 0.1 + rise), strict=True))
    ]
    return {
        "datasets": pd.DataFrame([{**dataset, "fact": "redundancy", "value": redundancy}]),
        "gains": pd.DataFrame(gains),
        "optimum": pd.DataFrame([{**accuracy, "optimum": optimum, "gain": gain, **bounds}]),
        "alignment": pd.DataFrame(alignment),
    }


def test_columns_and_kinds():
    found = claims.check(**tables(4))
    assert tuple(found.columns) == claims.COLUMNS
    assert found["claim"].tolist() == [
        "mixed information: an inverted U",
        "alignment metrics rise",
    ]


@pytest.mark.parametrize(
    ("options", "claim", "holds"),
    [
        ({"redundancy": 0, "end": -0.1}, "unique", True),
        ({"redundancy": 2, "end": -0.005}, "unique", False),
        ({"redundancy": 8, "gain": 0.02}, "redundant", True),
        ({"redundancy": 6, "gain": 0.005}, "redundant", False),
        ({"redundancy": 4, "gain": 0.02}, "mixed", True),
        ({"redundancy": 4, "gain": 0.005}, "mixed", False),
        ({"redundancy": 4, "optimum": "2"}, "mixed", False),
        ({"redundancy": 4, "rise": 0.3}, "alignment", True),
        ({"redundancy": 4, "rise": -0.05}, "alignment", False),
    ],
)
def test_a_claim_holds_if_its_interval_is_on_the_right_side(options, claim, holds):
    found = claims.check(**tables(**options))
    row = found[found["claim"].str.startswith(claim)].iloc[0]
    assert row["holds"] == holds
    assert row["low"] <= row["effect"] <= row["high"]


def test_datasets_of_unknown_redundancy_are_left_out():
    own = tables(4)
    own["datasets"] = own["datasets"].assign(fact="n_train")
    found = claims.check(**own)
    assert found.empty
    assert tuple(found.columns) == claims.COLUMNS
