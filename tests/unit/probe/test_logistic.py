import numpy as np
import pytest
import torch
from sklearn import metrics as reference
from sklearn.linear_model import LogisticRegression

from alignsweep.probe import logistic


def problem(rng, models=3, n=200, d=5, classes=4):
    x = rng.standard_normal((models, n, d))
    y = (x[0] @ rng.standard_normal((d, classes)) + rng.standard_normal((n, classes))).argmax(1)
    return torch.as_tensor(x), torch.as_tensor(y)


@pytest.mark.parametrize("classes", [2, 4])
@pytest.mark.parametrize("penalty", [1e-4, 1e-2, 1.0])
def test_fit_equals_scikit_learn(rng, penalty, classes):
    x, y = problem(rng, classes=classes)
    fresh = torch.as_tensor(rng.standard_normal((3, 5000, 5)))
    fitted = logistic.fit(x, y, classes, penalty)
    log_p = fitted.predict(x)
    for m in range(len(x)):
        # liblinear-free default solver; its multinomial penalty is half ours per class for two
        # classes, where it fits a single weight vector w = w1 - w0 with |w|^2 = 2 (|w0|^2 + |w1|^2)
        c = 1 / (len(y) * penalty) * (2 if classes == 2 else 1)
        other = LogisticRegression(C=c, tol=1e-10, max_iter=10_000).fit(x[m], y)
        p = other.predict_proba(x[m])
        np.testing.assert_allclose(log_p[m].exp(), p, atol=1e-5)
        loss = -log_p[m, torch.arange(len(y)), y].mean().item()
        assert loss == pytest.approx(reference.log_loss(y, p), abs=1e-4)
        agree = fitted.predict(fresh)[m].argmax(1).numpy() == other.predict(fresh[m])
        assert agree.mean() > 1 - 1e-3


def test_fit_converges_on_separable_data(rng):
    x = torch.as_tensor(rng.standard_normal((2, 30, 6)))
    y = (x[0, :, 0] > 0).long()
    log_p = logistic.fit(x, y, 2, 1e-6).predict(x)
    assert (log_p[0].argmax(1) == y).all()
    assert torch.isfinite(log_p).all()


def test_slices_do_not_change_the_fit(rng, monkeypatch):
    x, y = problem(rng)
    whole = logistic.fit(x, y, 4, 0.01)
    monkeypatch.setattr(logistic, "SCRATCH_BYTES", 1)
    torch.testing.assert_close(logistic.fit(x, y, 4, 0.01).weight, whole.weight)


def test_a_path_has_the_fits_of_its_penalties_in_their_order(rng):
    x, y = problem(rng)
    penalties = (1e-2, 1.0, 1e-4)
    for penalty, found in zip(penalties, logistic.path(x, y, 4, penalties), strict=True):
        alone = logistic.fit(x, y, 4, penalty).predict(x)
        np.testing.assert_allclose(found.predict(x).exp(), alone.exp(), atol=1e-5)


def test_penalty_must_be_positive(rng):
    x, y = problem(rng)
    with pytest.raises(ValueError, match="penalty is 0; allowed: above 0"):
        logistic.fit(x, y, 4, 0)


def test_a_constant_embedding_predicts_the_majority(rng):
    x = torch.zeros(1, 30, 3, dtype=torch.float64)
    y = torch.tensor([0] * 20 + [1] * 10)
    p = logistic.fit(x, y, 2, 0.01).predict(x).exp()
    np.testing.assert_allclose(p[0, 0], [2 / 3, 1 / 3], atol=1e-6)
