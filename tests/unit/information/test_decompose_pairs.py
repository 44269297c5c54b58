import dataclasses
import json

import numpy as np
import pytest

from alignsweep import log
from alignsweep.data import store, synthetic
from alignsweep.information import broja, decompose_pairs

QUICK = {"permutations": 10, "resamples": 10, "sensitivity_clusters": []}


def related(splits, *, by_class=False, shares=(0.5, 0.3, 0.2), numbers=False):
    """Pairs whose modalities each tell something about the class."""
    rng = np.random.default_rng(sum(splits))
    parts = [rng.choice(len(shares), n, p=shares) for n in splits]
    y = np.concatenate([np.sort(part) if by_class else part for part in parts])
    telling = np.eye(len(shares))[y]
    return store.Pairs(
        name="toy",
        inputs={
            m: (2 * telling + rng.standard_normal(telling.shape)).astype(np.float32) for m in "xy"
        },
        labels=y.astype(float) if numbers else y,
        split=store.split_codes(*splits),
        classes=None if numbers else len(shares),
    )


def once_in_training(pairs, label):
    """Return pairs with a further class: one of the training samples, three of the test samples."""
    labels = pairs.labels.copy()
    labels[[0, -3, -2, -1]] = label
    return dataclasses.replace(pairs, labels=labels)


def corrected(found, method="discrete"):
    return {r["atom"]: r["corrected_bits"] for r in found["table"] if r["method"] == method}


def test_decompose_pairs_makes_rows_that_json_holds(pairs):
    joint = synthetic.exact_joint(redundancy=4)
    few = {"clusters": 4, "permutations": 10, "resamples": 10, "sensitivity_clusters": [3]}
    found = decompose_pairs(pairs, joint, **few)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert [row["method"] for row in found["table"]] == ["exact"] * 5 + ["discrete"] * 5
    exact = {row["atom"]: row for row in found["table"] if row["method"] == "exact"}
    assert exact["redundancy"]["bits"] == pytest.approx(broja(joint).redundancy, abs=2e-3)
    assert exact["redundancy"]["null_bits"] is None
    assert {row["clusters"] for row in found["sensitivity"]} == {3}
    unknown = decompose_pairs(pairs, None, **few)
    assert {row["method"] for row in unknown["table"]} == {"discrete"}


def test_the_order_of_the_rows_decides_nothing():
    splits = 12_000, 4000, 4000
    options = {"samples": 300, "clusters": 8, **QUICK}
    ordered, mixed = (
        decompose_pairs(related(splits, by_class=b), **options) for b in (True, False)
    )
    assert ordered["status"] == mixed["status"] == "estimated"
    first, second = corrected(ordered), corrected(mixed)
    assert first["total"] > 0.5
    for atom, bits in second.items():
        assert first[atom] == pytest.approx(bits, abs=0.15), atom


def test_a_class_that_is_rare_is_among_the_samples_drawn():
    pairs = related((3000, 1000, 1000), by_class=True, shares=(0.495, 0.495, 0.01))
    found = decompose_pairs(pairs, samples=100, clusters=4, **QUICK)
    assert found["status"] == "estimated"
    assert corrected(found)["total"] > 0.3


def test_small_data_get_fewer_clusters(caplog):
    with caplog.at_level("INFO"):
        found = decompose_pairs(related((84, 28, 28)))
    assert "5 clusters in place of 20: few samples" in caplog.text
    assert found["status"] == "estimated"
    assert corrected(found)["total"] > 0.3
    assert {row["clusters"] for row in found["sensitivity"]} == {5}


def test_twelve_test_samples_are_enough(caplog):
    with caplog.at_level("INFO"):
        found = decompose_pairs(related((100, 30, 12)), permutations=10, resamples=10)
    assert "3 clusters in place of 20" in caplog.text
    assert found["status"] == "estimated"
    assert list(corrected(found)) == ["redundancy", "unique_a", "unique_b", "synergy", "total"]
    assert found["sensitivity"] == []


TOO_FEW = [
    (related((60, 20, 3)), {}, "3 test samples, 80 others; needed: at least 4 of each"),
    (related((2, 1, 40)), {}, "40 test samples, 3 others; needed: at least 4 of each"),
    (related((60, 20, 40), shares=(1.0, 0.0)), {}, "y has 1 class; needed: at least 2"),
    (
        once_in_training(related((60, 20, 40), shares=(0.5, 0.5, 0.0)), 2),
        {},
        "a class has fewer than 2 fitted samples; needed: at least 2",
    ),
    (
        related((60, 20, 40)),
        {"methods": ["neural"]},
        "40 counted samples for 64 clusters; needed: more",
    ),
]


@pytest.mark.parametrize(("pairs", "options", "reason"), TOO_FEW)
def test_what_is_too_few_is_skipped_and_says_why(pairs, options, reason, caplog):
    found = decompose_pairs(pairs, **options, **QUICK)
    assert found == {
        "dataset": "toy", "status": f"skipped: {reason}", "table": [], "sensitivity": [],
    }  # fmt: skip
    assert reason in caplog.text


def test_the_exact_rows_stay_when_there_is_no_estimate():
    few = synthetic.generate(redundancy=4, train=30, validation=10, test=3)
    found = decompose_pairs(few, synthetic.exact_joint(redundancy=4), **QUICK)
    assert found["status"] == "skipped: 3 test samples, 40 others; needed: at least 4 of each"
    assert [row["method"] for row in found["table"]] == ["exact"] * 5
    assert {row["modality_a"] + row["modality_b"] for row in found["table"]} == {"ab"}


def test_a_method_that_does_not_apply_leaves_the_others_theirs():
    found = decompose_pairs(related((84, 28, 28)), methods=["neural", "discrete"], **QUICK)
    assert found["status"].startswith("skipped: 28 counted samples for 64 clusters")
    assert {row["method"] for row in found["table"]} == {"discrete"}


def test_nothing_is_estimated_where_only_the_exact_method_is_asked_for():
    found = decompose_pairs(related((84, 28, 28)), methods=["exact"])
    assert found["status"] == "skipped: the distribution is not known"
    assert found["table"] == []


def test_numbers_that_are_mostly_the_largest_one_are_decomposed():
    pairs = related((300, 100, 100), shares=(0.1, 0.1, 0.8), numbers=True)
    found = decompose_pairs(pairs, **QUICK)
    assert found["status"] == "estimated"
    assert corrected(found)["total"] > 0.2


def test_the_log_shows_how_far_it_is(tmp_path):
    with log.to_file(tmp_path / "x.log"):
        decompose_pairs(related((84, 28, 28)), **QUICK)
    text = (tmp_path / "x.log").read_text()
    for word in ("shuffles: 100%", "resamples: 100%", "10/10", "5 clusters in place of 20"):
        assert word in text
