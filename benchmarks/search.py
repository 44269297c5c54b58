"""The adaptive search against the whole grid, with and without what is predicted before training.

    snakemake --configfile benchmarks/search.yaml
    python benchmarks/search.py [results/search-benchmark] [ORDERS]

The search asks for models, and gets the scores of those that the study has trained. It is done for
every dataset, for several orders of the seeds, from nothing and from the predictions of the study
(`predictions.csv`), where there are any. Counted of each: how often the strength it picks lies in
the plateau of the whole grid, how often its verdict is the grid's or its opposite, and the share of
the grid's models it took. Several studies: several folders, with a comma between.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from alignsweep import tables
from alignsweep.answers import prediction
from alignsweep.scores import BOTH, headline
from alignsweep.selection.optimum import recommend
from alignsweep.selection.search import Search, search

RESULTS = "results/search-benchmark"
USE, ALIGNMENT = "unimodal", "infonce"
OPPOSITE = {"align": "do not align", "do not align": "align"}


def main(folders: str = RESULTS, orders: str = "6") -> None:
    """Search every dataset in every order, and print what was picked."""
    rows = []
    for folder in map(Path, folders.split(",")):
        scores = headline(tables.read(folder / "tables" / "probe.csv"))
        for dataset, own in scores[scores["alignment"] == ALIGNMENT].groupby("dataset", sort=False):
            path = folder / str(dataset) / "predictions.csv"
            known = prediction.prior(tables.read(path)).get(ALIGNMENT) if path.exists() else None
            for order in range(int(orders)):
                rows += compared(own, known, order)
    found = pd.DataFrame(rows)
    known = set(found[found["prior"] != "none"]["dataset"])  # where there is something to compare
    found = found[found["dataset"].isin(known)] if known else found
    source = found["dataset"].str.partition("-")[0]
    columns = {
        "searches": ("models", "size"),
        "models": ("models", "mean"),
        "in plateau": ("in_plateau", "mean"),
        "same verdict": ("same_verdict", "mean"),
        "opposite": ("opposite", "mean"),
    }
    for by in ("prior", [source.rename("source"), "prior"]):
        print(found.groupby(by, sort=False).agg(**columns).round(3), end="\n\n")
    pairs = found.pivot_table("models", ["dataset", "order"], "prior", sort=False)
    if {"none", "predictions"} <= set(pairs):
        share = pairs["predictions"].sum() / pairs["none"].sum()
        print(f"with predictions, {share:.2f} of the models")


def compared(own: pd.DataFrame, known: dict | None, order: int) -> list[dict[str, object]]:
    """Search one dataset from nothing, and from what is known; a row per modality of both."""
    grid = recommend(own).set_index("modality")
    strengths, seeds = list(own["strength"].unique()), sorted(own["seed"].unique())
    shuffled = np.random.default_rng(order).permutation(seeds) if order else np.array(seeds)

    def evaluate(strengths, wanted):
        place = {int(shuffled[k]): k for k in wanted}
        found = own[own["strength"].isin(strengths) & own["seed"].isin(place)]
        return found.assign(seed=found["seed"].map(place))

    rows = []
    for name, prior in {"none": None, "predictions": known}.items():
        if prior is None and name != "none":
            continue  # there are none, or the data are outside of the world
        found = search(evaluate, strengths, len(seeds) - Search().confirming_seeds, prior=prior)
        answer = recommend(found.scores, found.chosen).set_index("modality")
        models = len(found.scores.groupby(["strength", "seed"])) / len(strengths) / len(seeds)
        for modality in answer.index.drop(BOTH):
            verdict, true = answer.loc[modality, "verdict"], grid.loc[modality, "verdict"]
            rows.append(
                {
                    "dataset": own["dataset"].iloc[0],
                    "order": order,
                    "modality": modality,
                    "prior": name,
                    "models": models,
                    "in_plateau": answer.loc[modality, "optimum"]
                    in grid.loc[modality, "plateau"].split(),
                    "same_verdict": verdict == true,
                    "opposite": OPPOSITE.get(verdict) == true,
                }
            )
    return rows


if __name__ == "__main__":
    main(*sys.argv[1:])
