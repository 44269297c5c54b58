"""Time of the linear probe: the models of a job together against scikit-learn, one by one.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/probe.py

Both fit multinomial logistic regressions by each penalty of the default, to the same objective: the
largest excess of either over the other is printed. Embeddings are made up, classes overlap.
"""

import time

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression

from alignsweep.probe import Linear, logistic

#: models, samples, width, classes
SIZES = ((27, 1024, 6, 4), (27, 300, 8, 10), (27, 300, 80, 10), (3, 30_000, 64, 20))


def embeddings(models: int, n: int, width: int, classes: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Return standardised embeddings ``(models, n, width)`` and labels."""
    rng = np.random.default_rng(0)
    y = rng.integers(classes, size=n)
    centres = 1.5 * rng.standard_normal((classes, width)) / width**0.5
    turned = rng.standard_normal((models, width, width)) / width**0.5
    x = (centres[y] + rng.standard_normal((models, n, width))) @ turned
    x = (x - x.mean(axis=1, keepdims=True)) / x.std(axis=1, keepdims=True)
    return torch.as_tensor(x), torch.as_tensor(y)


def objective(x, y, weight, bias, penalty: float) -> float:
    """Return what is minimised."""
    log_p = torch.log_softmax(x @ torch.as_tensor(weight).T + torch.as_tensor(bias), dim=1)
    loss = -log_p[torch.arange(len(y)), y].mean()
    return float(loss + penalty * (torch.as_tensor(weight) ** 2).sum() / 2)


def compare(models: int, n: int, width: int, classes: int) -> float:
    """Print the time per model of both, and return the ratio."""
    x, y = embeddings(models, n, width, classes)
    theirs = excess = 0.0
    start = time.perf_counter()
    path = logistic.path(x, y, classes, Linear().penalties)
    ours = (time.perf_counter() - start) / models
    for penalty, own in zip(Linear().penalties, path, strict=True):
        start = time.perf_counter()
        # three of the models tell what all would take
        fits = [
            LogisticRegression(C=1 / (n * penalty), max_iter=1000).fit(x[m].numpy(), y.numpy())
            for m in range(min(3, models))
        ]
        theirs += (time.perf_counter() - start) / len(fits)
        for m, fit in enumerate(fits):
            other = objective(x[m], y, fit.coef_, fit.intercept_, penalty)
            excess = max(excess, objective(x[m], y, own.weight[m], own.bias[m], penalty) - other)
    print(
        f"{models} models, {n} x {width}, {classes} classes: together {ours * 1e3:.1f} ms a model, "
        f"scikit-learn {theirs * 1e3:.1f}: {theirs / ours:.1f} x; objective above it by at most "
        f"{excess:.0e}",
        flush=True,
    )
    return theirs / ours


def main() -> None:
    """Compare all sizes."""
    torch.set_num_threads(1)
    for size in SIZES:
        compare(*size)


if __name__ == "__main__":
    main()
