"""What options of a dataset must fulfil together, beyond the rule that each has by itself.

Light, because the workflow reads it before every job. Each function gets the options of a dataset,
complete with defaults, and returns what is allowed if they do not go together, else None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any, NamedTuple

from alignsweep.shapes import Shape

Options = Mapping[str, Any]

#: Images of scikit-learn's handwritten digits.
DIGITS = 1797
#: Features per frame that an audio sequence can have; for MFCC, also the mel bands behind them.
MOST_BANDS = {"logmel": 128, "mfcc": 40}
#: Most bits of the synthetic data that the label depends on.
LABEL_BITS = 8


#: Kinds of datasets that are made, not measured.
SIMULATED = ("synthetic", "factors", "world")


class MultiView(NamedTuple):
    """A set whose samples are described in several ways, and how it is usually split."""

    samples: int
    classes: int
    views: tuple[str, ...]
    train: int
    validation: int
    #: Whether its features are counts of words.
    words: bool = False


#: set of the kind ``multiview`` -> what it is
MULTIVIEW = {
    "mfeat": MultiView(2000, 10, ("fac", "fou", "kar", "mor", "pix", "zer"), 600, 700),
    "msrc-v1": MultiView(210, 7, ("x1", "x2", "x3", "x4", "x5", "x6"), 105, 50),
    "3-sources": MultiView(169, 6, ("bbc", "guardian", "reuters"), 85, 40, words=True),
    "webkb": MultiView(203, 4, ("x1", "x2", "x3"), 100, 50, words=True),
}


def unique_bits(redundancy: int, unique: Sequence[int] | None = None) -> tuple[int, int]:
    """Return how many label bits only a, and only b, sees: by default the rest, divided evenly."""
    if unique is not None:
        return unique[0], unique[1]
    rest = LABEL_BITS - redundancy
    return rest // 2, rest - rest // 2


def nuisance_bits(
    redundancy: int, nuisance: int | None, unique: Sequence[int] | None, bits: int
) -> int:
    """Return how many shared bits do not matter to the label: by default 8 - R, if they fit."""
    if nuisance is not None:
        return nuisance
    return max(0, min(LABEL_BITS, bits - max(unique_bits(redundancy, unique))) - redundancy)


def misfit(
    redundancy: int,
    nuisance: int | None,
    unique: Sequence[int] | None,
    bits: int,
) -> str | None:
    """Return what is allowed where these numbers of bits do not fit together, else None."""
    a, b = unique_bits(redundancy, unique)
    if min(redundancy, a, b) < 0 or not 1 <= redundancy + a + b <= LABEL_BITS:
        return f"1 to {LABEL_BITS} label bits in all, redundancy + unique"
    needed = redundancy + nuisance_bits(redundancy, nuisance, unique, bits) + max(a, b)
    if needed <= bits:
        return None
    return (
        f"redundancy + nuisance + unique bits of a modality up to bits, {bits}: "
        f"with redundancy {redundancy} they are {needed}"
    )


def synthetic(options: Options) -> str | None:
    """The bits of every dataset must fit."""
    for redundancy, nuisance in product(options["redundancy"], options["nuisance"]):
        if allowed := misfit(redundancy, nuisance, options["unique"], options["bits"]):
            return allowed
    return None


def factors_misfit(
    shared: int,
    nuisance: int,
    unique: Sequence[int],
    private: Sequence[int],
    features: Sequence[int],
) -> str | None:
    """Return what is allowed where these numbers of factors do not fit together, else None."""
    if shared + sum(unique) < 1:
        return "at least one factor that tells of the label, shared or unique"
    needed = [shared + nuisance + u + p for u, p in zip(unique, private, strict=True)]
    if all(n <= f for n, f in zip(needed, features, strict=True)):
        return None
    return f"at least as many as factors of a modality, here {needed}"


def factors(options: Options) -> str | None:
    """The features of every dataset must be enough for its factors."""
    for shared, nuisance in product(options["shared"], options["nuisance"]):
        of_each = (options[k] for k in ("unique", "private", "features"))
        if allowed := factors_misfit(shared, nuisance, *of_each):
            return allowed
    return None


def digits(options: Options) -> str | None:
    """Images must be left to test on."""
    if options["train"] + options["validation"] < DIGITS:
        return None
    return f"train and validation together below {DIGITS}, the number of images"


def avmnist(options: Options) -> str | None:
    """There are no more coefficients than mel bands behind them."""
    most = MOST_BANDS[options["audio"]]
    return None if options["bands"] <= most else f"bands up to {most} with {options['audio']}"


def multibench(options: Options) -> str | None:
    """The task of a set is known, that of another file is not."""
    given = {key for key in ("set", "file", "task") if options.get(key) is not None}
    fits = "file" not in given if "set" in given else given == {"file", "task"}
    return None if fits else "either a set, or a file with its task"


def multiview_sizes(set: str, train: int | None, validation: int | None) -> tuple[int, int]:
    """Return the sizes of training and validation: of a set, unless they are given."""
    known = MULTIVIEW[set]
    return (
        known.train if train is None else train,
        known.validation if validation is None else validation,
    )


def multiview(options: Options) -> str | None:
    """Samples must be left to test on."""
    samples = MULTIVIEW[options["set"]].samples
    if sum(multiview_sizes(options["set"], options["train"], options["validation"])) < samples:
        return None
    return f"train and validation together below {samples}, the samples of {options['set']}"


#: kind of dataset -> function ``(options)`` -> what is allowed, if they do not go together
CHECKS: dict[str, Callable[[Options], str | None]] = {
    "synthetic": synthetic,
    "factors": factors,
    "digits": digits,
    "avmnist": avmnist,
    "multibench": multibench,
    "multiview": multiview,
}


def _halves(options: Options) -> dict[str, Shape]:
    side = (8, 4) if options["pair"] == "left-right" else (4, 8)
    return dict.fromkeys(options["pair"].split("-"), side)


#: kind of dataset -> function ``(options of one dataset)`` -> modality -> shape of a sample, where
#: the options tell
SHAPES: dict[str, Callable[[Options], dict[str, Shape]]] = {
    "synthetic": lambda o: dict.fromkeys(("a", "b"), (o["bits"],)),
    "digits": _halves,
    "avmnist": lambda o: {"image": (28, 28), "audio": (o["frames"], o["bands"])},
    "avmnist-multibench": lambda o: {"image": (28, 28)},
    "multibench": lambda o: dict.fromkeys(o["pair"].split("-"), (o["steps"], None)),
    "multiview": lambda o: dict.fromkeys(o["pair"].split("-"), (None,)),
}
#: kind of dataset that is made -> its samples
SAMPLES: dict[str, Callable[[Options], int]] = {
    kind: lambda o: o["train"] + o["validation"] + o["test"] for kind in ("synthetic", "avmnist")
}
