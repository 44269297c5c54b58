"""Make the points behind the prediction of the optimum (answers/law.csv), and judge them.

    snakemake --configfile config/law.yaml
    python benchmarks/prediction.py [results/law/tables] [results/STUDY/tables ...]

Printed: Spearman's correlation of the measured optimum with the one predicted by the law that was
fitted to the other settings, with its 95 % interval over settings; how often the sign of the gain
at strength 1 is right. For other studies: what the law predicts, beside what was measured.
"""

import sys
from pathlib import Path

import pandas as pd

from alignsweep import tables
from alignsweep.answers import prediction

POINTS = Path(__file__).parents[1] / "src/alignsweep/answers/law.csv"


def points(folder: str) -> pd.DataFrame:
    """Return the points of a study."""
    known = [tables.read(f"{folder}/{name}.csv") for name in ("information", "optimum", "gains")]
    return prediction.measure(*known)


def main(folder: str = "results/law/tables", *others: str) -> None:
    """Write the points, and print how well settings that were left out are predicted."""
    found = points(folder)
    tables.write(found, POINTS)
    value, low, high = prediction.rank_correlation(found)
    left_out = prediction.cross_validate(found)
    error = found["root_optimum"] - left_out["root_optimum"]
    sign = (left_out["usual_gain"] > 0) == (found["usual_gain"] > 0)
    print(f"{len(found)} points of {found['setting'].nunique()} settings")
    print(f"rank correlation of the optimum: {value:.2f} [{low:.2f}, {high:.2f}]")
    spread = found["root_optimum"].std()
    print(f"error of the root of the optimum: {error.std():.2f}, spread {spread:.2f}")
    print(f"sign of the gain at strength 1 right: {sign.mean():.0%}")
    for other in others:
        own = points(other)
        told = prediction.fit(found).predict(own).assign(measured=own["root_optimum"] ** 2,
                                                  measured_gain=own["usual_gain"])  # fmt: skip
        print(told.drop(columns=["setting", "root_optimum"]).round(3).to_string(index=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
