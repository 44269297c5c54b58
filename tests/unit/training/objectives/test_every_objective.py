"""What every objective of the registry must do."""

import math

import pytest
import torch
from projections import batch_of, projections

from alignsweep.training import objectives

every_objective = pytest.mark.parametrize("kind", objectives.OBJECTIVES)


def made(kind, a, **options):
    """Return the objective as a function of the projections, and its parameters."""
    objective = objectives.make(kind, **options)
    batch = batch_of(objective, a)
    return lambda a, b, own=slice(None): objective(a, b, some(batch, own)), batch.weights


def some(batch, own):
    """Return the batch of some of the models."""
    return objectives.Batch(
        tuple(x[own] for x in batch.labels),
        tuple(x[own] for x in batch.inputs),
        {k: w[own] for k, w in batch.weights.items()},
    )


@every_objective
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_finite_loss_per_model_with_a_gradient(kind, dtype):
    a, b = projections(dtype=dtype)
    objective, weights = made(kind, a)
    loss = objective(a, b)
    assert loss.shape == (3,)
    assert loss.dtype == dtype
    assert loss.isfinite().all()
    for gradient in torch.autograd.grad(loss.sum(), (a, b, *weights.values())):
        assert gradient.isfinite().all()
        assert (gradient.abs().flatten(1).amax(dim=1) > 0).all()


@every_objective
def test_the_gradient_is_that_of_the_loss(kind):
    a, b = projections(n=8)
    objective, _ = made(kind, a)
    assert torch.autograd.gradcheck(objective, (a, b), fast_mode=True)


@every_objective
def test_a_loss_is_that_of_the_model_alone(kind):
    a, b = projections()
    objective, _ = made(kind, a)
    whole = objective(a, b)
    for m in range(3):
        own = slice(m, m + 1)
        alone = objective(a[own], b[own], own)[0]
        torch.testing.assert_close(alone, whole[m], rtol=1e-10, atol=1e-12)


@every_objective
def test_a_loss_depends_on_the_projections_of_its_model_only(kind):
    a, b = projections()
    objective, weights = made(kind, a)
    whole = objective(a, b)
    inputs = (a, b, *weights.values())
    for gradient in torch.autograd.grad(whole[1], inputs, retain_graph=True):
        assert (gradient[[0, 2]] == 0).all()
        assert (gradient[1] != 0).any()
    moved = a.detach().clone()
    moved[1] = moved[1].flip(1)
    found = objective(moved, b)
    torch.testing.assert_close(found[[0, 2]], whole[[0, 2]], rtol=1e-10, atol=1e-12)
    assert found[1] != whole[1]


@every_objective
def test_a_model_that_is_not_finite_leaves_the_others_alone(kind):
    a, b = projections()
    objective, _ = made(kind, a)
    whole = objective(a, b)
    expected = torch.autograd.grad(whole[[0, 2]].sum(), (a, b))
    broken = a.detach().clone()
    broken[1] = math.nan
    broken.requires_grad_()
    found = objective(broken, b)
    assert not found[1].isfinite()
    torch.testing.assert_close(found[[0, 2]], whole[[0, 2]], rtol=1e-10, atol=1e-12)
    for g, e in zip(torch.autograd.grad(found.sum(), (broken, b)), expected, strict=True):
        torch.testing.assert_close(g[[0, 2]], e[[0, 2]], rtol=1e-10, atol=1e-12)


# cross-prediction compares projections with inputs, not with each other
@pytest.mark.parametrize("kind", [k for k in objectives.OBJECTIVES if k != "prediction"])
def test_pairs_that_are_alike_cost_less_than_others(kind):
    a = projections()[0].detach()
    objective, _ = made(kind, a)
    assert (objective(a, a) < objective(a, a.roll(1, dims=2))).all()


@every_objective
def test_steps_down_the_gradient_align_what_was_not(kind):
    g = torch.Generator().manual_seed(0)
    a, b = (torch.randn(3, 4, 30, generator=g).double().requires_grad_() for _ in "ab")
    objective, weights = made(kind, a)
    before = objective(a, b).detach()
    optimizer = torch.optim.Adam([a, b, *weights.values()], lr=0.05)
    for _ in range(50):
        optimizer.zero_grad()
        objective(a, b).sum().backward()
        optimizer.step()
    after = objective(a, b).detach()
    assert (after < before).all()
    assert (after < objective(a, b.roll(1, dims=2))).all()


@every_objective
def test_projections_that_are_all_the_same_are_no_error(kind):
    a = torch.zeros(3, 4, 12, requires_grad=True)
    objective, _ = made(kind, a)
    loss = objective(a, a.detach())
    (gradient,) = torch.autograd.grad(loss.sum(), a)
    assert loss.isfinite().all()
    assert gradient.isfinite().all()
