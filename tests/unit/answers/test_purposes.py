"""What to align by for each use, in words."""

import numpy as np
import pandas as pd
import pytest
from made_up import INFORMATION, facts

from alignsweep.answers import page, recommendation
from alignsweep.selection import optimum, uses

STRENGTHS = ("0", "0.2", "1")
ALONE = {
    ("infonce", "a"): (0.50, 0.51, 0.46),
    ("infonce", "b"): (0.50, 0.50, 0.50),
    ("part", "a"): (0.50, 0.50, 0.50),
    ("part", "b"): (0.50, 0.50, 0.50),
}
RECALL = {"infonce": (0.0, 0.2, 0.8), "part": (0.0, 0.1, 0.6)}
WIDTH = {"infonce": 8, "part": 2}


def answer(alone=ALONE, recall=RECALL, fused=None):
    rng = np.random.default_rng(0)
    levels = {("unimodal", a, m): curve for (a, m), curve in alone.items()}
    levels |= {("retrieval", a, m): c for a, c in recall.items() for m in ("a>b", "b>a")}
    levels |= {("fused", a, "a+b"): c for a, c in (fused or {}).items()}
    rows = [
        {"dataset": "toy-a-b", "alignment": a, "strength": s, "seed": k, "modality": m,
         "split": split, "metric": "recall_at_1" if use == "retrieval" else "accuracy",
         "value": v + (np.random.default_rng(k) if s == "0" else rng).normal(0, 0.001),
         "n": 1000, "use": use, "width": 8, "shared_width": WIDTH[a], "task_loss_ratio": 0.5,
         "epoch": 40, "diverged_at": np.nan}
        for (use, a, m), curve in levels.items() for s, v in zip(STRENGTHS, curve, strict=True)
        for k in range(6) for split in ("validation", "test")
    ]  # fmt: skip
    scores = pd.DataFrame(rows)
    scores["fixed_epochs"] = scores["value"]
    return recommendation.advise(
        scores, optimum.gains(scores), optimum.recommend(scores), uses.uses(scores), facts(),
        INFORMATION,
    )  # fmt: skip


def test_where_uses_disagree_it_says_what_one_costs_and_what_can_be_had_for_nothing():
    (said,) = answer()["uses"]["sentences"]
    assert said.startswith("Finding pairs: infonce at strength 1, +80.0 points [")
    assert "; it costs a 4." in said
    assert " and b " not in said.partition("keeps")[0]  # b loses nothing
    assert "part at strength 1 (2 of 8 dimensions) keeps 75 % of that gain" in said
    assert said.endswith("at no cost that can be told.")


def test_where_nothing_is_lost_it_says_so():
    free = dict.fromkeys(ALONE, (0.5, 0.5, 0.5))
    (said,) = answer(free)["uses"]["sentences"]
    assert said.endswith("; it costs neither encoder alone anything that can be told.")


def test_where_every_choice_costs_it_says_so():
    dear = dict.fromkeys(ALONE, (0.5, 0.45, 0.4))
    (said,) = answer(dear)["uses"]["sentences"]
    assert " and b " in said
    assert said.endswith("; nothing of it can be had without such a cost.")


def test_a_use_that_gains_nothing_is_named():
    same = dict.fromkeys(("infonce", "part"), (0.7, 0.7, 0.7))
    fused, _ = sorted(answer(fused=same)["uses"]["sentences"])
    assert fused.startswith("Both together: no way to align gains beyond doubt (accuracy 70.0 %")


def test_the_page_has_a_table_of_uses():
    found = answer()
    text = page.markdown(found, "x.svg")
    assert "## What is it for?" in text
    assert (
        "| for | score at 0 | best alignment | gain over 0 | infonce at 1 loses against it |"
        in text
    )
    assert "| finding pairs | 0.0 % (recall at 1) | infonce at strength 1 | +80.0 points" in text
    assert found["uses"]["rows"][0]["use"] == "unimodal"
    assert "| infonce, a |" in text


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (
            (0.50, 0.54, 0.52),
            "Align by part (2 of 8 dimensions), at strength 0.2: +4.0 points of accuracy",
        ),
        ((0.50, 0.50, 0.50), "; no way tried is better than strength 0 on validation."),
    ],
)
def test_the_headline_names_the_best_way_to_align(part, said):
    levels = {(a, m): part if a == "part" else (0.5, 0.45, 0.4) for a, m in ALONE}
    if part[1] == 0.5:
        levels = dict.fromkeys(ALONE, (0.5, 0.45, 0.4))
    assert said in answer(levels)["headline"]
