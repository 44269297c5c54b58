import numpy as np
import pandas as pd
import pytest

from alignsweep import advice

BITS = {"redundancy": 0.6, "unique_a": 0.1, "unique_b": 0.5, "synergy": -0.1}
INFORMATION = pd.DataFrame(
    [
        {"dataset": "toy-a-b", "modality_a": "a", "modality_b": "b", "method": "discrete",
         "atom": atom, "corrected_bits": bits}
        for atom, bits in BITS.items()
    ]
)  # fmt: skip
PREDICTIONS = pd.DataFrame(
    [
        {"dataset": "toy-a-b", "modality": m, "predicted": 0.43, "predicted_low": 0.1,
         "predicted_high": 1.2, "usual_gain": 0.01, "helps": 0.7}
        for m in "ab"
    ]
)  # fmt: skip


def table(curves, metric="accuracy", seeds=6, noise=0.001):
    rng = np.random.default_rng(0)
    rows = [
        ("toy-a-b", s, k, m, split, metric, value + rng.normal(0, noise))
        for m, curve in curves.items()
        for s, value in curve.items()
        for k in range(seeds)
        for split in ("validation", "test")
    ]
    columns = ["dataset", "strength", "seed", "modality", "split", "metric", "value"]
    return pd.DataFrame(rows, columns=columns)


def facts(test=1000, train=500):
    sizes = {"n_train": train, "n_validation": 500, "n_test": test}
    return pd.DataFrame(
        [{"dataset": "toy-a-b", "modality": "a+b", "fact": k, "value": v} for k, v in sizes.items()]
    )


CURVES = {
    "a": {"0": 0.5, "0.4": 0.56, "1": 0.55, "2": 0.45},
    "b": {"0": 0.5, "0.4": 0.48, "1": 0.40, "2": 0.35},
}


def advise(curves=CURVES, sizes=None, **options):
    return advice.advise(
        "toy-a-b", table(curves, **options), facts(**sizes or {}), INFORMATION, PREDICTIONS
    )


def test_it_answers_for_each_modality_and_for_both():
    found = advise()
    assert [(r["modality"], r["verdict"]) for r in found["answers"]] == [
        ("a", "align"), ("b", "do not align"), ("a+b", "align"),
    ]  # fmt: skip
    assert found["sentence"].startswith("a: align, at strength 0.4 (+6.")
    assert "b: do not align (strength 0 is the best; the usual" in found["sentence"]
    assert "one strength for both: align" in found["sentence"]
    assert found["information"]["bits"]["to neither alone"] == -0.1
    assert found["predictions"][1]["helps"] == 0.7
    assert found["warnings"] == []


def test_the_page_has_the_sentences_the_numbers_and_what_was_assumed():
    page = advice.markdown(advise(), "recommendation.svg")
    assert page.startswith("\n# toy-a-b" if page[0] == "\n" else "# toy-a-b")
    for part in ("- a: align", "![Score against strength](recommendation.svg)", "| a | align |",
                 "known to both 0.60, only to a 0.10", "a: strength 0.4 (0.1 to 1.2)",
                 "## Assumed", "6 seeds"):  # fmt: skip
        assert part in page
    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} == {7}


def test_the_page_as_html_stands_alone():
    page = advice.markdown(advise(), "recommendation.svg")
    text = advice.html(page, '<?xml version="1.0"?>\n<svg id="drawn"></svg>')
    assert "<title>toy-a-b: how strongly to align?</title>" in text
    assert '<svg id="drawn"></svg>' in text
    assert "<img" not in text
    assert "<?xml" not in text
    assert "<td>do not align</td>" in text


def test_the_usual_strength_may_be_the_best():
    curves = {m: {"0": 0.5, "1": 0.6, "2": 0.4} for m in "ab"}
    found = advise(curves)
    assert "the usual strength 1: it is the best)" in found["sentence"]
    assert "| it is the best |" in advice.markdown(found, "x.svg")


def test_correlations_are_not_written_as_points():
    assert "of correlation" in advise(metric="correlation")["sentence"]


@pytest.mark.parametrize(
    ("options", "warning"),
    [
        ({"sizes": {"test": 30}}, "only 30 samples, so that another draw of them would move"),
        ({"sizes": {"train": 30}}, "Only 30 training pairs"),
        ({"seeds": 3}, "3 seeds are few"),
        ({"curves": {"a": {"0": 0.5, "1": 0.6}, "b": {"0": 0.5, "1": 0.6}}}, "the largest tried"),
    ],
)
def test_what_makes_it_less_sure_is_said(options, warning):
    assert any(warning in w for w in advise(**options)["warnings"])


def test_metrics_that_disagree_are_named():
    scores = table(CURVES)
    turned = scores.assign(metric="macro_f1", value=1 - scores["value"])
    both = pd.concat([scores, turned], ignore_index=True)
    found = advice.advise("toy-a-b", both, facts(), INFORMATION, PREDICTIONS)
    assert any("b: the metrics disagree (accuracy: do not" in w for w in found["warnings"])
    assert {r["metric"] for r in found["other_metrics"]} == {"macro_f1"}


def test_diverged_models_are_counted():
    scores = table(CURVES)
    scores.loc[(scores["strength"] == "2") & (scores["seed"] == 0), "value"] = np.nan
    found = advice.advise("toy-a-b", scores, facts(), INFORMATION, PREDICTIONS)
    assert "1 of 24 models diverged and are left out." in found["warnings"]
