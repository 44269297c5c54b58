"""Two modalities of Gaussian factors: everything that may decide on alignment is an option.

Of the factors behind a sample some tell of the label and some do not (nuisance), and of either kind
some are seen by both modalities and some by one alone:

    shared signal      `shared` factors, seen by both
    unique signal      `unique` factors of a, and of b
    shared nuisance    `nuisance` factors, seen by both
    private nuisance   `private` factors of each

A modality shows its factors through a random rotation into `features` dimensions, with noise of its
own on each of them; b optionally through a fixed random network. Within a class the signal has
deviation 1. With labels that are classes its means differ by class; labels that are numbers are a
weighted sum of it.

Within a class all is Gaussian, so that I(A; B | Y) is exact. What is known of the label is exact
for numbers; for classes the posterior is, and its mean is taken over `SAMPLED` samples.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from alignsweep import seeds
from alignsweep.data.checks import factors_misfit
from alignsweep.data.resampling import Resampling, made_by
from alignsweep.data.scaling import standardise
from alignsweep.data.store import Pairs, fact, split_codes
from alignsweep.options import INTERNAL, Each, Heterogeneity, Positive, Samples, Seed, rule

Array = NDArray[np.float64]

#: Samples over which a posterior is averaged.
SAMPLED = 20_000
#: Standard deviation of what no factor tells of a label that is a number.
LABEL_NOISE = 0.3

Number = Annotated[int, rule(minimum=0, allowed="an integer of at least 0")]
OfEach = Annotated[
    tuple[int, int],
    rule(items={"minimum": 0}, minItems=2, maxItems=2, allowed="two integers of at least 0"),
]
PositiveOfEach = Annotated[
    tuple[float, float],
    rule(items={"exclusiveMinimum": 0}, minItems=2, maxItems=2, allowed="two numbers above 0"),
]


@dataclass(frozen=True)
class Factors:
    """The distribution: numbers of factors and what they weigh; see `generate` for the options."""

    shared: int
    unique: tuple[int, int]
    nuisance: int
    private: tuple[int, int]
    classes: int | None
    separation: float
    loading: float
    noise: tuple[float, float]
    imbalance: float
    world_seed: int

    def priors(self) -> Array:
        """Return p(y), ``(classes,)``: shares fall evenly on a log scale."""
        assert self.classes is not None
        odds = self.imbalance ** -np.linspace(0, 1, self.classes)
        return np.asarray(odds / odds.sum())

    def means(self) -> Array:
        """Return the means of the signal by class ``(classes, signal)``: shared, of a, of b.

        Their spread over the classes is `separation` in every factor.
        """
        assert self.classes is not None
        shape = (self.classes, self.shared + sum(self.unique))
        drawn = np.random.default_rng([self.world_seed, 0]).standard_normal(shape)
        drawn -= drawn.mean(axis=0)
        return np.asarray(self.separation * drawn / drawn.std(axis=0))

    def weights(self) -> Array:
        """Return the weights of the signal in a label that is a number, of unit length."""
        drawn = np.random.default_rng([self.world_seed, 0]).uniform(
            0.5, 1, size=self.shared + sum(self.unique)
        )
        return np.asarray(drawn / np.linalg.norm(drawn))

    def conditional_information(self) -> float:
        """Return I(A; B | Y) in bits.

        For classes, a sum over the factors that both see: each is Gaussian within a class, of
        correlation r between what the two see of it. Numbers tie the signal together: there,
        from the covariance of all that is seen.
        """
        if self.classes is None:
            return self._conditional_of_numbers()
        scales = np.repeat([1.0, self.loading**2], [self.shared, self.nuisance])
        seen_a, seen_b = (scales + s**2 for s in self.noise)
        return float(-0.5 * np.log2(1 - scales**2 / (seen_a * seen_b)).sum())

    def label_information(self) -> tuple[dict[str, float], dict[str, float]]:
        """Return what a, b and both tell of the label, in bits, and the accuracy it allows.

        No accuracies where labels are numbers.
        """
        if self.classes is None:
            rest = {m: 1 - self._explained(m) for m in ("a", "b", "a+b")}
            return {m: float(-0.5 * np.log2(v)) for m, v in rest.items()}, {}
        rng = np.random.default_rng([self.world_seed, 3])
        y = rng.choice(self.classes, size=SAMPLED, p=self.priors())
        means, entropy = self.means(), -(self.priors() * np.log2(self.priors())).sum()
        bits, accuracy = {}, {}
        for m in ("a", "b", "a+b"):
            scale = np.sqrt(1 + self._seen_noise(m))
            known = np.isfinite(scale)
            x = (means[y][:, known] / scale[known]) + rng.standard_normal((SAMPLED, known.sum()))
            centres = means[:, known] / scale[known]
            # log p(x, y), up to what does not depend on y
            log_p = x @ centres.T - 0.5 * (centres**2).sum(axis=1) + np.log(self.priors())
            log_p -= np.logaddexp.reduce(log_p, axis=1, keepdims=True)
            bits[m] = max(0.0, float(entropy + log_p[np.arange(SAMPLED), y].mean() / np.log(2)))
            accuracy[m] = float(np.exp(log_p.max(axis=1)).mean())
        return bits, accuracy

    def spread(self, modality: str, features: int) -> float:
        """Return the standard deviation of a modality's features, all together."""
        m = "ab".index(modality)
        signal = 1 + (self.separation**2 if self.classes else 0)
        total = signal * (self.shared + self.unique[m])
        total += self.loading**2 * (self.nuisance + self.private[m])
        return float(np.sqrt(total / features + self.noise[m] ** 2))

    def _seen_noise(self, modality: str) -> Array:
        """Return the variance of the noise on every signal factor; infinite where it is not seen.

        Shared factors are seen twice by both together, and their precisions add.
        """
        precision = np.zeros(self.shared + sum(self.unique))
        for m, sigma in zip("ab", self.noise, strict=True):
            if m in modality:
                precision[self.places(m)] += 1 / sigma**2
        with np.errstate(divide="ignore"):
            return np.asarray(1 / precision)

    def places(self, modality: str) -> NDArray[np.intp]:
        """Return the positions of the signal factors that a modality sees."""
        first = self.shared + (self.unique[0] if modality == "b" else 0)
        own = self.unique["ab".index(modality)]
        return np.r_[: self.shared, first : first + own]

    def _explained(self, modality: str) -> float:
        """Return the share of a numeric label's variance that is known."""
        known = self.weights() ** 2 / (1 + self._seen_noise(modality))
        return float(known.sum() / (1 + LABEL_NOISE**2))

    def _conditional_of_numbers(self) -> float:
        """Return I(A; B | Y) by log determinants of the covariance of what is seen."""
        places = [self.places(m) for m in "ab"]
        sizes = [len(p) for p in places]
        cross = (places[0][:, None] == places[1][None, :]).astype(float)
        seen = np.block([
            [(1 + self.noise[0] ** 2) * np.eye(sizes[0]), cross],
            [cross.T, (1 + self.noise[1] ** 2) * np.eye(sizes[1])],
        ])  # fmt: skip
        w = np.concatenate([self.weights()[p] for p in places])
        given = seen - np.outer(w, w) / (1 + LABEL_NOISE**2)
        parts = [given[: sizes[0], : sizes[0]], given[sizes[0] :, sizes[0] :], given]
        a, b, both = (np.linalg.slogdet(part)[1] / np.log(2) for part in parts)
        scale = self.loading**2
        square = scale**2 / ((scale + self.noise[0] ** 2) * (scale + self.noise[1] ** 2))
        return float(0.5 * (a + b - both) - 0.5 * self.nuisance * np.log2(1 - square))


def generate(
    name: str | None = None,
    *,
    shared: Annotated[Number, Each("shared", "S{}")],
    unique: OfEach = (2, 2),
    nuisance: Annotated[Number, Each("nuisance", "N{}")] = 2,
    private: OfEach = (2, 2),
    classes: Annotated[
        int | None, rule(minimum=2, allowed="an integer of at least 2, or null for numbers")
    ] = 4,
    separation: Positive = 1.0,
    loading: Positive = 1.0,
    noise: PositiveOfEach = (0.5, 0.5),
    features: OfEach = (20, 20),
    imbalance: Annotated[float, rule(minimum=1, allowed="a number of at least 1")] = 1.0,
    heterogeneity: Heterogeneity = 0,
    train: Samples = 600,
    validation: Samples = 1000,
    test: Samples = 4096,
    world_seed: Seed = 0,
    resample: Literal["samples", "none"] = "samples",
    seed: Seed = 0,
    draw: Annotated[int, INTERNAL] = 0,
) -> Pairs:
    """Sample a dataset of Gaussian factors, with its facts.

    Parameters
    ----------
    name
        Name of the dataset; by default ``factors-S{shared}-N{nuisance}``.
    shared
        Factors that tell of the label and that both modalities see.
    unique
        Factors that tell of the label and that only a, and only b, sees, as ``[a, b]``.
    nuisance
        Factors that both see and that do not tell of the label.
    private
        Factors that only a, and only b, sees and that do not tell of the label.
    classes
        Number of classes; ``null``: labels are numbers.
    separation
        Spread of the class means, in standard deviations within a class; not for numbers.
    loading
        Standard deviation of nuisance, where that of signal is 1.
    noise
        Standard deviation of the noise on every feature of a and of b.
    features
        Dimensions of the inputs of a and of b, at least their factors.
    imbalance
        How many times more frequent the first class is than the last.
    heterogeneity
        Depth, 0 to 10, of a fixed random tanh network through which b is seen. It is one to one.
    train
        Training pairs.
    validation
        Pairs on which the probe's penalty and the optimal strength are chosen.
    test
        Pairs on which everything is reported.
    world_seed
        Seed of class means, weights, rotations and network.
    resample
        ``samples``: every seed has samples of its own; ``none``: all seeds share them.
    seed
        Seed of the samples; independent of `world_seed`.
    draw
        Which of the samples of that seed, see `Pairs.draw`.

    Returns
    -------
    Pairs
        Modalities ``a`` and ``b``, float32, each feature standardised by the training split. Facts
        as of `synthetic.generate`, but for ``redundancy``.

    Raises
    ------
    ValueError
        If there are fewer features than factors, or no signal at all.
    """
    made_of = made_by("factors", locals())
    if allowed := factors_misfit(shared, nuisance, unique, private, features):
        raise ValueError(
            f"features is {list(features)}, with shared {shared}, nuisance {nuisance}, unique "
            f"{list(unique)}, private {list(private)}; allowed: {allowed}"
        )
    world = Factors(
        shared, (unique[0], unique[1]), nuisance, (private[0], private[1]), classes,
        separation, loading, (noise[0], noise[1]), imbalance, world_seed,
    )  # fmt: skip
    name = name or f"factors-S{shared}-N{nuisance}"
    rng = seeds.generator(name, draw, seeds.SAMPLES, seed)
    n, split = train + validation + test, split_codes(train, validation, test)
    signal = rng.standard_normal((n, shared + sum(unique)))
    if classes is None:
        labels: NDArray[Any] = signal @ world.weights() + LABEL_NOISE * rng.standard_normal(n)
    else:
        labels = _labels(world.priors(), split, rng)
        signal += world.means()[labels]
    common = loading * rng.standard_normal((n, nuisance))
    inputs = {}
    for m, modality in enumerate("ab"):
        own = loading * rng.standard_normal((n, private[m]))
        latent = np.hstack([signal[:, world.places(modality)], common, own])
        fixed = np.random.default_rng([world_seed, 1 + m])  # the world stays when samples change
        rotation, _ = np.linalg.qr(fixed.standard_normal((features[m], latent.shape[1])))
        x = latent @ rotation.T + noise[m] * rng.standard_normal((n, features[m]))
        if m and heterogeneity:
            x /= world.spread("ab"[m], features[m])
            for _ in range(heterogeneity):
                turn, _ = np.linalg.qr(fixed.standard_normal((features[m], features[m])))
                x = np.tanh(x @ turn)
        standardise(x, split == 0)
        inputs[modality] = x.astype(np.float32)
    bits, accuracy = world.label_information()
    inside = world.conditional_information()
    between = inside + bits["a"] + bits["b"] - bits["a+b"]
    return Pairs(
        name=name,
        inputs=inputs,
        labels=labels,
        split=split,
        classes=classes,
        facts=[
            fact("a+b", "nuisance", nuisance),
            fact("a+b", "shared_information_bits", between),
            fact("a+b", "conditional_information_bits", inside),
            *(fact(m, "mutual_information_bits", v) for m, v in bits.items()),
            *(fact(m, "bayes_accuracy", v) for m, v in accuracy.items()),
        ],
        resampling=None if resample == "none" else Resampling("samples", make=made_of),
    )


def _labels(priors: Array, split: NDArray[np.int8], rng: np.random.Generator) -> NDArray[np.int64]:
    """Draw classes; every class is in every split at least once."""
    labels = rng.choice(len(priors), size=len(split), p=priors)
    for part in range(3):
        rows = np.flatnonzero(split == part)
        chosen = rng.choice(rows, size=min(len(rows), len(priors)), replace=False)
        labels[chosen] = np.arange(len(chosen))
    return labels
