"""Gaussian factors: what is said of them holds."""

import numpy as np
import pytest

from alignsweep.data import factors


def facts(pairs):
    return {(f["modality"], f["fact"]): f["value"] for f in pairs.facts}


def made(**options):
    sizes = {"train": 20_000, "validation": 10, "test": 10, "features": (12, 15)}
    return factors.generate(**{"shared": 2, "resample": "none", **sizes, **options})


def residuals(pairs):
    """Return the inputs of the training split with what the label tells taken away."""
    rows = pairs.rows("train")
    y = pairs.labels[rows]
    told = np.eye(pairs.classes)[y] if pairs.classes else np.column_stack([np.ones(len(y)), y])
    out = []
    for x in pairs.inputs.values():
        own = x[rows].astype(float)
        out.append(own - told @ np.linalg.lstsq(told, own, rcond=None)[0])
    return out


def gaussian_bits(x, y):
    """Return the information of Gaussians from the log determinants of their covariances."""
    both = np.cov(np.hstack([x, y]), rowvar=False)
    d = x.shape[1]
    parts = [np.linalg.slogdet(c)[1] for c in (both[:d, :d], both[d:, d:], both)]
    return (parts[0] + parts[1] - parts[2]) / 2 / np.log(2)


@pytest.mark.parametrize("classes", [4, None])
@pytest.mark.parametrize("nuisance", [0, 3])
def test_the_information_within_classes_is_that_of_gaussians(classes, nuisance):
    pairs = made(classes=classes, nuisance=nuisance, loading=1.5, noise=(0.4, 0.8))
    known = facts(pairs)["a+b", "conditional_information_bits"]
    assert gaussian_bits(*residuals(pairs)) == pytest.approx(known, abs=0.05)


def test_numbers_are_known_by_so_much():
    pairs = made(classes=None, unique=(1, 3), noise=(0.4, 0.8))
    rows, known = pairs.rows("train"), facts(pairs)
    y = pairs.labels[rows][:, None]
    sides = {m: x[rows].astype(float) for m, x in pairs.inputs.items()}
    sides["a+b"] = np.hstack([sides["a"], sides["b"]])
    for modality, x in sides.items():
        assert gaussian_bits(x, y) == pytest.approx(
            known[modality, "mutual_information_bits"], abs=0.02
        )


def test_no_classifier_is_better_than_bayes_and_the_best_reaches_it():
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    pairs = made(classes=5, separation=1.2, imbalance=3, test=20_000)
    train, test, known = pairs.rows("train"), pairs.rows("test"), facts(pairs)
    sides = {m: x.astype(float) for m, x in pairs.inputs.items()}
    sides["a+b"] = np.hstack([sides["a"], sides["b"]])
    for modality, x in sides.items():
        fitted = LinearDiscriminantAnalysis().fit(x[train], pairs.labels[train])
        reached = fitted.score(x[test], pairs.labels[test])
        assert reached == pytest.approx(known[modality, "bayes_accuracy"], abs=0.015)
        p = fitted.predict_log_proba(x[test])[np.arange(len(test)), pairs.labels[test]]
        share = np.bincount(pairs.labels[test]) / len(test)
        told = (p - np.log(share[pairs.labels[test]])).mean() / np.log(2)
        assert told == pytest.approx(known[modality, "mutual_information_bits"], abs=0.04)


def test_a_network_before_b_keeps_a_and_the_facts():
    plain, warped = (made(heterogeneity=depth) for depth in (0, 3))
    np.testing.assert_array_equal(plain.inputs["a"], warped.inputs["a"])
    assert not np.allclose(plain.inputs["b"], warped.inputs["b"])
    assert facts(plain) == facts(warped)


def test_every_seed_has_samples_of_its_own_of_one_world():
    pairs = made(resample="samples", train=500)
    first, again, other = pairs.draw(0), pairs.draw(0), pairs.draw(1)
    np.testing.assert_array_equal(first.inputs["b"], again.inputs["b"])
    assert not np.allclose(first.inputs["b"], other.inputs["b"])
    assert facts(first) == facts(other)


def test_every_class_is_in_every_split():
    pairs = made(classes=20, imbalance=10, train=100, validation=100, test=100)
    for split in ("train", "validation", "test"):
        assert set(pairs.labels[pairs.rows(split)]) == set(range(20))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shared": 0, "unique": (0, 0)}, "at least one factor that tells of the label"),
        ({"features": (3, 20)}, r"features is \[3, 20\].*allowed: at least as many as factors"),
    ],
)
def test_factors_that_do_not_fit(options, message):
    with pytest.raises(ValueError, match=message):
        made(**options)
