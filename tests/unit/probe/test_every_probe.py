"""What every probe of the registry must do."""

import numpy as np
import pytest
import torch

from alignsweep import probe

every_probe = pytest.mark.parametrize("kind", probe.PROBES)
MODELS, CLASSES, FEATURES = 3, 3, 4


def problem(n, labels):
    """Standardised embeddings of three models, in which clusters tell the class."""
    g = torch.Generator().manual_seed(n)
    y = torch.arange(n) % CLASSES
    noise = torch.randn(MODELS, n, FEATURES, generator=g, dtype=torch.float64)
    x = 4 * torch.eye(CLASSES, FEATURES, dtype=torch.float64)[y] + 0.3 * noise
    x[2] = noise[2]  # the last model knows nothing
    x = (x - x.mean(dim=1, keepdim=True)) / x.std(dim=1, keepdim=True)
    return x, y if labels == "classes" else 10 * y.double() - 3


def fitted(kind, labels, models=slice(None)):
    (x, y), (x_validation, y_validation) = problem(240, labels), problem(90, labels)
    classes = CLASSES if labels == "classes" else None
    return probe.make(kind).fit(x[models], y, x_validation[models], y_validation, classes)


@every_probe
def test_classes_get_log_probabilities_that_beat_chance(kind):
    x, y = problem(120, "classes")
    log_p = fitted(kind, "classes")(x, torch.arange(MODELS))
    assert log_p.shape == (MODELS, 120, CLASSES)
    assert log_p.isfinite().all()
    torch.testing.assert_close(log_p.exp().sum(dim=2), torch.ones(MODELS, 120).double())
    accuracy = (log_p.argmax(dim=2) == y).double().mean(dim=1)
    assert (accuracy[:2] > 0.95).all()
    assert accuracy[2] < 0.55  # chance is a third


@every_probe
def test_numbers_are_predicted_better_than_by_their_mean(kind):
    x, y = problem(120, "numbers")
    predicted = fitted(kind, "numbers")(x, torch.arange(MODELS))
    assert predicted.shape == (MODELS, 120)
    assert predicted.isfinite().all()
    error = (predicted - y).abs().mean(dim=1)
    assert (error[:2] < 0.5 * (y - y.mean()).abs().mean()).all()
    assert error[2] > 0.5 * (y - y.mean()).abs().mean()


@every_probe
@pytest.mark.parametrize("labels", ["classes", "numbers"])
def test_a_probe_is_that_of_the_model_alone(kind, labels):
    x, _ = problem(120, labels)
    predict = fitted(kind, labels)
    whole = predict(x, torch.arange(MODELS))
    some = torch.tensor([2, 0])
    torch.testing.assert_close(predict(x[some], some), whole[some])
    for m in range(MODELS):
        own = slice(m, m + 1)
        alone = fitted(kind, labels, own)(x[own], torch.arange(1))
        torch.testing.assert_close(alone[0], whole[m], rtol=1e-6, atol=1e-6)


@every_probe
def test_encoders_are_probed_with_it(kind, trained, pairs):
    table = probe.probe_encoders(trained, pairs, probe.make(kind))
    assert np.isfinite(table["value"]).all()
    accuracy = table.query("metric == 'accuracy' and split == 'test'")["value"]
    assert accuracy.mean() > 0.3  # chance is 0.25
