"""Every objective against a plain implementation of one model; its minimum and invariances."""

import math

import pytest
import torch
from projections import batch_of, projections
from torch.nn import functional

from alignsweep.metrics import METRICS
from alignsweep.training import objectives
from alignsweep.training.objectives import vectors


def infonce(a, b, labels, inputs, own, temperature=0.1, same_class=False):
    za, zb = functional.normalize(a, dim=0), functional.normalize(b, dim=0)
    if own:
        temperature = own["log_temperature"].exp().clamp_min(0.01).squeeze()
    logits = za.T @ zb / temperature
    if same_class:
        same = (labels[:, None] == labels[None]) & ~torch.eye(len(labels), dtype=torch.bool)
        logits = logits.masked_fill(same, -math.inf)
    target = torch.arange(len(logits))
    return (
        functional.cross_entropy(logits, target) + functional.cross_entropy(logits.T, target)
    ) / 2


def siglip(a, b, labels, inputs, own):
    za, zb = functional.normalize(a, dim=0), functional.normalize(b, dim=0)
    temperature, bias = (
        (own["log_temperature"].exp().squeeze(), own["bias"].squeeze()) if own else (0.1, -10.0)
    )
    logits = za.T @ zb / temperature + bias
    signs = 2 * torch.eye(len(logits)) - 1
    return -functional.logsigmoid(signs * logits).sum() / len(logits)


def cosine(a, b, labels, inputs, own):
    return 1 - functional.cosine_similarity(a, b, dim=0).mean()


def barlow(a, b, labels, inputs, own):
    za, zb = ((x - x.mean(1, keepdim=True)) / x.std(1, correction=0, keepdim=True) for x in (a, b))
    c = za @ zb.T / a.shape[1]
    loss = 0.0
    for i in range(len(c)):
        for j in range(len(c)):
            loss = loss + ((1 - c[i, j]) ** 2 if i == j else 0.005 * c[i, j] ** 2)
    return loss


def vicreg(a, b, labels, inputs, own):
    loss = functional.mse_loss(a, b)
    for x in (a, b):
        covariance = torch.cov(x)
        loss = loss + functional.relu(1 - (x.var(dim=1) + 1e-4).sqrt()).mean()
        off = covariance - covariance.diag().diag()
        loss = loss + off.square().sum() / len(x) / 25
    return loss


def cca(a, b, labels, inputs, own):
    def root(x):
        c = torch.cov(x)
        values, vectors = torch.linalg.eigh(c + 1e-3 * c.trace() / len(c) * torch.eye(len(c)))
        return vectors @ (values**-0.5).diag() @ vectors.T

    za, zb = (x - x.mean(1, keepdim=True) for x in (a, b))
    across = root(a) @ (za @ zb.T / (a.shape[1] - 1)) @ root(b)
    return len(a) - torch.linalg.matrix_norm(across, "nuc")


def cka(a, b, labels, inputs, own):
    n = a.shape[1]
    ones = torch.ones(n)

    def hsic(x, y):
        k, m = (z.T @ z for z in (x, y))
        k, m = (kernel - kernel.diag().diag() for kernel in (k, m))
        whole = (ones @ k @ ones) * (ones @ m @ ones) / ((n - 1) * (n - 2))
        return ((k @ m).trace() + whole - 2 / (n - 2) * (ones @ k @ m @ ones)) / (n * (n - 3))

    return 1 - hsic(a, b) / (hsic(a, a) * hsic(b, b)).sqrt()


def prediction(a, b, labels, inputs, own):
    to_b = own["b.weight"] @ a + own["b.bias"]
    to_a = own["a.weight"] @ b + own["a.bias"]
    return (functional.mse_loss(to_b, inputs[1]) + functional.mse_loss(to_a, inputs[0])) / 2


CASES = {
    "infonce": ("infonce", {}, infonce),
    "infonce, learnt": ("infonce", {"learnable": True}, infonce),
    "infonce, cold": ("infonce", {"temperature": 0.02}, lambda *x: infonce(*x, temperature=0.02)),
    "labels": ("infonce_labels", {}, lambda *x: infonce(*x, same_class=True)),
    "labels, learnt": (
        "infonce_labels", {"learnable": True}, lambda *x: infonce(*x, same_class=True),
    ),
    "siglip": ("siglip", {}, siglip),
    "siglip, fixed": ("siglip", {"learnable": False}, siglip),
    "cosine": ("cosine", {}, cosine),
    "barlow": ("barlow", {}, barlow),
    "vicreg": ("vicreg", {}, vicreg),
    "cca": ("cca", {}, cca),
    "cka": ("cka", {}, cka),
    "prediction": ("prediction", {}, prediction),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _double():
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def test_every_objective_has_a_reference():
    assert {kind for kind, _, _ in CASES.values()} == set(objectives.OBJECTIVES)


@pytest.mark.parametrize("case", CASES)
def test_values_and_gradients_equal_the_reference(case):
    kind, options, reference = CASES[case]
    objective = objectives.make(kind, **options)
    a, b = projections(n=20)
    batch = batch_of(objective, a)
    weights = list(batch.weights.values())
    found = objective(a, b, batch)
    expected = torch.stack(
        [
            reference(
                a[m], b[m], batch.labels[0][m], [x[m] for x in batch.inputs],
                {k: w[m] for k, w in batch.weights.items()},
            )
            for m in range(len(a))
        ]
    )  # fmt: skip
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-9)
    of = (torch.arange(1.0, 4.0) * found).sum(), (torch.arange(1.0, 4.0) * expected).sum()
    gradients = [torch.autograd.grad(loss, [a, b, *weights], retain_graph=True) for loss in of]
    for g, e in zip(*gradients, strict=True):
        torch.testing.assert_close(g, e, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("kind", ["siglip", "infonce", "infonce_labels"])
def test_slices_do_not_change_the_result(kind, monkeypatch):
    objective = objectives.make(kind)
    a, b = projections(models=7)
    batch = batch_of(objective, a)
    whole = objective(a, b, batch)
    monkeypatch.setattr(vectors, "CACHE_BYTES", 2 * 30 * 30 * 8)
    torch.testing.assert_close(objective(a, b, batch), whole)


def loss_of(kind, a, b, **options):
    objective = objectives.make(kind, **options)
    return objective(a, b, batch_of(objective, a))


@pytest.mark.parametrize(
    ("kind", "least"), [("cosine", 0), ("barlow", 0), ("vicreg", 0), ("cka", 0), ("cca", 0)]
)
def test_the_least_loss_is_where_pairs_are_the_same(kind, least):
    g = torch.Generator().manual_seed(0)
    same = torch.linalg.qr(torch.randn(2, 50, 4, generator=g) - 0.0).Q
    same = same - same.mean(dim=1, keepdim=True)
    same = torch.linalg.qr(same).Q.transpose(1, 2) * 8  # uncorrelated, standard deviation above 1
    found = loss_of(kind, same, same)
    torch.testing.assert_close(found, torch.full((2,), float(least)), rtol=0, atol=5e-3)
    assert (loss_of(kind, same, same.roll(1, dims=2)) > found + 0.1).all()


@pytest.mark.parametrize("kind", ["infonce", "siglip", "cosine"])
def test_what_sees_unit_vectors_sees_no_scale(kind):
    a, b = projections()
    torch.testing.assert_close(loss_of(kind, 3 * a, 0.1 * b), loss_of(kind, a, b))


@pytest.mark.parametrize("kind", ["infonce", "siglip", "cosine", "vicreg"])
def test_a_rotation_of_both_sides_together_changes_nothing(kind):
    a, b = projections()
    rotation = torch.linalg.qr(torch.randn(4, 4, generator=torch.Generator().manual_seed(2))).Q
    first, second = loss_of(kind, rotation @ a, rotation @ b), loss_of(kind, a, b)
    if kind == "vicreg":  # its variances and covariances are of features
        assert (first != second).any()
    else:
        torch.testing.assert_close(first, second)


def test_cka_sees_no_rotation_scale_or_shift_of_either_side():
    a, b = projections()
    rotation = torch.linalg.qr(torch.randn(4, 4, generator=torch.Generator().manual_seed(2))).Q
    torch.testing.assert_close(loss_of("cka", 5 * rotation @ a, b), loss_of("cka", a, b))
    torch.testing.assert_close(loss_of("cka", a + 1, b - 2), loss_of("cka", a, b))


def test_cka_is_the_metric_of_that_name():
    a, b = projections()
    metric = METRICS["cka_debiased"]
    expected = [metric(x.detach().T, y.T) for x, y in zip(a, b, strict=True)]
    torch.testing.assert_close(1 - loss_of("cka", a, b), torch.tensor(expected))


def test_a_temperature_that_is_learnt_stops_at_a_hundredth():
    a, b = projections()
    for kind in ("infonce", "infonce_labels", "siglip"):
        found = [loss_of(kind, a, b, temperature=t, learnable=True) for t in (0.01, 0.001)]
        torch.testing.assert_close(*found)


def test_cca_sees_no_linear_map_of_either_side():
    a, b = projections()
    mixed = torch.randn(4, 4, generator=torch.Generator().manual_seed(2)) @ a
    found = loss_of("cca", mixed, b, ridge=1e-9)
    torch.testing.assert_close(found, loss_of("cca", a, b, ridge=1e-9), rtol=1e-4, atol=1e-4)


def test_barlow_sees_no_shift_and_scale_of_a_feature():
    a, b = projections()
    scale = torch.tensor([1.0, 2.0, 0.5, 10.0]).view(1, 4, 1)
    torch.testing.assert_close(loss_of("barlow", a * scale + 3, b), loss_of("barlow", a, b))


def test_where_no_class_is_there_twice_labels_change_nothing():
    a, b = projections()
    objective = objectives.make("infonce_labels")
    batch = batch_of(objective, a)
    every = torch.arange(30).expand(3, -1)
    found = objective(a, b, batch._replace(labels=(every, every)))
    torch.testing.assert_close(found, loss_of("infonce", a, b))


@pytest.mark.parametrize("kind", ["infonce", "infonce_labels", "siglip"])
def test_a_temperature_of_nothing_is_an_error(kind):
    with pytest.raises(ValueError, match="temperature is 0; allowed: a number above 0"):
        objectives.make(kind, temperature=0)
