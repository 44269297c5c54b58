"""Projections, and what objectives may look at beside them."""

import torch

from alignsweep.training.objectives import Batch


def projections(models=3, features=4, n=30, dtype=torch.float64):
    g = torch.Generator().manual_seed(0)
    a, b = (torch.randn(models, features, n, generator=g, dtype=torch.float64) for _ in "ab")
    return a.to(dtype).requires_grad_(), (a + b).to(dtype).detach().requires_grad_()


def batch_of(objective, a, classes=3):
    """Return a batch for these projections, its own for every model."""
    g = torch.Generator().manual_seed(1)
    models, features, n = a.shape
    labels = torch.randint(classes, (models, n), generator=g)
    inputs = tuple(torch.randn(models, d, n, generator=g).to(a.dtype) for d in (5, 7))
    generators = [torch.Generator().manual_seed(m) for m in range(models)]
    weights = {
        name: w.to(a.dtype).requires_grad_()
        for name, w in objective.parameters(features, (5, 7), generators).items()
    }
    return Batch((labels, labels), inputs, weights)
