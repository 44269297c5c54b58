"""What is said of one dataset, and when."""

import json
import re

import numpy as np
import pandas as pd
import pytest
from made_up import CURVES, INFORMATION, controls, facts, table

from alignsweep.answers import page, prediction, recommendation
from alignsweep.selection import optimum, uses


def test_it_answers_for_each_modality_and_for_both(answer):
    found = answer()
    assert [(r["modality"], r["verdict"]) for r in found["answers"]] == [
        ("a", "align"), ("b", "do not align"), ("both", "align"),
    ]  # fmt: skip
    first, second, both = found["sentences"]
    assert first.startswith("a: align, at strength 0.2: +6.")
    assert "(50.0 % at strength 0)" in first
    assert second.startswith(
        "b: do not align (50.0 % at strength 0): the best strength above 0, 0.2"
    )
    assert both.startswith("one strength for both: align, at strength 0.2: +2.0 points")
    assert found["information"]["bits"]["known only from both together"] == -0.1
    assert found["warnings"] == []


def test_the_headline_says_what_to_do_and_whom_it_costs(answer):
    said = answer()["headline"]
    assert said.startswith("Align, at strength 0.2: +2.0 points")
    assert "though b loses (-2.1 points" in said


def falling(by):
    return {"0": 0.5, "0.2": 0.5 - by, "1": 0.5 - 2 * by, "2": 0.5 - 4 * by}


FLAT = dict.fromkeys(falling(0), 0.5)


@pytest.mark.parametrize(
    ("curves", "noise", "start"),
    [
        (
            {"a": falling(0.05), "b": falling(0.03)},
            0.001,
            "Do not align: the best strength above 0",
        ),
        ({"a": FLAT, "b": FLAT}, 0.001, "Choose freely: alignment makes no difference; the best"),
        (
            {"a": FLAT, "b": FLAT},
            0.05,
            "Leave alignment out for now: it cannot be told with 1000 test samples and 6 seeds ",
        ),
        ({"a": CURVES["a"], "b": falling(0.1)}, 0.001, "Align at strength 0.2 for a: +6.0 points"),
        (
            {"a": falling(0), "b": {"0": 0.5, "0.2": 0.504, "1": 0.3, "2": 0.3}},
            0.008,
            "Do not align at strength 1, which loses (one strength for both: ",
        ),
    ],
)
def test_the_headline_follows_from_the_verdicts(answer, curves, noise, start):
    assert answer(curves=curves, noise=noise)["headline"].startswith(start)


def test_the_page_has_the_sentences_the_numbers_and_what_was_assumed(answer):
    found = answer()
    text = page.markdown(found, "recommendation.svg")
    assert text.startswith(f"# toy-a-b: how strongly to align?\n\n**{found['headline']}**\n")
    for part in (
        *found["sentences"], "![Score against strength](recommendation.svg)",
        "| a | align | 50.0 %", "0.60 known to both, 0.10 known only to a",
        "0.50 known only to b, none known only from both together", "## What was assumed",
        "## Before training",
        "Seeds by strength: 6 at 0, 0.2, 1, 2",
    ):  # fmt: skip
        assert part in text
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} == {10}


def test_the_page_as_html_stands_alone(answer):
    text = page.html(
        page.markdown(answer(), "recommendation.svg"),
        '<?xml version="1.0"?>\n<svg id="d"><metadata>{"seeds": [5]}</metadata></svg>',
    )
    assert "<title>toy-a-b: how strongly to align?</title>" in text
    assert '<svg id="d"><metadata>{"seeds": [5]}</metadata></svg>' in text  # untouched
    assert "<img" not in text
    assert "<?xml" not in text
    assert "<td>do not align</td>" in text


def test_the_usual_strength_may_be_the_best(answer):
    found = answer(curves={m: {"0": 0.5, "1": 0.6, "2": 0.4} for m in "ab"})
    assert "usual" not in found["sentences"][0]
    assert found["sentences"][0].startswith("a: align, at strength 1: +10.0 points")


def test_correlations_are_not_written_as_points(answer):
    found = answer(metric="correlation")
    assert "points" not in " ".join([found["headline"], *found["sentences"]])
    assert "(0.500 at strength 0)" in found["sentences"][0]


@pytest.mark.parametrize(
    ("options", "warning"),
    [
        ({"sizes": {"test": 30}}, "only 30 samples: the intervals include what another draw"),
        ({"sizes": {"train": 30}}, "Only 30 training pairs"),
        ({"seeds": 3}, "3 seeds are few"),
        ({"curves": {"a": {"0": 0.5, "1": 0.6}, "b": {"0": 0.5, "1": 0.6}}}, "the largest tried"),
    ],
)
def test_what_makes_it_less_sure_is_said(answer, options, warning):
    assert any(warning in w for w in answer(**options)["warnings"])


def test_metrics_that_disagree_are_named(answer):
    scores = table()
    turned = scores.assign(metric="macro_f1", value=1 - scores["value"])
    found = answer(pd.concat([scores, turned], ignore_index=True))
    assert any("the metrics disagree (accuracy: do not" in w for w in found["warnings"])
    assert {r["metric"] for r in found["other_metrics"]} == {"macro_f1"}


def test_diverged_models_are_counted(answer):
    scores = table()
    scores.loc[(scores["strength"] == "2") & (scores["seed"] == 0), "value"] = np.nan
    assert "1 of 24 models diverged and are left out." in answer(scores)["warnings"]


def test_a_seed_that_diverged_at_strength_0_is_left_out_and_said(answer):
    scores = table()
    scores.loc[(scores["strength"] == "0") & (scores["seed"] == 1), "value"] = np.nan
    found = answer(scores)
    assert found["answers"][0]["verdict"] == "align"
    assert any("1 of them at strength 0: their seeds are left out" in w for w in found["warnings"])
    assert "Seeds by strength: 5 at 0, 0.2, 1, 2" in found["assumed"][0]


@pytest.mark.parametrize("strengths", [["0"], ["0", "0.2", "1", "2"], ["0.2", "1", "2"]])
def test_training_that_diverged_everywhere_still_gives_a_page(answer, strengths):
    scores = table()
    scores.loc[scores["strength"].isin(strengths), "value"] = np.nan
    found = answer(scores)
    text = page.markdown(found, "x.svg")
    json.dumps(found, allow_nan=False)
    if "0" in strengths:
        assert found["headline"] == "No answer: training diverged at strength 0."
        assert "no answer, since training diverged at strength 0" in text
    else:
        assert "training diverged at every strength above 0" in found["headline"]


@pytest.mark.parametrize(
    ("information", "said"),
    [
        (None, "Information about the label: off."),
        (
            INFORMATION | {"status": "skipped: 28 test samples, 30 clusters", "table": []},
            "Information about the label: skipped: 28 test samples, 30 clusters.",
        ),
    ],
)
def test_information_is_not_needed(answer, information, said):
    found = answer(information=information)
    assert said in page.markdown(found, "x.svg")


def test_what_could_be_said_before_training_is_on_the_page(answer):
    names = ["dataset", "alignment", "modality", "strength", "gain", "low", "high", "loses",
             "because", "outside"]  # fmt: skip
    rows = [
        ("toy-a-b", "infonce", "a", "0.2", 0.01, -0.02, 0.03, 0.3, "this and that", np.nan),
        ("toy-a-b", "infonce", "a", "1", -0.012, -0.04, 0.001, 0.82, "this and that", np.nan),
        ("toy-a-b", "infonce", "b", "1", np.nan, np.nan, np.nan, np.nan, np.nan, "its size"),
    ]
    found = answer(predicted=pd.DataFrame(rows, columns=names))
    assert found["before"] == [
        "a at strength 1: -1.2 points [-4.0, +0.1] expected (80 % interval); of ten simulated "
        "datasets that looked alike, 8 lost. What moved it most: this and that.",
        "b at strength 1: no prediction, since nothing was learnt of data like these (its size).",
        prediction.HELD,
    ]
    said = page.markdown(found, "x.svg")
    assert all(sentence in said for sentence in found["before"])
    assert prediction.HELD not in page.markdown(answer(), "x.svg")


def test_several_alignments_are_told_apart(answer):
    scores = table()
    other = scores.assign(alignment="part", value=0.5)
    found = answer(pd.concat([scores, other], ignore_index=True))
    assert found["headline"].startswith(
        "Align by infonce, at strength 0.2: +2.0 points of accuracy"
    )
    assert "though b loses (-2.1 points of accuracy [" in found["headline"]
    assert [s[:9] for s in found["sentences"]] == ["infonce, "] * 3
    better = scores.assign(alignment="part", shared_width=2)
    better.loc[better["strength"] == "1", "value"] += 0.2
    found = answer(pd.concat([scores, better], ignore_index=True))
    assert found["headline"].startswith("Align by part (2 of 8 dimensions), at strength 1: +1")
    assert "; over the usual infonce at strength 1, that is +20.0 points" in found["headline"]
    assert found["sentences"][3].startswith("part, a: align, at strength 1")


def test_a_gain_that_controls_have_too_is_said_to_be_no_alignment(answer):
    scores = table()
    found = answer(scores, controls=controls(scores, 0.0))
    a, _, both = found["answers"]
    assert (a["verdict"], both["verdict"], a["control"]) == ("regularises",) * 2 + ("self",)
    assert found["headline"].startswith("Align, at strength 0.2: +2.0 points")
    assert (
        "; but aligning each side with a noisy copy of itself may do as well (pairs gain"
        in found["headline"]
    )
    assert "a: regularises, at strength 0.2: +6.0 points" in found["sentences"][0]
    assert "| a | regularises | 50.0 % |" in page.markdown(found, "x.svg")


def test_a_gain_over_the_controls_is_alignment(answer):
    scores = table()
    found = answer(scores, controls=controls(scores, 0.02))
    assert found["answers"][0]["verdict"] == "align"
    assert found["answers"][0]["control"] == "self"
    assert found["answers"][0]["pairing_gain"] == pytest.approx(0.02, abs=0.002)


@pytest.mark.parametrize(
    ("interval", "wanted"),
    [("seeds", r"\d+ seeds"), ("mixed", r"\d+ independent samples instead of 90")],
)
def test_what_it_would_take_to_tell_is_said(interval, wanted):
    flat = table({"a": FLAT, "b": FLAT}, noise=0.02)
    best = optimum.recommend(flat).assign(interval=interval, n_groups=90)
    found = recommendation.advise(flat, optimum.gains(flat), best, uses.uses(flat), facts())
    told = r"infonce, a: a gain of \d\.\d points could have been told from 0; to tell 0\.5 points "
    assert re.match(told + "would take about " + wanted, found["to_know_more"][0])
    assert "## What it would take to know more\n\n- infonce, a: a gain" in page.markdown(found, "x")


def test_what_a_verdict_lacks_in_seeds_is_said(answer):
    assert "infonce, a: a verdict needs 3 seeds; there are 2." in answer(seeds=2)["to_know_more"]


def test_a_starved_task_and_a_narrow_embedding_are_warned_of(answer):
    scores = table()
    scores.loc[scores["strength"] == "2", "task_loss_ratio"] = 0.99
    scores.loc[scores["modality"] == "b", "width"] = 4
    starved, narrow = answer(scores)["warnings"][:2], answer(scores)["warnings"][2:]
    assert [w.partition(" (")[0] for w in starved] == ["a", "b"]
    assert all("starved at strength 2: " in w for w in starved)
    assert len(narrow) == 1
    assert narrow[0].startswith("b: the embedding is narrower (4) than the 8 principal components")


def test_what_intervals_hold_for_is_said(answer):
    assert "all of which share the samples" in answer()["assumed"][0]
    assert "where all train to the end, a: +5.9" not in answer()["assumed"][1]
    assert "where all train to the end, a: +6.0 points" in answer()["assumed"][1]


def test_the_figure_has_a_caption_that_names_the_first_of_several_alignments(answer):
    said = page.markdown(answer(), "x.svg")
    assert (
        "![Score against strength](x.svg)\n\nAbove, the test score of each encoder's probe; "
        in said
    )
    scores = table()
    both = pd.concat([scores, scores.assign(alignment="part")], ignore_index=True)
    assert "probe, aligned by infonce; below" in page.markdown(answer(both), "x.svg")


def test_why_a_strength_has_two_gains_is_said(answer):
    said = page.markdown(answer(), "x.svg")
    assert (
        said.index("its gain over 0") < said.index(page.CHOSEN) < said.index("## Before training")
    )
