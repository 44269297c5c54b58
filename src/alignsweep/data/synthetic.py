"""Two modalities of bits whose information about the label is known exactly.

The distribution is that of Tjandrasuwita et al. (ICML 2025, arXiv 2502.16282), which the AAAI 2026
study (arXiv 2511.12121) uses too. A sample has 8 shared bits, seen by both modalities, and 4
unique bits per modality, all fair coins. The label depends on 8 of these 16 bits: on `redundancy`
shared ones, on ``(8 - redundancy) // 2`` unique to a, and on the rest unique to b. Since only 8
bits matter, the joint distribution is a table of 256 rows, and every quantity below is exact.

Shared bits that do not matter are nuisance. There are 8 - R of them in the published distribution,
so that redundancy and nuisance go together; here each can be chosen by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray

from alignsweep import seeds
from alignsweep.data.checks import LABEL_BITS, misfit, nuisance_bits, unique_bits
from alignsweep.data.resampling import Resampling, made_by
from alignsweep.data.store import Pairs, fact, split_codes
from alignsweep.options import (
    INTERNAL,
    MAX_HETEROGENEITY,
    Each,
    Heterogeneity,
    Named,
    Positive,
    Samples,
    Seed,
    rule,
)

#: Bits that a modality has; with a network behind them, all 2**bits inputs are looked at.
BITS, MOST_BITS = 12, 16
CLASSES = 4

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Distribution:
    """The exact joint distribution of the label bits and the label.

    Attributes
    ----------
    table
        ``(2**shared, 2**unique_a, 2**unique_b, classes)``: p(y | bits). The bit patterns are
        uniform; within an axis the first bit is the slowest.
    shared, unique_a, unique_b
        Number of label bits of each kind.
    """

    table: Array
    shared: int
    unique_a: int
    unique_b: int

    def conditional(self, *seen: str) -> Array:
        """Return p(y | the seen parts) as rows; parts are "shared", "unique_a", "unique_b"."""
        hidden = [i for i, k in enumerate(("shared", "unique_a", "unique_b")) if k not in seen]
        return self.table.mean(axis=tuple(hidden)).reshape(-1, CLASSES)

    def joint(self) -> Array:
        """Return p(a, b, y), ``(2**(shared + unique_a), 2**(shared + unique_b), classes)``.

        a and b are the label bits that each modality sees, shared ones first.
        """
        shared, a, b = 2**self.shared, 2**self.unique_a, 2**self.unique_b
        p = np.zeros((shared, a, shared, b, CLASSES))
        index = np.arange(shared)
        p[index, :, index] = self.table / (shared * a * b)
        return p.reshape(shared * a, shared * b, CLASSES)

    def information(self, *seen: str) -> float:
        """Return I(seen parts; Y) in bits."""
        p_y = self.table.mean(axis=(0, 1, 2))
        return _entropy(p_y) - float(np.mean([_entropy(p) for p in self.conditional(*seen)]))

    def conditional_information(self, nuisance: int) -> float:
        """Return I(A; B | Y) in bits, of modalities that share so many bits of nuisance, too."""
        shared = self.shared + nuisance  # I(A; B): shared bits are fair coins
        a, b = self.information("shared", "unique_a"), self.information("shared", "unique_b")
        return shared + self.information("shared", "unique_a", "unique_b") - a - b

    def bayes_accuracy(self, *seen: str) -> float:
        """Return E max_y p(y | seen parts): the accuracy no predictor can exceed."""
        return float(self.conditional(*seen).max(axis=1).mean())


def distribution(
    redundancy: int,
    *,
    unique: Sequence[int] | None = None,
    temperature: float = 0.05,
    weights_seed: int = 2,
    balance_tolerance: float = 1e-9,
) -> Distribution:
    """Build the label distribution, exactly.

    ``p(y | bits) = softmax(bits @ W / temperature)`` with bits in {0, 1} and W uniform in (0, 1)
    with rows of unit length; then p(y) is balanced by rescaling over y until it is uniform.

    Parameters
    ----------
    redundancy
        Number of label bits both modalities see, 0 to 8.
    unique
        Numbers of label bits that only a and only b see; None: the rest of 8, divided evenly.
    temperature
        Softmax temperature: the lower, the more the bits determine the label.
    weights_seed
        Seed of W.
    balance_tolerance
        Balance until ``|p(y) - 1/4|`` is within it for every y. (The predecessor stops at 0.01.)

    Raises
    ------
    ValueError
        If numbers of bits or `temperature` are out of range, or p(y) cannot be balanced.
    """
    unique_a, unique_b = unique_bits(redundancy, unique)
    if allowed := misfit(redundancy, 0, unique, MOST_BITS):
        raise ValueError(f"redundancy is {redundancy} and unique {unique}; allowed: {allowed}")
    bits = redundancy + unique_a + unique_b
    if not temperature > 0:
        raise ValueError(f"temperature is {temperature}; allowed: above 0")
    # The legacy generator, because the published distributions are defined by it.
    weights = np.random.RandomState(weights_seed).uniform(0, 1, size=(bits, CLASSES))
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    logits = _patterns(bits) @ weights / temperature
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    for _ in range(10_000):
        p_y = p.mean(axis=0)
        if np.abs(p_y - 1 / CLASSES).max() <= balance_tolerance:
            break
        p *= (1 / CLASSES) / p_y
        p /= p.sum(axis=1, keepdims=True)
    else:
        raise ValueError(f"p(y) cannot be balanced to {balance_tolerance} at {temperature=}")
    table = p.reshape(2**redundancy, 2**unique_a, 2**unique_b, CLASSES)
    return Distribution(table, redundancy, unique_a, unique_b)


def generate(
    name: str | None = None,
    *,
    redundancy: Annotated[
        int,
        rule(minimum=0, maximum=LABEL_BITS, allowed=f"an integer from 0 to {LABEL_BITS}"),
        Each("redundancy", "R{}"),
    ],
    nuisance: Annotated[
        int | None,
        rule(minimum=0, allowed="an integer of at least 0, or null"),
        Each("nuisance", "N{}"),
    ] = None,
    unique: Annotated[
        tuple[int, int] | None,
        rule(items={"minimum": 0}, minItems=2, maxItems=2, allowed="two integers, or null"),
        Named("U{0[0]}-{0[1]}"),
    ] = None,
    bits: Annotated[
        int,
        rule(minimum=1, maximum=MOST_BITS, allowed=f"an integer from 1 to {MOST_BITS}"),
    ] = BITS,
    train: Samples = 1024,
    validation: Samples = 4096,
    test: Samples = 16384,
    temperature: Annotated[float, rule(minimum=1e-3, allowed="a number of at least 0.001")] = 0.05,
    weights_seed: Seed = 2,
    balance_tolerance: Positive = 1e-9,
    heterogeneity: Heterogeneity = 0,
    resample: Literal["samples", "none"] = "samples",
    seed: Seed = 0,
    draw: Annotated[int, INTERNAL] = 0,
) -> Pairs:
    """Sample a dataset from `distribution`, with its exact facts.

    Inputs are bits of each modality, coded -1/+1: shared ones, then its own. The label bits are the
    first of either kind.

    Parameters
    ----------
    name
        Name of the dataset; by default ``synthetic-R{redundancy}``.
    redundancy
        R, 0 to 8: how many of the 8 label bits both modalities see. At R = 8 all information is
        redundant, at R = 0 all is unique to one modality.
    nuisance
        How many more bits both modalities see, which do not matter to the label; ``null``: 8 - R,
        as in the published distribution, or as many as there are bits for.
    unique
        How many label bits only a, and only b, sees, as ``[a, b]``; ``null``: the rest of 8,
        divided evenly.
    bits
        Bits of a modality. Those that are neither the label's nor shared are its private nuisance.
    train
        Training pairs. Large training sets hide the effect: the encoders then reach the ceiling at
        every strength.
    validation
        Pairs on which the probe's penalty and the optimal strength are chosen.
    test
        Pairs on which everything is reported. Many, because gains are of the order of 0.005 to
        0.010.
    temperature
        Softmax temperature of the label given its bits. Higher means noisier labels and lower
        ceilings.
    weights_seed
        Seed of the weights that turn bits into labels, and of the network of `heterogeneity`; 2 is
        the published distribution.
    balance_tolerance
        How far class probabilities may be from uniform. The predecessor stopped at 0.01.
    heterogeneity
        Depth, 0 to 10, of a fixed random tanh network through which modality b is seen. Its layers
        are rotations, so it is one to one: all information is kept, the facts stay exact, and only
        the form differs.
    resample
        ``samples``: every seed has samples of its own, so that intervals hold for new data;
        ``none``: all seeds share them.
    seed
        Seed of the samples; independent of `weights_seed`.
    draw
        Which of the samples of that seed, see `Pairs.draw`.

    Returns
    -------
    Pairs
        Modalities ``a`` and ``b``, 4 classes. Facts, per modality and for ``a+b``:
        ``mutual_information_bits`` with the label and ``bayes_accuracy``; for ``a+b`` also
        ``redundancy`` and ``nuisance``, and what the modalities tell about each other,
        ``shared_information_bits``, I(A; B), and ``conditional_information_bits``, I(A; B | Y).

    Raises
    ------
    ValueError
        If the bits do not fit, or an option is out of range.
    """
    made_of = made_by("synthetic", locals())
    if not 0 <= heterogeneity <= MAX_HETEROGENEITY:
        raise ValueError(f"heterogeneity is {heterogeneity}; allowed: 0 to {MAX_HETEROGENEITY}")
    if allowed := misfit(redundancy, nuisance, unique, bits):
        raise ValueError(
            f"redundancy is {redundancy}, nuisance {nuisance}, unique {unique}, bits {bits}; "
            f"allowed: {allowed}"
        )
    dist = distribution(
        redundancy,
        unique=unique,
        temperature=temperature,
        weights_seed=weights_seed,
        balance_tolerance=balance_tolerance,
    )
    nuisance = nuisance_bits(redundancy, nuisance, unique, bits)
    name = name or f"synthetic-R{redundancy}"
    sample_rng = seeds.generator(name, draw, seeds.SAMPLES, seed)
    warp_rng = np.random.default_rng([weights_seed, 1])  # the world stays when samples are redrawn
    n = train + validation + test
    both = redundancy + nuisance
    shared = sample_rng.integers(0, 2, size=(n, both), dtype=np.int8)
    own_a, own_b = sample_rng.integers(0, 2, size=(2, n, bits - both), dtype=np.int8)
    p = dist.table[
        _codes(shared[:, : dist.shared]),
        _codes(own_a[:, : dist.unique_a]),
        _codes(own_b[:, : dist.unique_b]),
    ]
    labels = (sample_rng.random((n, 1)) > p.cumsum(axis=1)[:, :-1]).sum(axis=1)
    x_a, x_b = (2 * np.hstack([shared, own]) - 1 for own in (own_a, own_b))
    parts = {
        "a": ("shared", "unique_a"),
        "b": ("shared", "unique_b"),
        "a+b": ("shared", "unique_a", "unique_b"),
    }
    return Pairs(
        name=name,
        inputs={"a": x_a, "b": _warp(x_b, heterogeneity, warp_rng) if heterogeneity else x_b},
        labels=labels,
        split=split_codes(train, validation, test),
        classes=CLASSES,
        facts=[
            fact("a+b", "redundancy", redundancy),
            fact("a+b", "nuisance", nuisance),
            fact("a+b", "shared_information_bits", both),
            fact("a+b", "conditional_information_bits", dist.conditional_information(nuisance)),
            *(fact(m, "mutual_information_bits", dist.information(*s)) for m, s in parts.items()),
            *(fact(m, "bayes_accuracy", dist.bayes_accuracy(*s)) for m, s in parts.items()),
        ],
        resampling=None if resample == "none" else Resampling("samples", make=made_of),
    )


def _warp(x: NDArray[np.int8], depth: int, rng: np.random.Generator) -> NDArray[np.float32]:
    """Send bits through `depth` layers of a random rotation and a tanh; unit variance out."""
    width = x.shape[1]
    h = x.astype(np.float64)
    every = 2 * _patterns(width) - 1  # all inputs there are, to standardise exactly
    for _ in range(depth):
        rotation, _ = np.linalg.qr(rng.standard_normal((width, width)))
        h, every = np.tanh(h @ rotation), np.tanh(every @ rotation)
    return ((h - every.mean(axis=0)) / every.std(axis=0)).astype(np.float32)


def _patterns(bits: int) -> Array:
    """Return all bit patterns, ``(2**bits, bits)``, the first bit slowest."""
    return (np.arange(2**bits)[:, None] >> np.arange(bits)[::-1] & 1).astype(np.float64)


def _codes(bits: NDArray[np.int8]) -> NDArray[np.int64]:
    """Return the row number of each pattern in `_patterns`."""
    return bits.astype(np.int64) @ (1 << np.arange(bits.shape[1])[::-1])


def _entropy(p: Array) -> float:
    """Return the entropy of a distribution, in bits."""
    p = p[p > 0]
    return float(-(p * np.log2(p)).sum())


def exact_joint(
    *,
    redundancy: int,
    unique: Sequence[int] | None = None,
    temperature: float = 0.05,
    weights_seed: int = 2,
    balance_tolerance: float = 1e-9,
    **sampling: object,
) -> Array:
    """Return the exact p(a, b, y) behind `generate`, from the same options."""
    return distribution(
        redundancy,
        unique=unique,
        temperature=temperature,
        weights_seed=weights_seed,
        balance_tolerance=balance_tolerance,
    ).joint()
