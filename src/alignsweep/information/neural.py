"""The neural estimator: posteriors by networks, coupled exactly.

After the BATCH estimator of Liang et al. (NeurIPS 2023): classifiers give p(y | a), p(y | b) and
p(y | a, b) on held-out samples, and the coupling of the samples of a with those of b that tells
least about y, given both sets of posteriors, is sought. There a second network proposes the
coupling batch by batch, made feasible by Sinkhorn's algorithm. Here all held-out posteriors are
used at once, gathered in cells, and the convex programme is solved to a certified gap: no network
is trained for it, and the minimum is the minimum.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from alignsweep.information.decomposition import Decomposition, from_marginals
from alignsweep.information.preparation import Array, Prepared, Rows, cluster, standardise

#: Certified gap of the estimate, and of shuffles and resamples, in bits.
FINE, COARSE = 1e-4, 1e-3


@dataclass(frozen=True)
class _Posteriors:
    """What the classifiers say of the counted rows, and the cells of those posteriors."""

    p_a: Array
    p_b: Array
    p_ab: Array
    cells_a: Rows
    cells_b: Rows
    labels: NDArray[np.intp]


class Sampler:
    """Fit classifiers on some rows, decompose the posteriors of the others.

    Parameters
    ----------
    samples
        What is fitted on (three quarters of it train the networks, the rest calibrate them) and
        what is evaluated.
    rng
        Seeds the networks and the cells.
    clusters
        Cells in which the posteriors of a modality are gathered, by k-means of their square roots.
    ensemble
        Networks per classifier, trained as one stack; their log-probabilities are averaged.
    hidden, epochs
        Width of a network's hidden layer and embedding, and passes over the training rows.
    """

    def __init__(
        self,
        samples: Prepared,
        rng: np.random.Generator,
        *,
        clusters: int = 64,
        ensemble: int = 8,
        hidden: int = 32,
        epochs: int = 20,
    ) -> None:
        if len(samples.count) < clusters:
            raise ValueError(
                f"{len(samples.count)} counted samples for {clusters} clusters; needed: more"
            )
        self._x, self._y = (samples.x_a, samples.x_b), samples.y
        self._fit, self._count, self._rng = samples.fit, samples.count, rng
        self._clusters, self._ensemble = clusters, ensemble
        self._hidden, self._epochs = hidden, epochs
        self._found = self._posteriors(self._y)

    def decompose(self) -> Decomposition:
        """Return the estimate."""
        return self._decompose(self._found, [np.arange(len(self._count))], FINE)[0]

    def shuffled(self, rng: np.random.Generator, times: int) -> Iterator[Decomposition]:
        """Return so many estimates with shuffled labels, everything fitted again."""
        for _ in range(times):
            found = self._posteriors(rng.permutation(self._y))
            yield from self._decompose(found, [np.arange(len(self._count))], COARSE)

    def resampled(self, rng: np.random.Generator, times: int) -> Iterator[Decomposition]:
        """Return the estimates of bootstrap samples of the evaluated rows."""
        n = len(self._count)
        yield from self._decompose(
            self._found, [rng.integers(n, size=n) for _ in range(times)], COARSE
        )

    def _decompose(
        self, found: _Posteriors, samples: Sequence[Rows], tolerance: float
    ) -> list[Decomposition]:
        """Return the estimates of samples of the evaluated rows."""
        marginals, totals = [], []
        for rows in samples:
            y = found.labels[rows]
            p_y = np.bincount(y, minlength=found.p_a.shape[1]) / len(rows)
            totals.append(float(np.mean(np.log2(found.p_ab[rows, y] / p_y[y]))))
            tables: list[Array] = []
            for p, cell in ((found.p_a, found.cells_a), (found.p_b, found.cells_b)):
                table = np.zeros((self._clusters, len(p_y)))
                np.add.at(table, cell[rows], _with_classes(p[rows], p_y) / len(rows))
                tables.append(table)
            marginals.append((tables[0], tables[1]))
        # The joint classifier, not the coupling, says what both know together; the union is free.
        unions = from_marginals(marginals, [np.inf] * len(samples), tolerance=tolerance)
        return [
            dataclasses.replace(u, total=total, synergy=total - (u.information_a + u.unique_b))
            for u, total in zip(unions, totals, strict=True)
        ]

    def _posteriors(self, y: NDArray[np.intp]) -> _Posteriors:
        """Fit the classifiers and return what they say of the counted rows."""
        scaled = [standardise(x, self._fit) for x in self._x]
        p_a, p_b = self._classify({"a": scaled[0], "b": scaled[1]}, y)
        both = np.hstack(scaled)
        p_ab, _ = self._classify({"both": both, "again": both[:, :1]}, y)
        cells = [self._cells(p) for p in (p_a, p_b)]
        return _Posteriors(p_a, p_b, p_ab, cells[0], cells[1], y[self._count])

    def _classify(self, inputs: dict[str, Array], y: NDArray[np.intp]) -> list[Array]:
        """Return calibrated posteriors ``(count, classes)`` of two inputs."""
        import torch

        from alignsweep.data.store import Pairs, split_codes
        from alignsweep.probe import logistic
        from alignsweep.training import sweep
        from alignsweep.training.alignment import Alignment
        from alignsweep.training.encoders.mlp import MLP

        cut = 3 * len(self._fit) // 4
        rows = np.concatenate([self._fit, self._count])
        classes = int(y.max()) + 1
        pairs = Pairs(
            name="neural",
            inputs={m: x[rows].astype(np.float32) for m, x in inputs.items()},
            labels=y[rows].astype(np.int64),
            split=split_codes(cut, len(self._fit) - cut, len(self._count)),
            classes=classes,
        )
        first = int(self._rng.integers(2**31))
        trained = sweep.train(
            pairs,
            ["0"],
            [first + i for i in range(self._ensemble)],
            encoder=MLP((self._hidden,), self._hidden),
            training=sweep.Training(epochs=self._epochs, min_steps=0),
            alignment=Alignment(projection=(2,)),
            device="cpu",
        )
        known = torch.as_tensor(pairs.labels[pairs.rows("validation")])
        posteriors = []
        for m, x in pairs.inputs.items():
            held_out = np.concatenate([pairs.rows("validation"), pairs.rows("test")])
            embedding = torch.as_tensor(trained.embed(m, x[held_out]))
            heads = logistic.fit(embedding[:, : len(known)], known, classes, penalty=1e-2)
            log_p = heads.predict(embedding).mean(dim=0, keepdim=True)
            again = logistic.fit(log_p[:, : len(known)], known, classes, penalty=1e-4)
            posteriors.append(again.predict(log_p[:, len(known) :])[0].exp().numpy())
        return posteriors

    def _cells(self, p: Array) -> Rows:
        return cluster(np.sqrt(p), np.arange(len(p)), self._clusters, self._rng, starts=1)


def _with_classes(p: Array, p_y: Array) -> Array:
    """Rescale posteriors over y until their mean is p(y), rows still summing to 1."""
    for _ in range(500):
        mean = p.mean(axis=0)
        if np.abs(mean - p_y).max() < 1e-13:
            break
        p = p * (p_y / mean)
        p = p / p.sum(axis=1, keepdims=True)
    return p
