"""How often is a verdict given on new data where the strength has no effect at all?

    python benchmarks/calibration.py [DRAWS] [TRIALS]

Of every draw of the data, models of strength 0 are trained, which differ by their training alone.
Each trial takes some draws as seeds, and of each some models as strengths, at random, and asks for
the verdict: from the grid (9 strengths, 5 seeds) and from the adaptive search (12 strengths).
"align" and "do not align" are errors there. Controls, which could only take an "align" back, are
left out.
"""

import dataclasses
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd
import torch

from alignsweep.data import synthetic
from alignsweep.data.store import Pairs
from alignsweep.probe.encoders import probe_samples
from alignsweep.scores import headline
from alignsweep.selection.design import Design
from alignsweep.selection.optimum import recommend
from alignsweep.selection.search import search
from alignsweep.training import sweep

GRID = ["0", "0.1", "0.2", "0.4", "0.6", "0.8", "1", "1.5", "2"]
LIST = ["0", "0.1", "0.2", "0.4", "0.6", "0.8", "1", "1.2", "1.4", "1.6", "1.8", "2"]
SEEDS, MODELS = 5, 20


def population() -> Pairs:
    """Return the distribution: the study's R = 4, with fewer samples to test on."""
    return synthetic.generate("null", redundancy=4, validation=2048, test=4096)


def models(draw: int) -> tuple[pd.DataFrame, dict]:
    """Train the models of a draw: their scores, and those of their test samples."""
    torch.set_num_threads(1)
    pairs = dataclasses.replace(population().draw(draw), name=f"null-{draw}")
    probed = probe_samples(sweep.train(pairs, ["0"], range(MODELS), progress=False), pairs)
    kept = {(k, m): v.astype(bool) for (_, _, k, _, m), v in probed.samples.items()}
    return headline(probed.table).assign(dataset="null"), kept


class Relabelled:
    """Models drawn at random, as if they were of the strengths and seeds asked."""

    def __init__(self, known: list[tuple[pd.DataFrame, dict]], rng: np.random.Generator) -> None:
        self.known, self.rng = known, rng
        self.draws = rng.permutation(len(known))
        self.orders: dict[int, list[int]] = {}
        self.samples: dict = {}

    def __call__(self, strengths, seeds):
        """Return a probe table of models that were not drawn before."""
        parts = []
        for seed in seeds:
            table, kept = self.known[self.draws[seed]]
            order = self.orders.setdefault(seed, list(self.rng.permutation(MODELS)))
            for strength in strengths:
                model = order.pop()
                own = table[table["seed"] == model]
                parts.append(own.assign(strength=strength, seed=seed))
                for m in ("a", "b"):
                    self.samples["infonce", strength, seed, "unimodal", m] = kept[model, m].astype(
                        float
                    )
        return pd.concat(parts, ignore_index=True)

    def verdicts(self, scores, choices=None):
        """Return the verdict for each modality."""
        found = recommend(
            scores, choices, samples=self.samples, designs={"null": Design("samples", None, 4096)}
        )
        return dict(zip(found["modality"], found["verdict"], strict=True))


def main(draws: int = 300, trials: int = 400) -> None:
    """Train the models, then count verdicts."""
    start = time.perf_counter()
    with ProcessPoolExecutor(2) as pool:
        known = list(pool.map(models, range(draws)))
    print(f"{MODELS} models of each of {draws} draws in {time.perf_counter() - start:.0f} s",
          flush=True)  # fmt: skip
    verdicts: dict[str, list[str]] = {}
    for trial in range(trials):
        grid, searched = (
            Relabelled(known, np.random.default_rng([trial, how])) for how in range(2)
        )
        found = search(searched, LIST, 8, seed=trial)
        for how, said in (
            ("grid", grid.verdicts(grid(GRID, range(SEEDS)))),
            ("adaptive", searched.verdicts(found.scores, found.chosen)),
        ):
            for modality, verdict in said.items():
                verdicts.setdefault(f"{how} {modality}", []).append(verdict)
    print("nominal: align 2.5 %, do not align below 2.5 % (it needs two intervals)")
    for name, said in verdicts.items():
        shares = pd.Series(said).value_counts(normalize=True)
        print(f"{name:14s}", ", ".join(f"{v} {100 * s:.1f} %" for v, s in shares.items()))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
