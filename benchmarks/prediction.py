"""Predictions before training: learnt from the world, and judged on data that had no part in it.

    python benchmarks/world.py world config/world.yaml
    python benchmarks/prediction.py learn world      # writes src/alignsweep/answers/world.csv.gz
    python benchmarks/world.py pairs config/real-pairs.yaml
    python benchmarks/prediction.py judge pairs config/real-pairs.yaml

The tables may as well be those of ``snakemake --configfile ...``, see `tables_of`.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from alignsweep import study
from alignsweep.answers import inputs, prediction
from alignsweep.data import world

ROOT = Path(__file__).parents[1]
POINTS = ROOT / "src/alignsweep/answers/world.csv.gz"
#: The law in words: what is left of a modality in the directions that are aligned, what the other
#: knows and it does not, and the shared nuisance for each aligned dimension.
LAW = ("canonical_aligned", "linear_missing", "nuisance_per_width")
CHECKED = ("expected", "low", "high", "below")


def tables_of(folder: str, config: str) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return features, gains and ways of what ``benchmarks/world.py`` has finished."""
    asked = study.resolve(study.read(config))
    features, gains, ways = [], [], []
    for name, own in asked["datasets"].items():
        paths = [Path(folder, f"{name}.{part}.csv") for part in ("features", "gains")]
        if not all(path.exists() for path in paths):
            continue
        features.append(pd.read_csv(paths[0]))
        gains.append(pd.read_csv(paths[1], dtype={"strength": str}))
        ways.append(inputs.planned(name, own["encoder"], own["alignments"]))
    return pd.concat(features), pd.concat(gains), pd.concat(ways)


def learn(folder: str, config: str = str(ROOT / "config/world.yaml")) -> None:
    """Write the points, with what a forest says that has not seen them; say how it does."""
    points = inputs.points(*tables_of(folder, config)).reset_index(drop=True)
    points = points.drop(columns="other")
    checked = prediction.cross_validate(points)
    print(f"{points['dataset'].nunique()} datasets, {len(points)} points")
    describe("datasets left out", points, checked)
    families = points["dataset"].map(family)
    describe("families left out", points, prediction.cross_validate(points, families))
    law(points)
    table = points.join(checked[["below"]])
    numbers = table.select_dtypes("number").columns
    table[numbers] = table[numbers].map(lambda v: float(f"{v:.4g}"))
    table.to_csv(POINTS, index=False, compression={"method": "gzip", "mtime": 0})
    print(f"{POINTS.stat().st_size / 1e6:.2f} MB")


def family(dataset: str) -> str:
    """Return what kind of dataset of the world it is."""
    kind, options = world.options(int(dataset.rsplit("-", 1)[1]))
    return "numbers" if options.get("classes", 0) is None else kind


def describe(title: str, points: pd.DataFrame, checked: pd.DataFrame) -> None:
    """Print coverage, rank correlation and how often the sign is right."""
    inside = points["gain"].between(checked["low"], checked["high"])
    print(f"{title}: 80 % intervals hold {inside.mean():.1%}")
    for (alignment, strength), own in points.groupby(["alignment", "strength"]):
        told = checked.loc[own.index]
        sure = own["gain"].abs() > own["error"]
        right = ((told["expected"] > 0) == (own["gain"] > 0))[sure].mean()
        print(
            f"  {alignment} at {strength}: hold {inside[own.index].mean():.0%}, Spearman "
            f"{spearman(told['expected'], own['gain']):.2f} (of those told from 0 "
            f"{spearman(told['expected'][sure], own['gain'][sure]):.2f}), sign of {sure.sum()} "
            f"right {right:.0%}, the more frequent one {majority(own['gain'][sure]):.0%}"
        )


def law(points: pd.DataFrame) -> None:
    """Print the law of three coefficients, of aligning all at strength 1, and how it ranks."""
    own = points[(points["strength"] == "1") & (points["alignment"] == "infonce")]
    design = own[list(LAW)].to_numpy()
    weights = 1 / ((own["error"] / 1.96) ** 2 + prediction.SPREAD**2).to_numpy() ** 0.5
    found, *_ = np.linalg.lstsq(design * weights[:, None], own["gain"] * weights, rcond=None)
    said = " ".join(f"{c:+.4f} {name}" for c, name in zip(found, LAW, strict=True))
    rank = spearman(design @ found, own["gain"])
    print(f"law of the gain at strength 1: {said}; Spearman {rank:.2f}")


def judge(folder: str, config: str) -> None:
    """Print how predictions hold on other data."""
    features, gains, ways = tables_of(folder, config)
    points = inputs.points(features, gains, ways).reset_index(drop=True)
    told = prediction.published().predict(points)
    points = points.join(told[["low", "high", "loses", "because", "outside"]])
    points["expected"] = told["gain"]
    points["family"] = points["dataset"].str.split("-").str[0]
    pd.set_option("display.width", 250)
    print(points[[*inputs.KEYS, "gain", "error", "expected", "low", "high", "loses", "outside"]]
          .round(4).to_string())  # fmt: skip
    known = points[points["outside"] == ""]
    print(f"{len(points)} points of {points['dataset'].nunique()} pairs, {len(known)} in the world")
    for strength, own in known.groupby("strength"):
        report(f"strength {strength}", own)
        for alignment, part in own.groupby("alignment"):
            report(f"strength {strength}, {alignment}", part)
    for name, own in known[known["strength"] == "1"].groupby("family"):
        report(f"strength 1, {name}", own)
    told_odds = known.groupby((10 * known["loses"]).round())
    print("odds: of ten, so many lost")
    for tens, own in told_odds:
        print(f"  said {tens:.0f}: {10 * (own['gain'] < 0).mean():.1f} of {len(own)}")
    inside = known["gain"].between(known["low"], known["high"])
    print(f"80 % intervals hold {inside.mean():.1%}")


def report(title: str, own: pd.DataFrame) -> None:
    """Print rank correlation and the sign of the gains that are told from 0, with intervals."""
    sure = own[own["gain"].abs() > own["error"]]
    right = (sure["expected"] > 0) == (sure["gain"] > 0)
    more = (sure["gain"] > 0) == (sure["gain"].mean() > 0)
    rng = np.random.default_rng(0)
    pairs = sure["dataset"].unique()
    drawn = []
    for _ in range(1000 if len(pairs) > 1 else 0):
        rows = np.concatenate([np.flatnonzero(sure["dataset"] == p)
                               for p in rng.choice(pairs, len(pairs))])  # fmt: skip
        better = right.to_numpy()[rows].mean() - majority(sure["gain"].to_numpy()[rows])
        drawn.append((right.to_numpy()[rows].mean(), better))
    ends = np.quantile(drawn, [0.025, 0.975], axis=0).T if drawn else np.full((2, 2), np.nan)
    print(
        f"{title}: Spearman {spearman(own['expected'], own['gain']):.2f}; sign of {len(sure)} "
        f"right {right.mean():.0%} [{ends[0, 0]:.0%}, {ends[0, 1]:.0%}], the more frequent one "
        f"{majority(sure['gain']):.0%} ({more.mean():.0%}), over it [{ends[1, 0]:+.0%}, "
        f"{ends[1, 1]:+.0%}]"
    )


def majority(gains: pd.Series) -> float:
    """Return the share of the more frequent sign."""
    share = float(np.mean(np.asarray(gains) > 0)) if len(gains) else np.nan
    return max(share, 1 - share)


def spearman(x: pd.Series, y: pd.Series) -> float:
    """Return Spearman's rank correlation."""
    return float(pd.Series(np.asarray(x)).corr(pd.Series(np.asarray(y)), method="spearman"))


if __name__ == "__main__":
    {"learn": learn, "judge": judge}[sys.argv[1]](*sys.argv[2:])
