"""The choice among alignments and strengths, use by use."""

import numpy as np
import pandas as pd
import pytest

from alignsweep.selection import optimum, uses
from alignsweep.selection.winners import Choice

STRENGTHS = ("0", "0.4", "1")


def scores(levels, seeds=6, noise=0.002, diverged=()):
    """A probe table of (alignment, use, modality) -> scores at the strengths."""
    rng = np.random.default_rng(0)
    rows = []
    for (alignment, use, modality), curve in levels.items():
        metric = "recall_at_1" if use == "retrieval" else "accuracy"
        for strength, value in zip(STRENGTHS, curve, strict=True):
            for seed in range(seeds):
                # strength 0 is the same model whatever the alignment
                drawn = np.random.default_rng(seed) if strength == "0" else rng
                for split in ("validation", "test"):
                    noisy = value + drawn.normal(0, noise)
                    gone = (alignment, strength, seed) in diverged
                    rows.append(
                        ("toy", alignment, strength, seed, use, modality, split, metric,
                         np.nan if gone else noisy, 1000)
                    )  # fmt: skip
    columns = ["dataset", "alignment", "strength", "seed", "use", "modality", "split", "metric"]
    return pd.DataFrame(rows, columns=[*columns, "value", "n"])


LEVELS = {
    ("full", "unimodal", "a"): (0.50, 0.52, 0.40),
    ("full", "unimodal", "b"): (0.50, 0.49, 0.45),
    ("full", "retrieval", "a>b"): (0.00, 0.50, 0.80),
    ("full", "retrieval", "b>a"): (0.00, 0.50, 0.80),
    ("part", "unimodal", "a"): (0.50, 0.51, 0.53),
    ("part", "unimodal", "b"): (0.50, 0.51, 0.53),
    ("part", "retrieval", "a>b"): (0.00, 0.20, 0.30),
    ("part", "retrieval", "b>a"): (0.00, 0.20, 0.30),
}


def by_name(table):
    return table.set_index(["use", "modality"])


def test_the_best_of_all_alignments_is_named_for_every_use():
    found = by_name(uses.uses(scores(LEVELS)))
    assert list(found.index) == [
        *(("unimodal", m) for m in ("a", "b", "both")),
        *(("retrieval", m) for m in ("a>b", "b>a", "a<>b")),
    ]
    best = found[["alignment", "strength"]].apply(tuple, axis=1)
    assert best["unimodal", "both"] == ("part", "1")
    assert best["retrieval", "a<>b"] == ("full", "1")
    assert found.loc[("unimodal", "both"), "gain"] == pytest.approx(0.03, abs=0.003)
    assert found.loc[("retrieval", "a<>b"), "gain"] == pytest.approx(0.8, abs=0.003)


def test_the_cost_is_what_the_first_alignment_at_1_loses_against_it():
    row = by_name(uses.uses(scores(LEVELS))).loc["unimodal", "both"]
    assert (row["usual_alignment"], row["usual"]) == ("full", "1")
    assert row["cost"] == pytest.approx(0.53 - 0.425, abs=0.004)
    assert row["cost_low"] < row["cost"] < row["cost_high"]


def test_harmless_is_the_best_of_what_costs_no_encoder_alone():
    row = by_name(uses.uses(scores(LEVELS))).loc["retrieval", "a<>b"]
    # full at 0.4 finds more, and serves a, but costs b a point
    assert (row["harmless_alignment"], row["harmless_strength"]) == ("part", "1")
    assert row["harmless_gain"] == pytest.approx(0.3, abs=0.003)
    lax = by_name(uses.uses(scores(LEVELS), margin=0.02)).loc["retrieval", "a<>b"]
    assert (lax["harmless_alignment"], lax["harmless_strength"]) == ("full", "0.4")


def test_of_one_alignment_it_says_what_the_optimum_says():
    table = scores({k: v for k, v in LEVELS.items() if k[0] == "full"})
    mine = by_name(uses.uses(table))
    theirs = by_name(optimum.recommend(table))
    assert list(mine.index) == list(theirs.index)
    assert list(mine["strength"]) == list(theirs["optimum"])
    for column in ("gain", "gain_low", "gain_high", "cost", "cost_low", "cost_high", "score"):
        np.testing.assert_allclose(mine[column], theirs[column], err_msg=column)


def test_seeds_judge_what_the_others_chose():
    """With noise alone nothing is gained, though the best of four looks better than 0."""
    flat = dict.fromkeys(LEVELS, (0.5, 0.5, 0.5))
    found = uses.uses(scores(flat, seeds=40, noise=0.05))
    assert (found["gain_low"] < 0).all()
    assert (found["gain"] < 0.02).all()


def test_a_cell_in_which_a_seed_diverged_is_not_chosen():
    table = scores(LEVELS, diverged=[("part", "1", 2)])
    row = by_name(uses.uses(table)).loc["unimodal", "both"]
    assert (row["alignment"], row["strength"]) == ("part", "0.4")


def test_nothing_is_chosen_where_strength_0_diverged():
    gone = [(a, "0", k) for a in ("full", "part") for k in range(6)]
    found = uses.uses(scores(LEVELS, diverged=gone))
    assert found["alignment"].isna().all()
    assert found["gain"].isna().all()


def test_after_a_search_it_is_judged_by_the_seeds_that_did_not_choose():
    table = scores(LEVELS)
    late = (table["seed"] >= 3) & (table["alignment"] == "part") & (table["strength"] == "1")
    table.loc[late, "value"] -= 0.02
    chosen = {
        "full": Choice("0.4", "0.4", "0.4", "1", (3, 4, 5)),
        "part": Choice("1", "1", "0.4", "1", (3, 4, 5)),
    }
    choices = {
        alignment: {
            "unimodal": dict.fromkeys(("a", "b", "both"), choice),
            "retrieval": dict.fromkeys(("a>b", "b>a", "a<>b"), choice),
        }
        for alignment, choice in chosen.items()
    }
    row = by_name(uses.uses(table, choices)).loc["unimodal", "both"]
    assert (row["alignment"], row["strength"], row["seeds"]) == ("part", "1", 3)
    assert row["gain"] == pytest.approx(0.01, abs=0.005)
    assert row["harmless_alignment"] is None


def test_of_choices_as_good_for_another_use_the_best_for_the_encoders_is_taken():
    levels = LEVELS | {("full", "retrieval", m): (0.0, 0.798, 0.8) for m in ("a>b", "b>a")}
    row = by_name(uses.uses(scores(levels))).loc["retrieval", "a<>b"]
    assert (row["alignment"], row["strength"]) == ("full", "0.4")
    strict = by_name(uses.uses(scores(levels), margin=0.0005)).loc["retrieval", "a<>b"]
    assert (strict["alignment"], strict["strength"]) == ("full", "1")
