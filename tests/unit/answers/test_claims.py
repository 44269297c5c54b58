"""What the paper claims, held against made-up tables."""

import numpy as np
import pandas as pd
import pytest

from alignsweep.answers import claims

RISING = {"0": 0.5, "0.4": 0.55, "0.6": 0.57, "2": 0.58}
FALLING = {"0": 0.5, "0.4": 0.49, "0.6": 0.45, "2": 0.4}
BENDING = {"0": 0.5, "0.4": 0.55, "0.6": 0.53, "2": 0.45}
LATE = {"0": 0.5, "0.4": 0.51, "0.6": 0.52, "2": 0.55}


def tables(
    redundancy, curve, rise=0.3, noise=0.001, fact="redundancy", metric="cka_debiased", tuned=0.0
):
    rng = np.random.default_rng(0)
    names = {"dataset": "s-R4", "alignment": "infonce"}
    probe = pd.DataFrame(
        [
            {**names, "strength": s, "seed": k, "modality": m, "split": split,
             "metric": "accuracy", "value": v + rng.normal(0, noise), "n": 16384}
            for m in "ab" for s, v in curve.items() for k in range(5)
            for split in ("validation", "test")
        ]
    )  # fmt: skip
    probe["fixed_epochs"] = probe["value"]
    probe.loc[probe["strength"] == "0", "value"] += tuned
    alignment = pd.DataFrame(
        [
            {**names, "metric": metric, "seed": k, "strength": s,
             "value": 0.2 + rise * float(s) / 2 + rng.normal(0, 0.01)}
            for s in curve for k in range(4)
        ]
    )  # fmt: skip
    datasets = pd.DataFrame([{"dataset": "s-R4", "fact": fact, "value": redundancy}])
    return {"datasets": datasets, "alignment": alignment, "probe": probe}


def found(*arguments, **options):
    table = claims.check(**tables(*arguments, **options))
    assert tuple(table.columns) == claims.COLUMNS
    return {
        (row["claim"].partition(": ")[2] or row["claim"], row["modality"]): row["holds"]
        for row in table.to_dict("records")
    }


@pytest.mark.parametrize(
    ("redundancy", "curve", "claim", "holds"),
    [
        (0, FALLING, "accuracy falls", True),
        (2, BENDING, "accuracy falls", True),
        (2, RISING, "accuracy falls", False),
        (8, RISING, "accuracy rises", True),
        (8, FALLING, "accuracy rises", False),
        (8, RISING, "it rises monotonically, then saturates", True),
        (6, BENDING, "accuracy rises", True),
        (6, BENDING, "it rises monotonically, then saturates", False),
        (4, BENDING, "an inverted U rises", True),
        (4, BENDING, "an inverted U falls again", True),
        (4, BENDING, "the optimum", True),
        (4, LATE, "an inverted U falls again", False),
        (4, LATE, "the optimum", False),
        (4, FALLING, "an inverted U rises", False),
    ],
)
def test_a_claim_holds_if_its_interval_says_so(redundancy, curve, claim, holds):
    said = found(redundancy, curve)
    assert said[claim, "a"] == said[claim, "b"] == holds


@pytest.mark.parametrize(
    ("metric", "rise", "holds"),
    [
        ("cka_debiased", 0.3, True),
        ("cka_debiased", -0.3, False),
        ("cka_debiased", 0.0, False),
        ("modality_gap", -0.3, True),  # lower is more aligned
        ("median_rank", 0.3, False),
    ],
)
def test_alignment_grows_whichever_way_a_metric_points(metric, rise, holds):
    assert (
        found(8, RISING, rise=rise, metric=metric)["alignment grows with strength", metric] == holds
    )


def test_noise_is_no_evidence():
    said = found(4, BENDING, noise=0.2)
    assert not said["an inverted U rises", "a"]
    assert not said["an inverted U falls again", "a"]


def test_effects_have_their_interval():
    table = claims.check(**tables(4, BENDING))
    assert (table["low"] <= table["effect"]).all()
    assert (table["effect"] <= table["high"]).all()
    assert table["expected"].str.len().gt(10).all()


def test_datasets_of_unknown_redundancy_are_left_out():
    assert claims.check(**tables(4, BENDING, fact="n_train")).empty


def test_claims_are_judged_at_the_last_epoch_and_beside_it_by_a_tuned_baseline():
    """A baseline that stops earlier is as good as the best strength: no gain is left."""
    table = claims.check(**tables(8, RISING, tuned=0.1)).set_index(["claim", "modality"])
    rises = table.loc["redundant information: accuracy rises", "a"]
    assert rises["holds"]
    assert rises["effect"] == pytest.approx(0.08, abs=0.003)
    assert not rises["holds_tuned"]
    assert rises["tuned_effect"] < 0.001
    assert table.loc["alignment grows with strength", "holds_tuned"].isna().all()
