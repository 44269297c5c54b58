import math

import pytest
import torch
from torch.nn import functional

from alignsweep.training.objectives import infonce


def two_cross_entropies(a, b, temperature):
    """The definition, one model at a time."""
    losses = []
    for one, other in zip(a, b, strict=True):
        za, zb = functional.normalize(one.T, dim=1), functional.normalize(other.T, dim=1)
        logits = za @ zb.T / temperature
        target = torch.arange(len(logits))
        losses.append(
            (functional.cross_entropy(logits, target) + functional.cross_entropy(logits.T, target))
            / 2
        )
    return torch.stack(losses)


def projections(models=3, features=4, n=20, dtype=torch.float64):
    g = torch.Generator().manual_seed(0)
    make = lambda: torch.randn(models, features, n, generator=g, dtype=torch.float64).to(dtype)  # noqa: E731
    return make().requires_grad_(), make().requires_grad_()


@pytest.mark.parametrize("temperature", [1.0, 0.1, 0.025, 0.02, 0.005])
def test_infonce_and_its_gradient_equal_two_cross_entropies(temperature):
    a, b = projections()
    weights = torch.tensor([0.0, 0.5, 2.0], dtype=torch.float64)
    found = infonce.symmetric_infonce(a, b, temperature)
    expected = two_cross_entropies(a, b, temperature)
    torch.testing.assert_close(found, expected, rtol=1e-12, atol=1e-12)
    gradients = torch.autograd.grad((weights * found).sum(), (a, b))
    for g, e in zip(
        gradients, torch.autograd.grad((weights * expected).sum(), (a, b)), strict=True
    ):
        torch.testing.assert_close(g, e, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("temperature", [0.1, 0.025, 0.02, 0.005])
def test_infonce_is_finite_and_accurate_in_float32(temperature):
    a, b = projections(dtype=torch.float32)
    found = infonce.symmetric_infonce(a, b, temperature)
    expected = two_cross_entropies(a.double(), b.double(), temperature)
    torch.testing.assert_close(found.double(), expected, rtol=1e-4, atol=1e-5)
    for gradient in torch.autograd.grad(found.sum(), (a, b)):
        assert torch.isfinite(gradient).all()


@pytest.mark.parametrize("pairs_alike", [True, False])
def test_infonce_at_its_extremes_in_float32(pairs_alike):
    a = torch.eye(16).repeat(2, 1, 1)
    b = a if pairs_alike else -a
    found = infonce.symmetric_infonce(a, b, 0.025)
    expected = two_cross_entropies(a.double(), b.double(), 0.025)
    torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=1e-5)


def test_uninformative_projections_cost_ln_n():
    same = torch.ones(1, 3, 50, dtype=torch.float64)
    assert infonce.symmetric_infonce(same, same, 0.1).item() == pytest.approx(math.log(50))


def test_a_zero_projection_is_finite():
    a, b = torch.zeros(1, 3, 5, requires_grad=True), torch.ones(1, 3, 5)
    loss = infonce.symmetric_infonce(a, b, 0.1)
    (gradient,) = torch.autograd.grad(loss.sum(), a)
    assert torch.isfinite(loss).all()
    assert torch.isfinite(gradient).all()


def test_a_model_that_is_not_finite_leaves_the_others_alone():
    a, b = projections()
    whole = infonce.symmetric_infonce(a, b, 0.1)
    broken = a.detach().clone()
    broken[1] = math.nan
    found = infonce.symmetric_infonce(broken, b, 0.1)
    assert found[1].isnan()
    torch.testing.assert_close(found[[0, 2]], whole[[0, 2]])
