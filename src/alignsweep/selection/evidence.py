"""What a dataset's strengths are judged by, read from its files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from alignsweep import sample_scores, tables
from alignsweep.columns import Asked
from alignsweep.damage import DamagedError
from alignsweep.data import store
from alignsweep.scores import HEADLINES
from alignsweep.selection import controls as controlled
from alignsweep.selection.curve import Samples
from alignsweep.selection.design import Design, design
from alignsweep.selection.optimum import recommend
from alignsweep.selection.uses import uses
from alignsweep.selection.winners import Choices, read_choices

File = str | Path
#: How far the mean of samples in half precision is from what it was, at most.
HALF = 1e-3


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

    def uses(self, margin: float) -> pd.DataFrame:
        """Return the table ``uses.csv``, see `uses.uses`."""
        return uses(
            self.scores, self.choices, samples=self.samples, designs=self.designs, margin=margin
        )

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
    asked: Asked | None = None,
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
    asked
        What the study asks of the scores.

    Raises
    ------
    DamagedError
        If a file is not what was written, or if scores are not those of the test samples.
    """
    table = tables.read(scores, asked)
    pairs = store.load(data, table["dataset"].iloc[0], inputs=False)
    known = sample_scores.load([samples] if isinstance(samples, str | Path) else samples)
    _check_means(table, known, scores)
    return Evidence(
        table,
        known,
        {pairs.name: design(pairs, table["seed"].nunique())},
        read_choices(str(search)) if search else None,
        controlled.load(*controls, asked=asked) if controls else None,
    )


def _check_means(table: pd.DataFrame, samples: Samples, path: File) -> None:
    """Refuse a table whose headline scores on test are not the means of the test samples'."""
    own = table[(table["split"] == "test") & table["metric"].isin(HEADLINES)].dropna(
        subset=["value"]
    )
    columns = ["alignment", "strength", "seed", "use", "modality"]
    for *key, metric, value in own[[*columns, "metric", "value"]].itertuples(index=False):
        found = samples.get(tuple(key))
        mean = np.nan if found is None else float(np.nanmean(found))
        if not abs(mean - value) <= HALF:
            said = ", ".join(f"{c} {v}" for c, v in zip(columns, key, strict=True))
            raise DamagedError(path, f"has {metric} {value:g} of {said}; its samples have {mean:g}")
