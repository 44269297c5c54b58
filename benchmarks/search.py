"""The adaptive search against the whole grid, on the models of the paper's synthetic study.

    snakemake --configfile config/paper.yaml
    python benchmarks/search.py [results/paper/tables/probe.csv] [ORDERS]

The search asks for models, and gets the scores of those that the study has trained. It is done for
every R, for several orders of the seeds. Counted: how often the strength it picks lies in the
plateau of the whole grid, for both modalities, and what share of the grid's models it took.
"""

import sys

import numpy as np
import pandas as pd

from alignsweep import tables
from alignsweep.scores import BOTH, headline
from alignsweep.selection.optimum import recommend
from alignsweep.selection.search import Search, search

PROBE = "results/paper/tables/probe.csv"


def main(path: str = PROBE, orders: str = "8") -> None:
    """Search every R in every order, and print what was picked."""
    scores = headline(tables.read(path))
    plateaus = recommend(scores).set_index(["dataset", "modality"])["plateau"]
    strengths, seeds = list(scores["strength"].unique()), sorted(scores["seed"].unique())
    confirming = Search().confirming_seeds
    whole = len(strengths) * len(seeds)
    hits, models, rows = [], [], []
    for order in range(int(orders)):
        shuffled = np.random.default_rng(order).permutation(seeds) if order else np.array(seeds)
        for dataset, own in scores.groupby("dataset", sort=False):

            def evaluate(strengths, wanted, own=own, shuffled=shuffled):
                place = {int(shuffled[k]): k for k in wanted}
                found = own[own["strength"].isin(strengths) & own["seed"].isin(place)]
                return found.assign(seed=found["seed"].map(place))

            found = search(evaluate, strengths, len(seeds) - confirming)
            models.append(len(found.scores.groupby(["strength", "seed"])))
            for modality, choice in found.chosen["infonce"]["unimodal"].items():
                if modality != BOTH:
                    level = plateaus[dataset, modality].split()
                    hits.append(choice.optimum in level)
                    rows.append((order, dataset, modality, choice.optimum, " ".join(level)))
        n, sets = 2 * scores["dataset"].nunique(), scores["dataset"].nunique()
        print(f"order {order}: {sum(hits[-n:])} of {n} in the plateau, "
              f"{sum(models[-sets:])} of {whole * sets} models")  # fmt: skip
    print(
        f"in all: {sum(hits)} of {len(hits)}, with {sum(models) / whole / len(models):.0%} of "
        "the models"
    )
    missed = pd.DataFrame(rows, columns=["order", "dataset", "modality", "picked", "plateau"])
    print("missed:", missed[~np.array(hits)].to_string(index=False), sep="\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
