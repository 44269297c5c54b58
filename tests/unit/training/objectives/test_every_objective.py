"""What every objective of the registry must do."""

import math

import pytest
import torch

from alignsweep.training import objectives

every_objective = pytest.mark.parametrize("kind", objectives.OBJECTIVES)


def projections(models=3, features=4, n=30, dtype=torch.float64):
    g = torch.Generator().manual_seed(0)
    a, b = (torch.randn(models, features, n, generator=g, dtype=torch.float64) for _ in "ab")
    return a.to(dtype).requires_grad_(), (a + b).to(dtype).detach().requires_grad_()


@every_objective
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_finite_loss_per_model_with_a_gradient(kind, dtype):
    a, b = projections(dtype=dtype)
    loss = objectives.make(kind)(a, b)
    assert loss.shape == (3,)
    assert loss.dtype == dtype
    assert loss.isfinite().all()
    for gradient in torch.autograd.grad(loss.sum(), (a, b)):
        assert gradient.isfinite().all()
        assert (gradient.abs().amax(dim=(1, 2)) > 0).all()


@every_objective
def test_the_gradient_is_that_of_the_loss(kind):
    objective = objectives.make(kind)
    a, b = projections(n=8)
    assert torch.autograd.gradcheck(objective, (a, b), fast_mode=True)


@every_objective
def test_a_loss_is_that_of_the_model_alone(kind):
    objective = objectives.make(kind)
    a, b = projections()
    whole = objective(a, b)
    for m in range(3):
        own = slice(m, m + 1)
        torch.testing.assert_close(objective(a[own], b[own])[0], whole[m], rtol=1e-10, atol=1e-12)


@every_objective
def test_a_loss_depends_on_the_projections_of_its_model_only(kind):
    objective = objectives.make(kind)
    a, b = projections()
    whole = objective(a, b)
    for gradient in torch.autograd.grad(whole[1], (a, b), retain_graph=True):
        assert (gradient[[0, 2]] == 0).all()
        assert (gradient[1] != 0).any()
    moved = a.detach().clone()
    moved[1] = moved[1].flip(1)
    found = objective(moved, b)
    torch.testing.assert_close(found[[0, 2]], whole[[0, 2]], rtol=1e-10, atol=1e-12)
    assert found[1] != whole[1]


@every_objective
def test_a_model_that_is_not_finite_leaves_the_others_alone(kind):
    objective = objectives.make(kind)
    a, b = projections()
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


@every_objective
def test_pairs_that_are_alike_cost_less_than_others(kind):
    objective = objectives.make(kind)
    a = projections()[0].detach()
    assert (objective(a, a) < objective(a, a.roll(1, dims=2))).all()


@every_objective
def test_steps_down_the_gradient_align_what_was_not(kind):
    objective = objectives.make(kind)
    g = torch.Generator().manual_seed(0)
    a, b = (torch.randn(3, 4, 30, generator=g).double().requires_grad_() for _ in "ab")
    before = objective(a, b).detach()
    optimizer = torch.optim.Adam([a, b], lr=0.05)
    for _ in range(50):
        optimizer.zero_grad()
        objective(a, b).sum().backward()
        optimizer.step()
    after = objective(a, b).detach()
    assert (after < before).all()
    assert (after < objective(a, b.roll(1, dims=2))).all()
