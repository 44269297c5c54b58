"""What alignment will gain, by what can be seen before anything is trained.

A forest learns the gain from a world of simulated datasets (``config/world.yaml``), in which
everything that may decide varies by itself; its points come with the package (``world.csv.gz``).
What it learns from is in `answers.inputs`. A prediction is a distribution, with the two inputs that
moved it most; of a dataset outside of the world there is none.

The odds that are said are frequencies, not the forest's own: of points of the world that it had not
seen, and of which it thought alike, so many lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alignsweep import damage
from alignsweep.answers import forest
from alignsweep.answers.inputs import INPUTS, KEYS, inputs
from alignsweep.data.tensors import TensorFile, save_tensors
from alignsweep.scores import BOTH, SCORES
from alignsweep.selection.curve import BASELINE, USUAL
from alignsweep.selection.statistics import nearest

Array = NDArray[np.float64]

#: A dataset is outside of the world if an input is beyond its range by more than this share of it.
SLACK = 0.1
#: Standard deviation of a gain beyond its measured error: what a point stands for besides itself.
SPREAD = 0.005
#: What a prediction says, beside what it is of.
TOLD = ("gain", "low", "high", "loses", "because", "outside")
#: Parts that are left out in turn.
FOLDS = 6
#: Ends of the interval of a prediction, in the forest's own distribution, as calibrated on points
#: of the world that it had not seen: four of five gains lie between.
LOW, HIGH = 0.12, 0.88
#: What a predictor has beside its forest.
_ARRAYS = ("low", "middle", "high", "thought", "lost")
#: How predictions held on real pairs (``config/real-pairs.yaml``, judged once).
HELD = (
    "A hint, not an answer: of 37 gains at strength 1 on real pairs 73 % had the sign that was "
    "predicted, and 70 % were losses anyway."
)


@dataclass(frozen=True)
class Predictor:
    """A forest, and how its odds held where they could be checked.

    Attributes
    ----------
    forest
        Fitted to all points.
    low, middle, high
        ``(inputs,)``: the range of the world, and its medians.
    thought, lost
        ``(n,)`` of the points: how probable it thought a loss to be before it had seen their
        datasets, ascending, and which share of those about as probable did lose.
    """

    forest: forest.Forest
    low: Array
    middle: Array
    high: Array
    thought: Array
    lost: Array

    def save(self, path: str | Path) -> None:
        """Write it to a file of tensors."""
        own = {name: getattr(self, name) for name in _ARRAYS}
        save_tensors(own | vars(self.forest), path, {})

    def predict(self, known: pd.DataFrame) -> pd.DataFrame:
        """Predict gains.

        Parameters
        ----------
        known
            As `inputs` returns it.

        Returns
        -------
        pandas.DataFrame
            `KEYS`, ``gain`` (expected), ``low`` and ``high`` (80 % interval), ``loses`` (of ten
            such points of the world, so many lost), ``because`` (the two inputs that moved it most
            from what is usual, in words) and ``outside`` (the input that is beyond the world; empty
            if none is, and where one is, the rest is missing).
        """
        x = known[[*INPUTS]].to_numpy(dtype=np.float64)
        slack = SLACK * (self.high - self.low)
        beyond = (x < self.low - slack) | (x > self.high + slack)
        words = [
            {name: text.format(own=row["modality"], other=row["other"]) for name, text in
             INPUTS.items()}
            for row in known.to_dict("records")
        ]  # fmt: skip
        names = list(INPUTS)
        out = known[KEYS].assign(
            gain=self.forest.mean(x),
            **dict(zip(("low", "high"), self.forest.quantiles(x, np.array([LOW, HIGH])).T,
                       strict=True)),
            loses=np.interp(self.forest.below(x, 0.0), self.thought, self.lost),
            because=[
                " and ".join(own[names[i]] for i in places)
                for own, places in zip(words, self._moved(x), strict=True)
            ],
            outside=[
                own[names[int(row.argmax())]] if row.any() else ""
                for own, row in zip(words, beyond, strict=True)
            ],
        )  # fmt: skip
        missing = out["outside"] != ""
        out.loc[missing, ["gain", "low", "high", "loses"]] = np.nan
        out.loc[missing, "because"] = ""
        return out

    def _moved(self, x: Array) -> list[list[int]]:
        """Return the two inputs that moved each prediction most from what is usual of them.

        The strength and the widths are given, not found.
        """
        given = {"log_strength", "width", "aligned_share", "private_width"}
        places = [i for i, name in enumerate(INPUTS) if name not in given]
        usual = np.repeat(x[None], len(places), axis=0)
        for row, place in enumerate(places):
            usual[row, :, place] = self.middle[place]
        without = self.forest.mean(usual.reshape(-1, x.shape[1])).reshape(len(places), len(x))
        change = np.abs(self.forest.mean(x) - without)
        return [[places[i] for i in np.argsort(-own)[:2]] for own in change.T]


def fit(points: pd.DataFrame, held_out: pd.DataFrame | None = None) -> Predictor:
    """Fit a predictor; `held_out` is what `cross_validate` says of the points, if it is known."""
    x = points[[*INPUTS]].to_numpy(dtype=np.float64)
    checked = cross_validate(points) if held_out is None else held_out
    order = np.argsort(checked["below"].to_numpy(), kind="stable")
    thought, lost = checked["below"].to_numpy()[order], (points["gain"] < 0).to_numpy()[order]
    return Predictor(
        _forest(points),
        x.min(axis=0),
        np.median(x, axis=0),
        x.max(axis=0),
        *_frequencies(thought, lost),
    )


def _forest(points: pd.DataFrame) -> forest.Forest:
    error = points["error"].to_numpy() / 1.96
    weights = 1 / (error**2 + SPREAD**2)
    return forest.fit(
        points[[*INPUTS]].to_numpy(dtype=np.float64),
        points["gain"].to_numpy(),
        weights / weights.mean(),
    )


def _frequencies(thought: Array, lost: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Return ascending probabilities and the share that lost about there, which never falls."""
    from sklearn.isotonic import IsotonicRegression

    level = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip").fit(thought, lost)
    places = np.linspace(0, 1, 21)
    return places, np.asarray(level.predict(places))


def cross_validate(points: pd.DataFrame, parts: pd.Series | None = None) -> pd.DataFrame:
    """Predict every point by a forest that has not seen its dataset.

    Parameters
    ----------
    points
        As `points` returns them.
    parts
        What is left out together, by point; by default a sixth of the datasets.

    Returns
    -------
    pandas.DataFrame
        Columns ``expected, low, high, below``: gain, 80 % interval, and the forest's probability
        of a loss, by point.
    """
    if parts is None:
        datasets = points["dataset"].unique()
        order = np.random.default_rng(0).permutation(len(datasets)) % FOLDS
        parts = points["dataset"].map(dict(zip(datasets, order, strict=True)))
    out = pd.DataFrame(
        index=points.index, columns=["expected", "low", "high", "below"], dtype=float
    )
    for part in parts.unique():
        held = (parts == part).to_numpy()
        fitted, x = _forest(points[~held]), points.loc[held, [*INPUTS]].to_numpy(dtype=np.float64)
        out.loc[held, "expected"] = fitted.mean(x)
        out.loc[held, ["low", "high"]] = fitted.quantiles(x, np.array([LOW, HIGH]))
        out.loc[held, "below"] = fitted.below(x, 0.0)
    return out


@cache
def published() -> Predictor:
    """Return the predictor fitted to the points that come with the package; this takes seconds."""
    with as_file(files("alignsweep.answers") / "world.csv.gz") as path:
        table = pd.read_csv(path, dtype={"strength": str})
    return fit(table, table)


def load(path: str | Path) -> Predictor:
    """Read a file of `Predictor.save`."""
    file = TensorFile(path)
    with damage.reading(path):
        arrays = {name: file.get(name) for name in file.names}
        return Predictor(forest.Forest.of(arrays), **{name: arrays[name] for name in _ARRAYS})


def predictions(
    features: pd.DataFrame,
    ways: pd.DataFrame,
    strengths: Iterable[str],
    predictor: Predictor | None = None,
) -> pd.DataFrame:
    """Predict what each alignment and strength of a study gains.

    Parameters
    ----------
    features
        ``features.csv``.
    ways
        The embeddings, see `inputs.planned`.
    strengths
        Strengths of the study.
    predictor
        By default the published one.
    """
    known = inputs(features, ways, list(strengths))
    if known.empty:  # nothing was learnt of any of these alignments
        return pd.DataFrame(columns=[*KEYS, *TOLD])
    return (predictor or published()).predict(known)


def prior(predicted: pd.DataFrame) -> dict[str, dict[str, dict[str, float]]]:
    """Return expected gains as `selection.search` takes them: alignment, modality, strength.

    Nothing of an alignment with a modality outside of the world. Strengths outside of it are
    between others, of which 0 gains nothing; beyond the largest they gain what that does.
    """
    out: dict[str, dict[str, dict[str, float]]] = {}
    for alignment, own in predicted.groupby("alignment", sort=False):
        single = {}
        for modality, part in own.groupby("modality", sort=False):
            known = part[part["gain"].notna()].sort_values("strength", key=_root)
            if known.empty:
                break
            named = [BASELINE, *part["strength"]]
            points = [0.0, *_root(known["strength"])], [0.0, *known["gain"]]
            expected = np.interp(_root(pd.Series(named)), *points)
            single[str(modality)] = dict(zip(named, expected.tolist(), strict=True))
        else:
            mean = {s: float(np.mean([part[s] for part in single.values()])) for s in named}
            out[str(alignment)] = {**single, BOTH: mean}
    return out


def _root(strengths: pd.Series) -> pd.Series:
    """Return what the curves of gains are smooth in, see `selection.search`."""
    return np.sqrt(strengths.astype(float))


def sentences(predicted: pd.DataFrame, metric: str) -> list[str]:
    """Say what could be told before training of the usual strength, of each alignment and modality.

    Parameters
    ----------
    predicted
        As `predictions` returns it, or as it is read again.
    metric
        The headline score.
    """
    if predicted.empty:
        return []
    usual = nearest(list(predicted["strength"]), USUAL)
    several = len(set(predicted["alignment"])) > 1
    own = predicted[predicted["strength"] == usual].to_dict("records")
    said = [(f"{row['alignment']}, " if several else "") + describe(row, metric) for row in own]
    return [*said, HELD]


def describe(row: Mapping[str, Any], metric: str) -> str:
    """Say a prediction in a sentence."""
    name = f"{row['modality']} at strength {row['strength']}"
    beyond = row["outside"]
    if isinstance(beyond, str) and beyond:  # a table that was read has NaN for what is empty
        return f"{name}: no prediction, since nothing was learnt of data like these ({beyond})."
    change = SCORES[metric].change(row["gain"], row["low"], row["high"])
    return (
        f"{name}: {change} expected (80 % interval); of ten simulated datasets that "
        f"looked alike, {round(10 * row['loses'])} lost. What moved it most: {row['because']}."
    )
