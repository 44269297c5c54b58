"""What the explorer shows."""

import json

import numpy as np
import pytest
import study_folder
from study_folder import DATASET, STRENGTHS

from alignsweep.answers import explorer


@pytest.fixture(scope="module")
def shown():
    gains = study_folder.known()["gains"]
    return explorer.contents(gains, study_folder.alignment(), [study_folder.laid_out()])


def test_it_has_every_strength_use_and_metric(shown):
    assert shown["strengths"] == list(STRENGTHS)
    assert shown["uses"] == {"unimodal": "each encoder alone"}
    assert shown["metrics"] == {"cka_debiased": "CKA (debiased)", "recall_at_1": "recall at 1"}


def test_scores_are_of_single_modalities_in_points(shown):
    assert {row["modality"] for row in shown["scores"]} == {"a", "b"}
    assert len(shown["scores"]) == 2 * 2 * len(STRENGTHS)
    gains = study_folder.known()["gains"]
    for row in shown["scores"]:
        own = gains[
            (gains["alignment"] == row["alignment"]) & (gains["modality"] == row["modality"])
        ]
        true = own[own["strength"] == row["strength"]].iloc[0]
        assert row["gain"] == pytest.approx(100 * true["gain"], abs=1e-3)
        assert row["low"] == pytest.approx(100 * true["gain_low"], abs=1e-3)
        assert row["score"] == pytest.approx(100 * true["score"], abs=1e-3)
        assert row["unit"] == "points of accuracy"


def test_alignment_is_the_mean_over_seeds_with_its_interval(shown):
    row = next(
        r for r in shown["alignment"] if (r["strength"], r["metric"]) == ("1", "recall_at_1")
    )
    assert row["value"] == pytest.approx((0.1 + 2) / 5 + 0.01)
    assert row["low"] < row["value"] < row["high"]


def test_places_are_those_of_the_pairs(shown):
    own = shown["planes"][DATASET]
    table = study_folder.laid_out()
    first = table[(table["alignment"] == "infonce") & (table["strength"] == "0.2")]
    first = first.sort_values("group", kind="stable")
    places = np.reshape(own["alignments"]["infonce"]["0.2"]["places"], (-1, 4)) / 1000
    np.testing.assert_allclose(places, first[["x_a", "y_a", "x_b", "y_b"]], atol=6e-4)
    assert own["groups"] == ["0"] * 10 + ["1"] * 10 + ["2"] * 10
    assert set(own["alignments"]["part"]) == {"0", "0.2", "1"}  # a model diverged


def test_of_a_large_study_it_shows_fewer_pairs_of_each(monkeypatch):
    monkeypatch.setattr(explorer, "MOST_PAIRS", 7 * 12)
    gains = study_folder.known()["gains"]
    few = explorer.contents(gains, study_folder.alignment(), [study_folder.laid_out()])
    assert len(few["planes"][DATASET]["groups"]) == 12


def test_quarters_stand_in_order():
    table = study_folder.laid_out(8)
    table["group"] = list(explorer.QUARTERS[[3, 0, 2, 1] * 2]) * 7
    assert explorer._plane(table, 8)["groups"] == [q for q in explorer.QUARTERS for _ in range(2)]


def test_charts_are_valid_and_draw_what_is_put_into_them():
    charts = explorer.charts(list(STRENGTHS))
    assert list(charts) == ["curve", "tradeoff", "alignment", "plane"]
    for name, chart in charts.items():
        spec = json.loads(chart.to_json())  # against the schema of Vega-Lite
        assert spec["data"]["name"] == ("pairs" if name == "plane" else "rows")


def test_what_is_written_into_a_script_cannot_end_it():
    text = explorer._inert("x", {"name": "</script><b>"})
    assert text.count("</script>") == 1
    assert json.loads(text.partition(">")[2].rpartition("<")[0]) == {"name": "</script><b>"}
