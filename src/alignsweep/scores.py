"""The scores of a probe: what they are called, which way is better, in which unit they are said.

The first score of a task is its headline: the one that figures show and verdicts are about.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

#: The modality that stands for the mean of both modalities' scores: one strength for both encoders.
BOTH = "both"


@dataclass(frozen=True)
class Score:
    """A score of the probe.

    Attributes
    ----------
    name
        As in the column ``metric``.
    label
        As on the axis of a figure.
    higher_is_better
        Whether a larger value is better.
    counted
        Whether it is a share of samples, whose smallest step is one sample; such scores are said in
        points (hundredths).
    """

    name: str
    label: str
    higher_is_better: bool = True
    counted: bool = False

    @property
    def sign(self) -> int:
        """1 if a larger value is better, else -1."""
        return 1 if self.higher_is_better else -1

    def say(self, value: float) -> str:
        """Write a value: 61.3 % of accuracy, 0.413 of the others."""
        return f"{100 * value:.1f} %" if self.counted else f"{value:.3f}"

    def change(self, value: float | None, low: float | None, high: float | None) -> str:
        """Write a change with its interval: in points, or in the score's own unit."""
        if value is None:
            return "not known, since training diverged there"
        factor, digits, unit = (100, 1, " points") if self.counted else (1, 3, "")
        said = f"{factor * value:+.{digits}f}{unit}"
        if low is None or high is None or low != low:
            return f"{said} [one seed]"
        return f"{said} [{factor * low:+.{digits}f}, {factor * high:+.{digits}f}]"


#: task -> its scores
OF_TASK = {
    "classification": (
        Score("accuracy", "probe accuracy", counted=True),
        Score("cross_entropy", "probe cross-entropy (nats)", higher_is_better=False),
        Score("macro_f1", "probe macro F1", counted=True),
    ),
    "regression": (
        Score("correlation", "probe correlation"),
        Score("mae", "probe mean absolute error", higher_is_better=False),
        Score("sign_accuracy", "probe accuracy of the sign", counted=True),
    ),
}
#: name -> score
SCORES = {score.name: score for own in OF_TASK.values() for score in own}
HEADLINES = [own[0].name for own in OF_TASK.values()]


def headline(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the metric that stands for a dataset: accuracy, or correlation."""
    return table[table["metric"].isin(HEADLINES)]
