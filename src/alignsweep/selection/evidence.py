"""What a dataset's strengths are judged by, read from its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from alignsweep import sample_scores, tables
from alignsweep.data import store
from alignsweep.selection import controls as controlled
from alignsweep.selection.curve import Samples
from alignsweep.selection.design import Design, design
from alignsweep.selection.optimum import recommend
from alignsweep.selection.winners import Choices, read_choices

File = str | Path


@dataclass(frozen=True)
class Evidence:
    """Scores of a dataset's models and of their test samples, its design, choices and controls."""

    scores: pd.DataFrame
    samples: Samples
    designs: Mapping[str, Design]
    choices: Choices | None = None
    controls: controlled.Controls | None = None

    @property
    def known(self) -> tuple[pd.DataFrame, Samples, Mapping[str, Design]]:
        """Scores, samples and designs, as `gains` takes them."""
        return self.scores, self.samples, self.designs

    def recommend(self, margin: float) -> pd.DataFrame:
        """Return the table ``optimum.csv``, see `optimum.recommend`."""
        return recommend(
            self.scores,
            self.choices,
            samples=self.samples,
            designs=self.designs,
            controls=self.controls,
            margin=margin,
        )


def load(
    data: File,
    scores: File,
    samples: File | Sequence[File],
    search: File | Sequence[File] = (),
    controls: Sequence[File] = (),
) -> Evidence:
    """Read the evidence of a dataset.

    Parameters
    ----------
    data, scores
        Its files of these names.
    samples
        Files of scores of test samples.
    search
        What a search chose; nothing for a grid.
    controls
        Table and sample scores of controls; nothing if there are none.
    """
    table = tables.read(scores)
    pairs = store.load(data, inputs=False)
    return Evidence(
        table,
        sample_scores.load([samples] if isinstance(samples, str | Path) else samples),
        {pairs.name: design(pairs, table["seed"].nunique())},
        read_choices(str(search)) if search else None,
        controlled.load(*controls) if controls else None,
    )
