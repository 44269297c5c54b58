"""What options of a dataset must fulfil together, beyond the rule that each has by itself.

Light, because the workflow reads it before every job. Each function gets the options of a dataset,
complete with defaults, and returns what is allowed if they do not go together, else None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from typing import Any

Options = Mapping[str, Any]

#: Images of scikit-learn's handwritten digits.
DIGITS = 1797
#: Features per frame that an audio sequence can have; for MFCC, also the mel bands behind them.
MOST_BANDS = {"logmel": 128, "mfcc": 40}
#: Most bits of the synthetic data that the label depends on.
LABEL_BITS = 8


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


#: kind of dataset -> function ``(options)`` -> what is allowed, if they do not go together
CHECKS: dict[str, Callable[[Options], str | None]] = {
    "synthetic": synthetic,
    "digits": digits,
    "avmnist": avmnist,
    "multibench": multibench,
}
