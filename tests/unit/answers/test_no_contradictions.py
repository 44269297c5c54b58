"""Pages of made-up tables: every sentence is checked against the numbers.

ALIGNSWEEP_PAGES says how many; `make test` looks at a few hundred.
"""

import os
import re

import numpy as np
import pandas as pd
import pytest
from made_up import INFORMATION, controls, facts, probed

from alignsweep.answers import page, recommendation, sentences
from alignsweep.scores import SCORES
from alignsweep.selection import optimum, uses
from alignsweep.selection.optimum import GAINS
from alignsweep.selection.winners import Choice

PAGES = int(os.environ.get("ALIGNSWEEP_PAGES", "400"))
LISTS = (
    ["0", "2"], ["0", "1"], ["0", "0.4", "2"], ["0", "0.2", "0.4", "1"], ["0", "3", "5"],
    ["0", "0.1", "0.2", "0.4", "0.6", "0.8", "1", "1.5", "2"],
)  # fmt: skip
NUMBER = r"[+-]\d+\.\d+"
CHANGE = re.compile(rf"{NUMBER}(?: points)?(?: (?:of|in) \w+)? \[{NUMBER}, {NUMBER}\]")


def made_up(rng):
    """Scores of a dataset by grid or search: curves, noise, sizes and accidents at random."""
    strengths = LISTS[rng.integers(len(LISTS))]
    x = np.array([float(s) for s in strengths])
    seeds, n = int(rng.integers(2, 9)), int(rng.choice([12, 28, 80, 1000, 16384]))
    metric = "accuracy" if rng.random() < 0.8 else "correlation"
    noise = rng.choice([0.0, 0.0005, 0.002, 0.01, 0.05])
    parts = []
    for m in "ab":
        kinds = (
            0 * x,
            x * rng.normal(0, 0.03),
            x * (1.2 - x) * rng.normal(0, 0.03),
            (1 - np.exp(-3 * x)) * rng.normal(0, 0.02),
            rng.normal(0, 0.004, len(x)),
        )
        curve = kinds[rng.integers(len(kinds))]
        level = rng.normal(0.6, rng.choice([0, 0.03]), (seeds, 1))
        model = level + curve + rng.normal(0, noise, (seeds, len(x)))
        for split in ("validation", "test"):
            value = model + rng.normal(0, noise / 3, model.shape)
            if metric == "accuracy":
                value = np.round(value.clip(0, 1) * n) / n
            parts.append((m, split, value))
    if rng.random() < 0.25:  # models that diverged, with both modalities
        gone = rng.random((seeds, len(x))) < rng.choice([0.05, 0.4, 1.0])
        gone[:, 0] &= rng.random(seeds) < 0.3
        for _, _, value in parts:
            value[gone] = np.nan
    judges = tuple(range(seeds // 2, seeds)) if seeds >= 6 and rng.random() < 0.4 else ()
    rows = [
        (s, k, m, split, metric, value[k, i])
        for m, split, value in parts
        for i, s in enumerate(strengths)
        for k in range(seeds)
    ]
    scores = probed(rows, n)
    if not judges:
        return scores, None, n
    chosen = {}
    for m in ("a", "b", "both"):
        best = str(rng.choice(strengths))
        above = best if best != "0" else str(rng.choice(strengths[1:]))
        chosen[m] = Choice(best, above, best, best, judges)
    kept = {"0", *(c.optimum for c in chosen.values()), *(c.best for c in chosen.values())}
    kept.add(min(strengths[1:], key=lambda s: abs(float(s) - 1)))
    scores = scores[~scores["seed"].isin(judges) | scores["strength"].isin(kept)]
    return scores.reset_index(drop=True), {"infonce": {"unimodal": chosen}}, n


def said_of(score, row, what):
    value = row["gain" if what == "gain" else f"{what}_gain"]
    return changes(score, value, row[f"{what}_low"], row[f"{what}_high"])


def changes(score, *change):
    return {score.change(*change, named=named) for named in (False, True)}


def changes_in(said):
    """Return all changes that a text says, and assert that the pattern misses none."""
    found = [match[0] for match in CHANGE.finditer(said)]
    assert len(found) == len(re.findall(r"\[[+-]", said)), said
    return found


def check(answer, gains, text):
    """Assert that nothing is said that the numbers do not say."""
    rows = {r["modality"]: r for r in answer["answers"]}
    gains = gains.set_index(["modality", "strength"])
    score = SCORES[answer["metric"]]
    margin = optimum.MARGIN
    known = set()
    for r in rows.values():
        for what in ("gain", "best", "usual", "pairing"):
            value = r["gain" if what == "gain" else f"{what}_gain"]
            if value is not None:
                known |= said_of(score, r, what)
    for g in gains.reset_index().to_dict("records"):
        known |= changes(score, g["gain"], g["gain_low"], g["gain_high"])
    for said in [answer["headline"], *answer["sentences"]]:
        for change in changes_in(said):
            assert change in known, said
        assert "best strength, 0" not in said
        assert "strength 0 is the best" not in said
    for m, r in rows.items():
        verdict, own = r["verdict"], gains.loc[m]
        sentence = next(s for s in answer["sentences"] if s.startswith(sentences.who(r)))
        if r["optimum"] is None:
            assert "no answer" in sentence
            continue
        assert r["usual"] != "0"
        plateau = r["plateau"].split()
        assert r["optimum"] in plateau
        assert ("0" in plateau) == (verdict not in GAINS)
        assert f"{score.say(r['baseline'])} at strength 0" in sentence
        if verdict in GAINS:
            assert r["gain_low"] > 0
            assert (verdict == "align") == (r["control"] is None or r["pairing_low"] > 0)
            assert ("may do as well" in sentence) == (verdict == "regularises")
            assert r["seeds"] >= 3
            assert r["optimum"] != "0"
            assert f"{m if m != 'both' else 'one strength for both'}: {verdict}, at" in sentence
            alike = re.search(r"; ([\d., ]+) cannot be told from it", sentence)
            for s in alike[1].split(", ") if alike else []:
                assert float(s) > 0
                assert not own.loc[s, "gain_high"] < 0
            continue
        assert not re.search("(align|regularises), at strength", sentence)
        if verdict == "do not align":
            assert r["usual_high"] < 0
            assert r["best_high"] < margin
            assert r["seeds"] >= 3
        elif verdict == "no difference":
            for s in own.index:
                if 0 < float(s) <= 1 and own.loc[s, "seeds"]:
                    assert -margin < own.loc[s, "gain_low"]
                    assert own.loc[s, "gain_high"] < margin
            assert -margin < r["usual_low"]
            assert r["usual_high"] < margin
            assert -margin < r["gain_low"]
            assert r["gain_high"] < margin
        else:
            assert verdict == "cannot be told"
            wanted = [
                re.search(r"a gain of ([\d.]+)", more) for more in answer["to_know_more"]
                if more.startswith(f"infonce, {sentences.who(r)}: a gain")
            ]  # fmt: skip
            if wanted:
                shown = "usual" if r["best"] == r["usual"] else "best"
                half = (r[f"{shown}_high"] - r[f"{shown}_low"]) / 2
                assert float(wanted[0][1]) == pytest.approx(
                    half * (100 if score.counted else 1), abs=0.06 if score.counted else 0.0006
                )
                assert half > margin
    headline, both = answer["headline"], rows["both"]
    single = [r for m, r in rows.items() if m != "both"]
    verdicts = {m: r["verdict"] for m, r in rows.items()}
    if headline.startswith("Align"):
        if headline.startswith("Align, at strength"):
            assert verdicts["both"] in GAINS
            assert ("may do as well" in headline) == (verdicts["both"] == "regularises")
            assert headline.startswith(f"Align, at strength {both['optimum']}: ")
            lost = [
                r for r in single
                if gains.loc[(r["modality"], both["optimum"]), "gain_high"] < 0
                and gains.loc[(r["modality"], both["optimum"]), "seeds"] >= 3
            ]  # fmt: skip
            for r in lost:
                assert f"{r['modality']} loses" in headline
            if not {*GAINS} & {verdicts["a"], verdicts["b"]} and not lost:
                assert "neither modality's gain can be told from 0" in headline
        else:
            assert headline.startswith("Align at strength")
            assert {*GAINS} & {verdicts["a"], verdicts["b"]}
            assert "One strength for both encoders gains nothing beyond doubt." in headline
            assert verdicts["both"] not in GAINS
        assert answer["advice"] in {*GAINS} & set(verdicts.values())
    elif headline.startswith("Choose freely: alignment makes no difference"):
        assert verdicts["both"] == answer["advice"] == "no difference"
        assert not {*GAINS} & set(verdicts.values())
    elif headline.startswith("Do not align: "):
        assert verdicts["both"] == "do not align" or all(
            r["verdict"] == "do not align" for r in single
        )
        assert answer["advice"] == "do not align"
        assert not {*GAINS} & set(verdicts.values())
    elif headline.startswith("Do not align at strength"):
        assert any(r["usual_high"] is not None and r["usual_high"] < 0 for r in rows.values())
        assert not {*GAINS} & set(verdicts.values())
    elif headline.startswith("Leave alignment out for now: it cannot be told"):
        assert answer["advice"] == "cannot be told"
        assert not {*GAINS} & set(verdicts.values())
        for r in rows.values():
            assert r["usual_high"] is None or r["usual_high"] >= 0 or r["seeds"] < 3
    else:
        assert headline.startswith("No answer")
        assert answer["advice"] == "no answer"
    counts = dict.fromkeys(gains.reset_index()["strength"], 0)
    for part in re.findall(
        r"(\d+) at ([\d., ]+?)(?:;|$)", answer["assumed"][0].split("; intervals")[0]
    ):
        for s in part[1].split(", "):
            counts[s] = int(part[0])
    most = gains.reset_index().groupby("strength")["seeds"].max().to_dict()
    assert counts == most
    assert headline in text


@pytest.mark.parametrize("part", range(4))
def test_a_page_says_nothing_that_its_numbers_do_not_say(part):
    heads = set()
    for trial in range(part, PAGES, 4):
        rng = np.random.default_rng(trial)
        scores, chosen, n = made_up(rng)
        control = controls(scores, rng.choice([-0.01, 0.0, 0.01])) if rng.random() < 0.5 else None
        gains, best = optimum.gains(scores), optimum.recommend(scores, chosen, controls=control)
        best["interval"], best["n_groups"] = rng.choice(list(recommendation.COVERED)), n
        sizes = facts(test=n)
        answer = recommendation.advise(
            scores, gains, best, uses.uses(scores, chosen), sizes, INFORMATION
        )
        text = page.markdown(answer, "x.svg")
        try:
            check(answer, gains, text)
        except AssertionError as error:
            raise AssertionError(f"trial {trial}\n{text}\n{error}") from error
        heads.add(answer["headline"].split(":")[0].split(",")[0][:20])
    assert len(heads) >= 5  # the tables are of many kinds


def two_ways(rng):
    """Scores of two alignments that share their models at strength 0."""
    scores, _, n = made_up(rng)
    own = dict(zip(scores["strength"].unique(), rng.normal(0, 0.02, 9), strict=False))
    other = scores.assign(alignment="part", value=scores["value"] + scores["strength"].map(own))
    other.loc[other["strength"] == "0", "value"] = scores["value"]
    return pd.concat([scores, other], ignore_index=True), n


@pytest.mark.parametrize("part", range(2))
def test_a_headline_about_several_alignments_says_nothing_else_either(part):
    heads = set()
    for trial in range(part, PAGES // 4, 2):
        scores, n = two_ways(np.random.default_rng(trial))
        gains, best = optimum.gains(scores), optimum.recommend(scores)
        chosen = uses.uses(scores)
        answer = recommendation.advise(scores, gains, best, chosen, facts(test=n))
        said, score = answer["headline"], SCORES[answer["metric"]]
        row = answer["uses"]["rows"][0]
        known = changes(score, *(row[c] for c in ("gain", "gain_low", "gain_high")))
        known |= changes(score, *(row[c] for c in ("cost", "cost_low", "cost_high")))
        for r in answer["answers"]:
            known = known.union(*(said_of(score, r, what) for what in ("gain", "best", "usual")))
        for g in gains.to_dict("records"):
            known |= changes(score, g["gain"], g["gain_low"], g["gain_high"])
        assert set(changes_in(said)) <= known, said
        verdicts = {r["verdict"] for r in answer["answers"]}
        if said.startswith("Align by"):
            beyond_doubt = row["gain_low"] is not None and row["gain_low"] > 0
            assert beyond_doubt or {*GAINS} & verdicts
            assert answer["advice"] in GAINS
        else:
            assert not {*GAINS} & verdicts, said
            assert said.startswith(("Leave alignment out", "Do not align by infonce", "No answer"))
        if said.startswith("Do not align by infonce"):
            both = next(r for r in answer["answers"] if r["modality"] == "both")
            assert both["usual_high"] < 0
            assert answer["advice"] == "do not align"
        heads.add(said.split(" ")[0])
    assert len(heads) >= 2
