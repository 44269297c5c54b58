"""Models per second on the CPU and on a GPU, and whether both give the same accuracies.

    python benchmarks/device.py [SEEDS]

All strengths of the default study at R = 4, in one stack per device (one CPU thread). On a GPU the
first epoch, which compiles kernels, is run beforehand. Accuracies are compared by seed: the mean
difference of a strength has to lie within the 95 % interval of the accuracy over seeds.
"""

import sys
import time

import torch

from alignsweep import probe
from alignsweep.data import synthetic
from alignsweep.scores import headline
from alignsweep.training import sweep

STRENGTHS = ["0", "0.1", "0.2", "0.4", "0.6", "0.8", "1", "1.5", "2"]


def main(seeds: int = 10) -> None:
    """Train on each device that is there, and compare."""
    pairs = synthetic.generate(redundancy=4)
    scores = {}
    for device in ("cpu", *(["cuda"] if torch.cuda.is_available() else [])):
        sweep.train(
            pairs, STRENGTHS, [0], device=device, training=sweep.Training(epochs=1, min_steps=0)
        )
        start = time.perf_counter()
        trained = sweep.train(pairs, STRENGTHS, range(seeds), device=device)
        seconds = time.perf_counter() - start
        count = len(trained.models)
        print(f"{device:5s} {count} models in {seconds:.1f} s: {count / seconds:.1f} models/s")
        table = headline(probe.linear_probe(trained, pairs))
        table = table[table["split"] == "test"]
        scores[device] = table.pivot_table("value", ["modality", "strength"], "seed")
    if "cuda" not in scores:
        print("no GPU on this machine: nothing to compare with")
        return
    cpu, gpu = scores["cpu"], scores["cuda"]
    half = 1.96 * cpu.std(axis=1) / seeds**0.5
    difference = (gpu - cpu).mean(axis=1)
    print(f"largest mean difference {difference.abs().max():.4f}, "
          f"within the interval: {(difference.abs() < half).mean():.0%} of strengths")  # fmt: skip


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(*map(int, sys.argv[1:]))
