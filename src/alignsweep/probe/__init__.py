"""Probes: what a frozen encoder's embedding tells to a simple model.

A new probe is a class like `Probe` in a file here, named as in the configuration, and an entry in
`PROBES`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from torch import Tensor

from alignsweep.probe.encoders import probe_encoders
from alignsweep.probe.linear import Linear

__all__ = ["PROBES", "Linear", "Probe", "linear_probe", "make", "probe_encoders"]


class Probe(Protocol):
    """What a probe is: a small frozen dataclass of its options with one method."""

    def fit(
        self, x: Tensor, y: Tensor, x_validation: Tensor, y_validation: Tensor, classes: int | None
    ) -> Callable[[Tensor, Tensor], Tensor]:
        """Fit a probe per model and return what predicts.

        Parameters
        ----------
        x, x_validation
            Standardised embeddings ``(M, n, d)``, float64, finite.
        y, y_validation
            ``(n,)`` class labels, or numbers.
        classes
            Number of classes; None if the labels are numbers.

        Returns
        -------
        callable
            From embeddings ``(R, n, d)`` and the models they are of, ``(R,)``, to log-probabilities
            ``(R, n, classes)``, or numbers ``(R, n)``.
        """


#: kind of probe (as in the configuration) -> its class
PROBES: dict[str, type[Any]] = {"linear": Linear}


def make(kind: str = "linear", **options: Any) -> Probe:
    """Make a probe from its entry in the configuration.

    Raises
    ------
    ValueError
        If the kind is unknown.
    """
    if kind not in PROBES:
        raise ValueError(f"probe is {kind!r}; allowed: {', '.join(PROBES)}")
    probe: Probe = PROBES[kind](**options)
    return probe


#: the default probe is linear
linear_probe = probe_encoders
