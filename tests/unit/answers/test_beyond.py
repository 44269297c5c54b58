"""Claims beyond the paper, held against made-up tables."""

import numpy as np
import pandas as pd
import pytest

from alignsweep.answers import claims

STRENGTHS = ("0", "0.4", "1", "2")
FLAT, FALLS = (0.5, 0.5, 0.5, 0.5), (0.5, 0.49, 0.46, 0.40)
RISES, SINKS = (0.5, 0.52, 0.51, 0.49), (0.5, 0.5, 0.49, 0.48)
HARM = "shared nuisance harms: the loss at strength 1 grows with it"
NONE = "without shared nuisance: strength 1 does no harm"
PART = "aligning a part: no strength does harm"
AS_MUCH = "aligning a part: it gains as much as aligning all, where that gains"
CONTRASTIVE = "the harm is contrastive: another loss loses less at strength 1"
OBJECTIVES = {"full": "infonce", "part": "infonce", "half": "infonce", "cosine": "cosine"}
WIDTHS = {"full": 6, "part": 2, "half": 3, "cosine": 6}


def check(curves, nuisance, redundancy=2):
    """Return the claims of (dataset, alignment) -> scores, given dataset -> nuisance."""
    rng = np.random.default_rng(0)
    rows = [
        {"dataset": d, "alignment": a, "strength": s, "seed": k, "modality": m, "split": split,
         "metric": "accuracy", "value": value + rng.normal(0, 0.001), "n": 16384, "width": 6,
         "shared_width": WIDTHS[a]}
        for (d, a), curve in curves.items() for m in "ab"
        for s, value in zip(STRENGTHS, curve, strict=True) for k in range(5)
        for split in ("validation", "test")
    ]  # fmt: skip
    probe = pd.DataFrame(rows)
    probe["fixed_epochs"] = probe["value"]
    facts = [
        {"dataset": d, "fact": fact, "value": value}
        for d, bits in nuisance.items()
        for fact, value in (("redundancy", redundancy), ("nuisance", bits))
    ]
    alignment = pd.DataFrame(columns=["dataset", "alignment", "strength", "seed", "metric"])
    found = claims.check(pd.DataFrame(facts), alignment, probe, OBJECTIVES)
    return found[found["source"] == "here"].set_index(["claim", "dataset", "modality"])


@pytest.mark.parametrize(("more", "holds"), [(FALLS, True), (FLAT, False), (RISES, False)])
def test_harm_grows_with_nuisance(more, holds):
    found = check({("n0", "full"): FLAT, ("n4", "full"): more}, {"n0": 0, "n4": 4})
    row = found.loc[HARM, "n4", "a"]
    assert row["holds"] == row["holds_tuned"] == holds
    assert row["effect"] == pytest.approx(more[2] - FLAT[2], abs=0.003)
    assert row["low"] < row["effect"] < row["high"]
    assert "0: +0.000" in row["observed"].replace("-0.000", "+0.000").replace("0.001", "0.000")


def test_one_amount_of_nuisance_tells_nothing_about_more():
    found = check({("n4", "full"): FALLS}, {"n4": 4})
    assert HARM not in found.index.get_level_values("claim")


@pytest.mark.parametrize(("curve", "holds"), [(FLAT, True), (RISES, True), (FALLS, False)])
def test_without_nuisance_there_is_no_harm(curve, holds):
    found = check({("n0", "full"): curve, ("n4", "full"): FALLS}, {"n0": 0, "n4": 4})
    assert found.loc[NONE, "n0", "b"]["holds"] == holds
    assert (NONE, "n4", "b") not in found.index


@pytest.mark.parametrize(("curve", "holds"), [(FLAT, True), (SINKS, False), (FALLS, False)])
def test_a_part_does_no_harm_at_its_worst_strength(curve, holds):
    found = check({("n4", "full"): FALLS, ("n4", "part"): curve}, {"n4": 4})
    row = found.loc[PART, "n4", "a"]
    assert row["holds"] == holds
    if curve is SINKS:
        assert row["observed"].endswith("at strength 2")


@pytest.mark.parametrize(("curve", "holds"), [(RISES, True), (FLAT, False)])
def test_a_part_gains_as_much_where_all_gains(curve, holds):
    found = check({("n4", "full"): RISES, ("n4", "part"): curve}, {"n4": 4})
    assert found.loc[AS_MUCH, "n4", "a"]["holds"] == holds
    nothing = check({("n4", "full"): FALLS, ("n4", "part"): curve}, {"n4": 4})
    assert AS_MUCH not in nothing.index.get_level_values("claim")


def test_a_half_is_no_part():
    found = check({("n4", "full"): RISES, ("n4", "half"): FALLS}, {"n4": 4})
    assert found.empty


@pytest.mark.parametrize(("curve", "holds"), [(FLAT, True), (FALLS, False)])
def test_another_loss_loses_less_where_infonce_loses(curve, holds):
    found = check({("n4", "full"): FALLS, ("n4", "cosine"): curve}, {"n4": 4})
    assert found.loc[CONTRASTIVE, "n4", "b"]["holds"] == holds
    nothing = check({("n4", "full"): FLAT, ("n4", "cosine"): curve}, {"n4": 4})
    assert CONTRASTIVE not in nothing.index.get_level_values("claim")


def test_the_paper_claims_nothing_of_other_nuisance_or_other_alignments():
    curves = {("n4", "full"): FALLS, ("n4", "cosine"): FALLS, ("n6", "full"): FALLS}
    rows = [
        {"dataset": d, "alignment": a, "strength": s, "seed": k, "modality": "a", "split": split,
         "metric": "accuracy", "value": value, "fixed_epochs": value + 0.001 * k, "n": 16384,
         "width": 6, "shared_width": 6}
        for (d, a), curve in curves.items()
        for s, value in zip(STRENGTHS, curve, strict=True) for k in range(5)
        for split in ("validation", "test")
    ]  # fmt: skip
    facts = pd.DataFrame(
        [
            {"dataset": d, "fact": fact, "value": value}
            for d, bits in (("n4", 4), ("n6", 6))
            for fact, value in (("redundancy", 2), ("nuisance", bits))
        ]
    )
    alignment = pd.DataFrame(columns=["dataset", "alignment", "strength", "seed", "metric"])
    found = claims.check(facts, alignment, pd.DataFrame(rows), OBJECTIVES)
    theirs = found[found["source"] == "paper"]
    assert set(zip(theirs["dataset"], theirs["alignment"], strict=True)) == {("n6", "full")}
