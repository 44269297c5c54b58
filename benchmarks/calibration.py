"""How often is a verdict given where the strength has no effect at all?

    python benchmarks/calibration.py [MODELS] [TRIALS]

Models of strength 0 are trained, which differ by their seed alone. Each trial draws some of them,
calls them strengths and seeds at random, and asks for the verdict: from the grid (9 strengths, 5
seeds) and from the adaptive search (12 strengths). "align" and "do not align" are errors there.
"""

import sys
import time

import numpy as np
import pandas as pd
import torch

from alignsweep import probe
from alignsweep.data import synthetic
from alignsweep.scores import headline
from alignsweep.selection.optimum import recommend
from alignsweep.selection.search import search
from alignsweep.training import sweep

GRID = ["0", "0.1", "0.2", "0.4", "0.6", "0.8", "1", "1.5", "2"]
LIST = ["0", "0.1", "0.2", "0.4", "0.6", "0.8", "1", "1.2", "1.4", "1.6", "1.8", "2"]
SEEDS = 5


class Relabelled:
    """The scores of models drawn at random, as if they were of the strengths and seeds asked."""

    def __init__(self, scores: pd.DataFrame, rng: np.random.Generator) -> None:
        self.of_model = dict(list(scores.groupby("seed")))
        self.order = iter(rng.permutation(list(self.of_model)))

    def __call__(self, strengths, seeds):
        """Return a probe table of models that were not drawn before."""
        parts = [
            self.of_model[next(self.order)].assign(strength=strength, seed=seed)
            for seed in seeds
            for strength in strengths
        ]
        return pd.concat(parts, ignore_index=True)


def main(models: int = 600, trials: int = 400) -> None:
    """Train the models, then count verdicts."""
    start = time.perf_counter()
    pairs = synthetic.generate(redundancy=4)
    tables = []
    for first in range(0, models, 50):
        trained = sweep.train(pairs, ["0"], range(first, min(first + 50, models)))
        tables.append(headline(probe.linear_probe(trained, pairs)))
    scores = pd.concat(tables, ignore_index=True)
    spread = scores[scores["split"] == "test"].groupby("modality")["value"].std()
    print(f"{models} models in {time.perf_counter() - start:.0f} s; spread of the accuracy over "
          f"seeds: {', '.join(f'{m} {s:.4f}' for m, s in spread.items())}", flush=True)  # fmt: skip
    verdicts: dict[str, list[str]] = {}
    for trial in range(trials):
        rng = np.random.default_rng(trial)
        table = Relabelled(scores, rng)(GRID, range(SEEDS))
        found = search(Relabelled(scores, rng), LIST, 8, seed=trial)
        searched = recommend(found.scores, found.chosen)
        for how, rows in (("grid", recommend(table)), ("adaptive", searched)):
            for row in rows.to_dict("records"):
                verdicts.setdefault(f"{how} {row['modality']}", []).append(row["verdict"])
    print("nominal: align 2.5 %, do not align below 2.5 % (it needs two intervals)")
    for name, said in verdicts.items():
        shares = pd.Series(said).value_counts(normalize=True)
        print(f"{name:14s}", ", ".join(f"{v} {100 * s:.1f} %" for v, s in shares.items()))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(*map(int, sys.argv[1:]))
