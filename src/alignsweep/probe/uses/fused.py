"""Both together: a probe on the two embeddings side by side.

A linear probe of these adds up what each modality says, and cannot tell what only both together
say (synergy). So where products of the two embeddings' components explain what it leaves
unexplained, a second probe sees these too (bilinear fusion, Tenenbaum and Freeman 2000), and the
better one on validation is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from alignsweep.probe import scoring
from alignsweep.probe.uses.base import (
    Features,
    Scored,
    Seen,
    fit,
    predictions,
    scored,
    standardised,
)

if TYPE_CHECKING:
    from alignsweep.probe import Probe

#: Of a wider embedding, products are made of so many leading principal components.
MOST_COMPONENTS = 8
#: Products must explain so large a part of the residual variance on validation to be tried. Where
#: they explain less they did not raise an accuracy (synthetic data, digits), and fitting them takes
#: most of the time.
LEAST_EXPLAINED = 0.05
#: Ridge penalty, per sample, of the least squares by which that is judged.
PENALTY = 1e-2


def score(seen: Seen, probe: Probe) -> Iterator[Scored]:
    """Score ``a+b``."""
    sides = [standardised(seen, own)[0] for own in seen.embeddings.values()]

    def x(split: str, rows: Tensor) -> Tensor:
        return torch.cat([side(split, rows) for side in sides], dim=2)

    width = sum(seen.own.branches[m].encoder.width for m in seen.draw.modalities)
    predicted = predictions(fit(seen, probe, x, seen.every), x)
    one, other = (_leading(seen, side) for side in sides)
    (products,) = standardised(
        seen, lambda split, rows: _products(one(split, rows), other(split, rows))
    )
    promising = _explained(seen, predicted, products) > LEAST_EXPLAINED
    if promising.any():
        predicted = _better(seen, probe, predicted, x, products, promising.nonzero()[:, 0])
    yield scored(seen, "+".join(seen.draw.modalities), predicted, width)


def _leading(seen: Seen, side: Features) -> Features:
    """Return the leading principal components of standardised features."""
    train = side("train", seen.every)
    if train.shape[2] <= MOST_COMPONENTS:
        return side
    _, directions = torch.linalg.eigh(train.transpose(1, 2) @ train)
    leading = directions[:, :, -MOST_COMPONENTS:]
    return lambda split, rows: side(split, rows) @ leading[rows]


def _products(one: Tensor, other: Tensor) -> Tensor:
    """Return the products of every component of the one with every one of the other."""
    return (one.unsqueeze(3) * other.unsqueeze(2)).flatten(2)


def _explained(seen: Seen, predicted: Features, products: Features) -> Tensor:
    """Return the share of the residuals' variance on validation that products explain, ``(K,)``.

    By least squares, fitted to the residuals of the training split, and judged by no more samples
    than that has.
    """
    n = len(seen.labels["train"])
    some = {s: slice(None, None, -(-len(seen.labels[s]) // n)) for s in ("train", "validation")}
    x = {s: products(s, seen.every)[:, part] for s, part in some.items()}
    left = {s: _residuals(seen, s, predicted(s, seen.every))[:, part] for s, part in some.items()}
    train = x["train"].transpose(1, 2)
    gram = train @ x["train"] / train.shape[2]
    gram.diagonal(dim1=1, dim2=2).add_(PENALTY)
    moment = train @ left["train"] / train.shape[2]
    weight = torch.cholesky_solve(moment, torch.linalg.cholesky(gram))
    after = (left["validation"] - x["validation"] @ weight).square().sum(dim=(1, 2))
    return 1 - after / left["validation"].square().sum(dim=(1, 2)).clamp_min(1e-300)


def _residuals(seen: Seen, split: str, predicted: Tensor) -> Tensor:
    """Return labels less predictions, ``(K, n, classes)`` or ``(K, n, 1)``."""
    y, classes = seen.labels[split], seen.draw.classes
    if classes is None:
        return (y - predicted).unsqueeze(2)
    return torch.nn.functional.one_hot(y, classes) - predicted.exp()


def _better(
    seen: Seen,
    probe: Probe,
    predicted: Features,
    x: Features,
    products: Features,
    promising: Tensor,
) -> Features:
    """Return predictions by products too, of those encoders where they are better on validation."""

    def both(split: str, rows: Tensor) -> Tensor:
        return torch.cat([x(split, rows), products(split, rows)], dim=2)

    fitted = fit(seen, probe, both, promising)
    loss, y = scoring.LOSS[seen.draw.task], seen.labels["validation"]
    now = loss(predicted("validation", promising), y)
    then = loss(fitted(both("validation", promising), torch.arange(len(promising))), y)
    place = torch.full((len(seen.every),), -1)  # among the promising, of those that are better
    place[promising] = torch.where(then < now, torch.arange(len(promising)), -1)

    def chosen(split: str, rows: Tensor) -> Tensor:
        found = predicted(split, rows)
        better = place[rows] >= 0
        if better.any():
            own = rows[better]
            found[better] = fitted(both(split, own), place[own])
        return found

    return chosen
