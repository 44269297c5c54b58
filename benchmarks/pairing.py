"""Do the controls tell what pairs gain from what aligning anything gains?

    python benchmarks/pairing.py [FILES] [SEEDS]

The handwritten digits, left and right half, aligned at strength 0.2: what pairs gain over the
better of the controls, ``pairing_gain``, as they are with ten seeds, and in files whose pairs were
shuffled, with five. In these it is above 0 by mistake.
"""

import dataclasses
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import pandas as pd
import torch

from alignsweep import seeds
from alignsweep.data import digits
from alignsweep.data.store import Pairs
from alignsweep.probe.encoders import probe_samples
from alignsweep.selection.design import design
from alignsweep.selection.evaluator import evaluate_controls
from alignsweep.selection.optimum import recommend
from alignsweep.selection.winners import Choice
from alignsweep.training import sweep
from alignsweep.training.alignment import Alignment
from alignsweep.training.encoders import MLP

STRENGTH = "0.2"


def dataset(shuffled: int | None = None) -> Pairs:
    """Return the digits; or with right halves of other images."""
    found = digits.load(pair="left-right")
    if shuffled is None:
        return found
    order = seeds.generator("shuffled", shuffled, seeds.SAMPLES).permutation(len(found.labels))
    left, right = found.modalities
    return dataclasses.replace(
        found, inputs={left: found.inputs[left], right: found.inputs[right][order]}
    )


def pairing_gain(shuffled: int | None, count: int) -> pd.DataFrame:
    """Return the answers of a dataset, each seed judged at the strength."""
    torch.set_num_threads(1)
    pairs, ks = dataset(shuffled), range(count)
    how = {"encoder": MLP(hidden=(64,), width=8), "training": sweep.Training(batch_size=64)}
    probed = probe_samples(sweep.train(pairs, ["0", STRENGTH], ks, progress=False, **how), pairs)
    alignment = probed.table["alignment"].iloc[0]
    controls = evaluate_controls(
        pairs, {alignment: {STRENGTH: ks}}, {alignment: Alignment()}, progress=False, **how
    )
    chosen = Choice(STRENGTH, STRENGTH, STRENGTH, STRENGTH, tuple(ks))
    answers = recommend(
        probed.table,
        {alignment: dict.fromkeys([*pairs.modalities, "both"], chosen)},
        samples=probed.samples,
        designs={pairs.name: design(pairs, count)},
        controls=controls,
    )
    said = ["modality", "metric", "baseline", "gain", "gain_low", "gain_high", "control",
            "pairing_gain", "pairing_low", "pairing_high"]  # fmt: skip
    return answers.loc[answers["metric"] == "accuracy", said]


def main(files: int = 100, count: int = 5) -> None:
    """Print what pairs gain, and in how many shuffled files they seem to."""
    start = time.perf_counter()
    print(pairing_gain(None, 10).round(4).to_string(index=False), flush=True)
    with ProcessPoolExecutor(2) as pool:
        found = pd.concat(pool.map(pairing_gain, range(files), [count] * files))
    above = (found["pairing_low"] > 0).groupby(found["modality"], sort=False)
    print(f"{files} shuffled files in {time.perf_counter() - start:.0f} s; pairing_gain above 0 in")
    print((100 * above.mean()).round(1).astype(str).add(" %").to_string())


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
