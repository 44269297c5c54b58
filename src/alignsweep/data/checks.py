"""What options of a dataset must fulfil together, beyond the rule that each has by itself.

Light, because the workflow reads it before every job. Each function gets the options of a dataset,
complete with defaults, and returns what is allowed if they do not go together, else None.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Options = Mapping[str, Any]

#: Images of scikit-learn's handwritten digits.
DIGITS = 1797
#: Features per frame that an audio sequence can have; for MFCC, also the mel bands behind them.
MOST_BANDS = {"logmel": 128, "mfcc": 40}


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
    "digits": digits,
    "avmnist": avmnist,
    "multibench": multibench,
}
