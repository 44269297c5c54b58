"""What encoders are scored for, and the scores: names, which way is better, in which unit.

What a score is for is its *use*: each encoder alone, both together, one modality in place of the
other, finding one modality's sample by the other's. The first score of a use is its headline: the
one that figures show and verdicts are about.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

#: The modality that stands for the mean of both modalities' scores: one strength for both encoders.
BOTH = "both"

UNIMODAL, FUSED, TRANSFER, RETRIEVAL = "unimodal", "fused", "transfer", "retrieval"
#: Uses of which a control could do as well: to find pairs takes pairs.
CONTROLLED = (UNIMODAL, FUSED)
#: use -> what it is, in a few words
USES = {
    UNIMODAL: "each encoder alone",
    FUSED: "both together",
    TRANSFER: "one in place of the other",
    RETRIEVAL: "finding pairs",
}


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
    low, high
        Its range.
    """

    name: str
    label: str
    higher_is_better: bool = True
    counted: bool = False
    low: float = 0.0
    high: float = inf

    @property
    def sign(self) -> int:
        """1 if a larger value is better, else -1."""
        return 1 if self.higher_is_better else -1

    def say(self, value: float) -> str:
        """Write a value: 61.3 % of accuracy, 0.413 of the others."""
        return f"{100 * value:.1f} %" if self.counted else f"{value:.3f}"

    @property
    def thing(self) -> str:
        """What is scored, without the probe: accuracy, recall at 1."""
        return self.label.removeprefix("probe ")

    def change(
        self, value: float | None, low: float | None, high: float | None, *, named: bool = False
    ) -> str:
        """Write a change with its interval, in points or the score's unit; if `named`, of what."""
        if value is None:
            return "not known, since training diverged there"
        factor, digits, unit = (100, 1, " points") if self.counted else (1, 3, "")
        if named:
            unit += f" of {self.thing}" if self.counted else f" in {self.thing}"

        def said(number: float) -> str:
            # as many digits as it takes to see on which side of 0 it is, up to two more
            more = (d for d in range(digits, digits + 3) if round(factor * number, d))
            own = next(more, digits)
            return f"{round(factor * number, own) + 0.0:+.{own}f}"  # no -0.0

        if low is None or high is None or low != low:
            return f"{said(value)}{unit} [one seed]"
        return f"{said(value)}{unit} [{said(low)}, {said(high)}]"


#: task -> its scores
OF_TASK = {
    "classification": (
        Score("accuracy", "probe accuracy", counted=True, high=1),
        Score("cross_entropy", "probe cross-entropy (nats)", higher_is_better=False),
        Score("macro_f1", "probe macro F1", counted=True, high=1),
    ),
    "regression": (
        Score("correlation", "probe correlation", low=-1, high=1),
        Score("mae", "probe mean absolute error", higher_is_better=False),
        Score("sign_accuracy", "probe accuracy of the sign", counted=True, high=1),
    ),
}
#: the scores of retrieval, whatever the task
OF_RETRIEVAL = (
    Score("recall_at_1", "recall at 1", counted=True, high=1),
    Score("recall_at_5", "recall at 5", counted=True, high=1),
    Score("median_rank", "median rank", higher_is_better=False, low=1),
    Score("mean_reciprocal_rank", "mean reciprocal rank", high=1),
)
#: name -> score
SCORES = {score.name: score for own in (*OF_TASK.values(), OF_RETRIEVAL) for score in own}
HEADLINES = [own[0].name for own in (*OF_TASK.values(), OF_RETRIEVAL)]


def scores_of(use: str, task: str) -> tuple[Score, ...]:
    """Return the scores of a use, where the labels are of this task."""
    return OF_RETRIEVAL if use == RETRIEVAL else OF_TASK[task]


def headline(table: pd.DataFrame, use: str = UNIMODAL) -> pd.DataFrame:
    """Return the rows of the score that stands for a use: accuracy, correlation, recall at 1."""
    own = of_use(table, use)
    return own[own["metric"].isin(HEADLINES)]


def of_use(table: pd.DataFrame, use: str = UNIMODAL) -> pd.DataFrame:
    """Return the rows of a use; a table without the column ``use`` is of encoders alone."""
    if "use" not in table:
        return table if use == UNIMODAL else table.iloc[:0]
    return table[table["use"] == use]


def together(use: str, modalities: tuple[str, ...]) -> str | None:
    """Name the mean of a use's modalities: ``both`` encoders, or ``a<>b``; None if it has one."""
    if len(modalities) != 2:
        return None
    return BOTH if use == UNIMODAL else modalities[0].replace(">", "<>")
