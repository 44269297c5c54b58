"""Shared nuisance as estimated before training, against the exact truth: numbers and a figure.

    python benchmarks/features.py [DRAWS]

Bits, every combination of redundancy, shared nuisance, unique bits and samples that fit, DRAWS
times. Written: ``docs/nuisance_estimate.png``. Printed: rank correlations with I(A; B | Y), and how
often 0 is within the interval where nothing is shared within classes.
"""

import sys
from itertools import product
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from alignsweep.data import synthetic
from alignsweep.data.checks import misfit
from alignsweep.information.common import common

FIGURE = Path(__file__).parents[1] / "docs/nuisance_estimate.png"
GRID = {
    "redundancy": (0, 2, 4, 8),
    "nuisance": (0, 2, 4, 6),
    "unique": ((0, 0), (4, 0), (2, 2), (0, 4)),
    "train": (150, 600, 2400),
}
BITS = 14
#: One modality knows of the label, and nothing else is shared: I(A; B | Y) is 0. Drawn so often.
NOTHING, NOTHING_DRAWS = {"redundancy": 0, "nuisance": 0, "unique": (4, 0)}, 100


def main(draws: str = "5") -> None:
    """Estimate and print; draw the first draw."""
    rows = []
    for options in (dict(zip(GRID, values, strict=True)) for values in product(*GRID.values())):
        if misfit(options["redundancy"], options["nuisance"], options["unique"], BITS):
            continue
        for seed in range(int(draws)):
            rows.append(options | {"seed": seed} | estimate(options, seed))
    table = pd.DataFrame(rows)
    for n, own in table.groupby("train"):
        print(
            f"{n} pairs: Spearman " + ", ".join(f"{k} {rank(own, k):.3f}" for k in ("dims", "bits"))
        )
    print("all: Spearman " + ", ".join(f"{k} {rank(table, k):.3f}" for k in ("dims", "bits")))
    none = pd.DataFrame([estimate(NOTHING | {"train": n}, 100 + seed)
                         for n in GRID["train"] for seed in range(NOTHING_DRAWS)])  # fmt: skip
    inside = [(none[f"{k}_low"] <= 0).mean() for k in ("dims", "bits")]
    print(f"nothing shared ({len(none)}): 0 within the interval of dims {inside[0]:.1%}, of bits "
          f"{inside[1]:.1%}")  # fmt: skip
    draw(table[table["seed"] == 0])


def estimate(options: dict[str, object], seed: int) -> dict[str, float]:
    """Return truth and estimates of one dataset."""
    pairs = synthetic.generate(
        **options, seed=seed, bits=BITS, validation=10, test=10, resample="none"
    )
    known = {(f["modality"], f["fact"]): f["value"] for f in pairs.facts}
    rows = pairs.rows("train")
    x_a, x_b = (pairs.vectors(m, rows) for m in pairs.modalities)
    found = common(x_a, x_b, pairs.labels[rows], rng=np.random.default_rng(seed))
    out = {"truth": known["a+b", "conditional_information_bits"]}
    for name, values in (("dims", found.mean_dimensions()), ("bits", found.mean_bits())):
        out |= dict(zip((name, f"{name}_low", f"{name}_high"), values, strict=True))
    return out


def rank(table: pd.DataFrame, column: str) -> float:
    """Return Spearman's correlation of an estimate with the truth."""
    return float(table["truth"].corr(table[column], method="spearman"))


def draw(table: pd.DataFrame) -> None:
    """Draw both estimates against the truth, by number of samples."""
    figure, axes = plt.subplots(1, 2, figsize=(6.9, 3.1), constrained_layout=True)
    titles = ("directions that agree within classes", "bits told apart within classes (a bound)")
    for axis, name, title in zip(axes, ("dims", "bits"), titles, strict=True):
        for (n, own), marker in zip(table.groupby("train"), "o^s", strict=True):
            axis.plot(own["truth"], own[name], marker, ms=4, alpha=0.7, label=f"{n} pairs")
        top = table["truth"].max()
        axis.plot([0, top], [0, top], color="0.6", lw=1, zorder=0)
        axis.set(xlabel="I(A; B | Y), exact (bits)", ylabel=f"estimate ({name})")
        axis.set_title(title, fontsize=9)
    axes[0].legend(frameon=False, fontsize=8)
    figure.savefig(FIGURE, dpi=200)


if __name__ == "__main__":
    main(*sys.argv[1:])
