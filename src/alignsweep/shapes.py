"""Which inputs an encoder takes: known before the first job, and held against the data again.

Light, because the workflow reads a study before every job.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

#: Shape of a sample; None where a length is not known yet.
Shape = Sequence[int | None]
#: Numbers of channels by which an axis of an image is told.
CHANNELS = (1, 3, 4)


class Misfit(NamedTuple):
    """An option of an encoder that its inputs do not allow, and what they do."""

    option: str
    allowed: str


def transformer(options: Mapping[str, Any], shape: Shape) -> Misfit | None:
    """Say what of a transformer's options does not fit inputs ``(steps, features)``."""
    if len(shape) != 2:
        needed = f"a transformer needs inputs (steps, features), not {written(shape)}"
        return Misfit("kind", f"another encoder, since {needed}")
    return _heads(options, shape[1])


def vit(options: Mapping[str, Any], shape: Shape) -> Misfit | None:
    """Say the same of a ViT's, with inputs ``(height, width)`` or with channels behind."""
    if len(shape) not in (2, 3):
        needed = f"a ViT needs images (height, width) or with channels, not {written(shape)}"
        return Misfit("kind", f"another encoder, since {needed}")
    patch = options["patch"]
    if any(side is not None and side % patch for side in shape[:2]):
        return Misfit("patch", f"a divisor of the image's sides, {shape[0]} and {shape[1]}")
    channels = shape[2] if len(shape) == 3 else 1
    return _heads(options, None if channels is None else patch**2 * channels)


def _heads(options: Mapping[str, Any], features: int | None) -> Misfit | None:
    dimension = options["dimension"] or features
    if dimension is None or dimension % options["heads"] == 0:
        return None
    return Misfit("heads", f"a divisor of the dimension, {dimension}")


def written(shape: Shape) -> str:
    """Write a shape, with dots for what is not known."""
    lengths = ["..." if n is None else str(n) for n in shape]
    return f"({', '.join(lengths)}{',' * (len(lengths) == 1)})"


def check(kind: str, options: Mapping[str, Any], shape: Shape) -> None:
    """Raise ValueError if options of a kind of encoder do not fit inputs of a shape."""
    if found := MISFITS[kind](options, shape):
        value = {"kind": kind, **options}[found.option]
        raise ValueError(f"{found.option} is {value}; allowed: {found.allowed}")


#: kind of encoder -> function ``(options, shape)`` -> what does not fit, if anything
MISFITS: dict[str, Callable[[Mapping[str, Any], Shape], Misfit | None]] = {
    "transformer": transformer,
    "vit": vit,
}
