"""The adaptive search on curves that are known, and on models that are trained."""

import numpy as np
import pandas as pd
import pytest

from alignsweep import search, sweep, trials
from alignsweep.search import Search

STRENGTHS = ["0", "0.1", "0.2", "0.4", "0.6", "0.8", "1", "1.2", "1.4", "1.6", "1.8", "2"]


class Toy:
    """Scores whose means are curves of the strength, with noise that validation and test share."""

    def __init__(self, a, b, noise=0.003):
        self.curves, self.noise, self.models = {"a": a, "b": b}, noise, set()

    def __call__(self, strengths, seeds):
        rows = []
        for seed in seeds:
            for strength in strengths:
                self.models.add((strength, seed))
                for m, curve in self.curves.items():
                    rng = np.random.default_rng([seed, STRENGTHS.index(strength), ord(m)])
                    level = np.random.default_rng([seed, ord(m)]).normal(0.6, 0.02)
                    model = level + curve(float(strength)) + rng.normal(0, self.noise)
                    for split in ("validation", "test"):
                        value = model + rng.normal(0, self.noise / 3)
                        rows.append(("toy", strength, seed, m, split, "accuracy", value))
        columns = ["dataset", "strength", "seed", "modality", "split", "metric", "value"]
        return pd.DataFrame(rows, columns=columns)


def rises(x):
    return 0.02 * (1 - np.exp(-2 * x))


def falls(x):
    return -0.1 * x


def bends(x):
    return 0.06 * x * (1 - x) - 0.02 * x**2


@pytest.mark.parametrize(
    ("a", "b", "verdicts"),
    [
        (rises, rises, ["align", "align"]),
        (falls, falls, ["do not align", "do not align"]),
        (bends, falls, ["align", "do not align"]),
    ],
)
def test_the_optimum_is_found_with_few_models(a, b, verdicts):
    toy = Toy(a, b)
    table, found, rounds = search.search(toy, STRENGTHS, 10)
    rows = found.set_index("modality")
    assert list(rows.index) == ["a", "b", "a+b"]
    for m, curve in (("a", a), ("b", b)):
        best = max(curve(float(s)) for s in STRENGTHS)
        assert curve(float(rows.loc[m, "optimum"])) > best - 0.01
        assert rows.loc[m, "optimum"] in rows.loc[m, "plateau"].split()
        assert rows.loc[m, "gain_low"] <= rows.loc[m, "gain"] <= rows.loc[m, "gain_high"]
    assert list(rows.loc[["a", "b"], "verdict"]) == verdicts
    assert len(toy.models) <= len(STRENGTHS) * 10 / 3
    assert len(table.groupby(["strength", "seed"])) == len(toy.models)
    assert rounds[-1]["models"] < len(toy.models)


def test_the_gain_is_measured_on_seeds_that_did_not_choose():
    toy = Toy(rises, falls)
    _, found, rounds = search.search(toy, STRENGTHS, 10)
    seeds = {seed for _, seed in toy.models}
    used = Search().first_seeds + len(rounds) - 1
    assert seeds == set(range(used + Search().confirming_seeds))
    confirming = {s for s, seed in toy.models if seed >= used}
    assert confirming == {"0", *found["optimum"]}


def test_it_stops_when_the_seeds_are_used_up():
    toy = Toy(lambda x: 0.0, lambda x: 0.0, noise=0.05)
    options = Search(tolerance=1e-5, first_seeds=2, confirming_seeds=2)
    _, found, rounds = search.search(toy, STRENGTHS, 4, options)
    assert len(rounds) == 3
    assert {seed for _, seed in toy.models} == set(range(6))
    assert (found["verdict"] != "align").all()


def test_two_searches_are_the_same():
    first, second = (search.search(Toy(bends, rises), STRENGTHS, 6)[1] for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def test_a_strength_that_diverges_is_not_chosen():
    toy = Toy(rises, rises)

    def evaluate(strengths, seeds):
        table = toy(strengths, seeds)
        table.loc[table["strength"] == "2", "value"] = np.nan
        return table

    _, found, _ = search.search(evaluate, ["0", "0.4", "1", "2"], 6)
    assert found["gain"].notna().all()
    assert not (found["optimum"] == "2").any()


@pytest.fixture
def evaluate(pairs, tmp_path):
    def make(epochs=1):
        return trials.Trials(
            pairs,
            training=sweep.Training(epochs=epochs),
            penalties=[0.01],
            record=tmp_path / "tried.csv",
        )

    return make


def test_trials_are_trained_once_and_remembered(evaluate, monkeypatch):
    first = evaluate()
    table = first(["0", "1"], [0, 1])
    assert set(zip(table["strength"], table["seed"], strict=True)) == {
        ("0", 0), ("1", 0), ("0", 1), ("1", 1),
    }  # fmt: skip
    monkeypatch.setattr(sweep, "train", lambda *a, **k: pytest.fail("trained again"))
    again = evaluate()(["0", "1"], [1])  # another run, which reads the record
    np.testing.assert_allclose(again["value"], table[table["seed"] == 1]["value"], rtol=1e-8)


def test_a_record_of_other_options_is_not_taken(evaluate):
    evaluate()(["0", "1"], [0])
    again = evaluate(epochs=2)
    table = again(["0"], [0])
    assert again.record != evaluate().record
    assert len(table) == len(evaluate()(["0"], [0]))


def test_a_seed_is_trained_at_the_strengths_it_lacks_without_doubles(evaluate):
    tried = evaluate()
    tried(["0", "1"], [0])
    table = tried(["0", "2"], [0])
    assert not table.duplicated(["strength", "seed", "modality", "split", "metric"]).any()
    assert set(table["strength"]) == {"0", "2"}
