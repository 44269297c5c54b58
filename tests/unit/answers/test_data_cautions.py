"""What a page says of a dataset's own weaknesses."""

import pandas as pd
from made_up import INFORMATION, facts, table

from alignsweep.answers import data_cautions, recommendation
from alignsweep.selection import optimum, uses


def with_facts(*rows):
    more = [{"dataset": "toy-a-b", "modality": m, "fact": f, "value": v} for m, f, v in rows]
    return pd.concat([facts(), pd.DataFrame(more)], ignore_index=True)


def test_what_was_guessed_and_what_misleads_reaches_the_answer():
    scores = table()
    known = with_facts(
        ("a+b", "classes", 3), ("a+b", "task_guessed", 1), ("a", "duplicates_across_splits", 35)
    )
    found = recommendation.advise(
        scores, optimum.gains(scores), optimum.recommend(scores, None), uses.uses(scores, None),
        known, INFORMATION,
    )  # fmt: skip
    assert any(s.startswith("The labels are taken for 3 classes, by a guess") for s in
               found["assumed"])  # fmt: skip
    assert found["warnings"][0].startswith("a: 35 samples of validation and test have exactly")


def test_numbers_are_named_and_nothing_is_said_without_a_fact():
    known = with_facts(("a+b", "task_guessed", 1))
    assert "taken for numbers (regression)" in data_cautions.assumed(known)[0]
    assert data_cautions.assumed(facts()) == data_cautions.warnings(facts()) == []
