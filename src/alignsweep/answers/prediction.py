"""Predicting the optimum from the information structure alone, without training anything.

Of the pair's information about the label, R + U1 + U2 + S, a part is known to both modalities, a
part to the one that is asked about alone, and a part to the other alone; synergy is the rest. The
law is linear in these three shares: least squares for the square root of the optimal strength, and
for the gain at the usual strength 1.

It is fitted on a synthetic sweep (``config/law.yaml``: R = 0 to 8, three noise levels of the label,
three draws of its weights, exact atoms), whose points come with the package. Its errors are those
on settings (noise level, draw) that were left out; the features were chosen on the same settings.
On real data, with atoms that are estimates and few samples, it was wrong about the sign of the gain
more often than right: there it is a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alignsweep import atoms as table
from alignsweep.scores import headline
from alignsweep.selection.curve import BASELINE, USUAL
from alignsweep.selection.statistics import nearest

Array = NDArray[np.float64]

FEATURES = ("share", "unique_share", "other_share")
#: What is predicted: the square root of the optimum, and the gain at the usual strength.
TARGETS = ("root_optimum", "usual_gain")


@dataclass(frozen=True)
class Law:
    """A fitted law.

    Attributes
    ----------
    coefficients
        ``(1 + features, targets)``, the constant first.
    errors
        ``(points, targets)``: residuals on settings left out.
    """

    coefficients: Array
    errors: Array

    def predict(self, points: pd.DataFrame) -> pd.DataFrame:
        """Predict for datasets with known shares.

        Returns
        -------
        pandas.DataFrame
            The columns given, and ``predicted, predicted_low, predicted_high`` (the optimum and its
            80 % interval), ``usual_gain`` (at strength 1) and ``helps``, the probability that it is
            above 0. NaN where there is no information about the label, and so no share.
        """
        expected = _design(points) @ self.coefficients
        root = expected[:, :1] + np.quantile(self.errors[:, 0], [0.1, 0.9])
        gain = expected[:, 1]
        return points.assign(
            predicted=expected[:, 0].clip(min=0) ** 2,
            predicted_low=root[:, 0].clip(min=0) ** 2,
            predicted_high=root[:, 1].clip(min=0) ** 2,
            usual_gain=gain,
            helps=np.where(
                np.isnan(gain), np.nan, (gain[:, None] + self.errors[:, 1] > 0).mean(axis=1)
            ),
        )


def published() -> Law:
    """Return the law fitted to the points that come with the package."""
    with as_file(files("alignsweep.answers") / "law.csv") as path:
        return fit(pd.read_csv(path))


def fit(points: pd.DataFrame) -> Law:
    """Fit the law to measured points (`measure`), with its errors on settings left out."""
    left_out = cross_validate(points)
    errors = np.stack([points[t] - left_out[t] for t in TARGETS], axis=1)
    return Law(_solve(points), errors)


def cross_validate(points: pd.DataFrame) -> pd.DataFrame:
    """Predict every setting by the law fitted to the others: columns `TARGETS`, rows as given."""
    out = pd.DataFrame(index=points.index, columns=list(TARGETS), dtype=float)
    for setting in points["setting"].unique():
        held = points["setting"] == setting
        out.loc[held] = _design(points[held]) @ _solve(points[~held])
    return out


def rank_correlation(points: pd.DataFrame, *, resamples: int = 2000, seed: int = 0) -> Array:
    """Return Spearman's correlation of measured and held-out predicted optima, and its interval.

    Returns
    -------
    numpy.ndarray
        Value, and the ends of the 95 % bootstrap interval over settings.
    """
    rng = np.random.default_rng(seed)
    predicted = cross_validate(points)["root_optimum"]
    pairs = pd.DataFrame({"x": predicted, "y": points["root_optimum"], "of": points["setting"]})
    groups = [own for _, own in pairs.groupby("of")]
    drawn = [
        _spearman(pd.concat([groups[i] for i in rng.integers(len(groups), size=len(groups))]))
        for _ in range(resamples)
    ]
    return np.array([_spearman(pairs), *np.quantile(drawn, [0.025, 0.975])])


def shares(information: pd.DataFrame) -> pd.DataFrame:
    """Return the shares of every dataset and modality of an information table.

    Returns
    -------
    pandas.DataFrame
        Columns ``dataset, modality, method, share, unique_share, other_share``: known to both, to
        this modality alone, to the other alone; of the atoms that stand for a dataset
        (`information.table.preferred`).
    """
    rows = []
    for dataset in information["dataset"].unique() if len(information) else ():
        atoms = table.preferred(information, dataset)
        assert atoms is not None
        part = table.shares(atoms)
        for side, other in ("ab", "ba"):
            rows.append(
                {
                    "dataset": dataset,
                    "modality": atoms[f"modality_{side}"].iloc[0],
                    "method": atoms["method"].iloc[0],
                    "share": part["redundancy"],
                    "unique_share": part[f"unique_{side}"],
                    "other_share": part[f"unique_{other}"],
                }
            )
    names = ["dataset", "modality", "method", "share", "unique_share", "other_share"]
    found = pd.DataFrame(rows, columns=names)
    return found.astype(dict.fromkeys(names[3:], float))


def measure(information: pd.DataFrame, optimum: pd.DataFrame, gains: pd.DataFrame) -> pd.DataFrame:
    """Put what the law predicts from, and what was measured, side by side.

    Parameters
    ----------
    information, optimum, gains
        Tables of a study, of these names.

    Returns
    -------
    pandas.DataFrame
        A row per dataset and modality: the columns of `shares`, ``setting`` (the source of the
        dataset), ``root_optimum`` and ``usual_gain``.
    """
    keys = ["dataset", "modality"]
    found = shares(information).set_index(keys)
    best = headline(optimum).set_index(keys)["optimum"].astype(float) ** 0.5
    change = headline(gains)
    usual = nearest([s for s in change["strength"].unique() if s != BASELINE], USUAL)
    change = change[change["strength"] == usual].set_index(keys)["gain"]
    found = found.assign(root_optimum=best, usual_gain=change).reset_index()
    return found.assign(setting=found["dataset"].str.rsplit("-", n=1).str[0])


def predictions(information: pd.DataFrame, law: Law | None = None) -> pd.DataFrame:
    """Predict the optimum of every dataset and modality of an information table."""
    return (law or published()).predict(shares(information))


def describe(prediction: Mapping[str, Any]) -> str:
    """Say a prediction in a sentence."""
    if pd.isna(prediction["predicted"]):
        return f"{prediction['modality']}: none, since nothing is known of the label"
    return (
        f"{prediction['modality']}: strength {prediction['predicted']:.1f} "
        f"({prediction['predicted_low']:.1f} to {prediction['predicted_high']:.1f}); the usual "
        f"strength {USUAL} helps with probability {prediction['helps']:.2f}"
    )


def _design(points: pd.DataFrame) -> Array:
    return np.column_stack([np.ones(len(points)), *(points[f] for f in FEATURES)])


def _solve(points: pd.DataFrame) -> Array:
    target = np.column_stack([points[t] for t in TARGETS])
    solution, *_ = np.linalg.lstsq(_design(points), target, rcond=None)
    return np.asarray(solution)


def _spearman(pairs: pd.DataFrame) -> float:
    return float(pairs["x"].rank().corr(pairs["y"].rank()))
