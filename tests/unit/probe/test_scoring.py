import numpy as np
import pytest
import torch
from sklearn import metrics as reference

from alignsweep.probe import scoring


def test_scores_of_classes_equal_scikit_learn(rng):
    log_p = torch.log_softmax(torch.as_tensor(rng.standard_normal((2, 50, 4))), dim=2)
    y = torch.as_tensor(rng.integers(0, 3, 50))  # class 3 is predicted but never true
    found, _ = scoring.of_classes(log_p, y)
    for m in range(2):
        predicted = log_p[m].argmax(1)
        assert found["accuracy"][m] == pytest.approx(reference.accuracy_score(y, predicted))
        assert found["macro_f1"][m] == pytest.approx(
            reference.f1_score(y, predicted, average="macro")
        )
        assert found["cross_entropy"][m] == pytest.approx(
            reference.log_loss(y, log_p[m].exp(), labels=range(4))
        )


def test_scores_of_numbers():
    y = torch.tensor([-2.0, 0.0, 1.0, 3.0]).double()
    predicted = torch.tensor([[-1.0, 5.0, 1.0, -1.0], [2.0, 2.0, 2.0, 2.0]]).double()
    found, _ = scoring.of_numbers(predicted, y)
    np.testing.assert_allclose(found["mae"], [(1 + 5 + 0 + 4) / 4, (4 + 2 + 1 + 1) / 4])
    np.testing.assert_allclose(found["sign_accuracy"], [2 / 3, 2 / 3])
    np.testing.assert_allclose(found["correlation"], [np.corrcoef(y, predicted[0])[0, 1], 0])


def test_the_scores_of_samples_average_to_the_headline_score(rng):
    y = torch.as_tensor(rng.integers(0, 4, 60))
    log_p = torch.log_softmax(torch.as_tensor(rng.standard_normal((3, 60, 4))), dim=2)
    values, found = scoring.of_classes(log_p, y)
    np.testing.assert_array_equal(found, (log_p.argmax(dim=2) == y).numpy())
    np.testing.assert_allclose(found.mean(axis=1), values["accuracy"])
    z = torch.as_tensor(rng.standard_normal(60))
    predicted = torch.stack([z + 2 * torch.as_tensor(rng.standard_normal(60)), 0 * z + 7, -z])
    values, found = scoring.of_numbers(predicted, z)
    correlation = values["correlation"]
    np.testing.assert_allclose(found.mean(axis=1), correlation, atol=1e-12)
    assert correlation[1:] == pytest.approx([0, -1])


def test_the_spread_of_the_scores_of_samples_is_that_of_the_correlation(rng):
    n, repeats = 400, 2000
    y = rng.standard_normal((repeats, n))
    x = 0.6 * y + 0.8 * rng.standard_normal((repeats, n))
    found = [np.corrcoef(a, b)[0, 1] for a, b in zip(x, y, strict=True)]
    errors = [
        scoring.influence(torch.as_tensor(a)[None], torch.as_tensor(b)).std() / n**0.5
        for a, b in zip(x[:100], y[:100], strict=True)
    ]
    assert np.mean(errors) == pytest.approx(np.std(found), rel=0.06)


def test_labels_that_are_all_zero_have_no_sign():
    found, _ = scoring.of_numbers(torch.ones(1, 3).double(), torch.zeros(3).double())
    assert np.isnan(found["sign_accuracy"]).all()
