"""Do intervals, verdicts and optima hold for new data?

    python benchmarks/coverage.py FOLDER [DRAWS] [PROCESSES]

Of four populations (synthetic R = 0, 4 and 8, and the handwritten digits) datasets of 340 pairs are
drawn. Each is studied with five seeds that have a split of their own, every third also with one
split that is given. What is true is the mean over all datasets of a population. FOLDER keeps what
was trained: a run that was stopped goes on. coverage_report.py says what was found.
"""

import dataclasses
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import torch

from alignsweep import sample_scores, seeds, tables
from alignsweep.data import digits, synthetic
from alignsweep.data.resampling import Resampling
from alignsweep.data.store import Pairs
from alignsweep.probe.encoders import probe_samples
from alignsweep.scores import headline
from alignsweep.training import sweep

POPULATIONS = ("R0", "R4", "R8", "digits")
STRENGTHS = ("0", "0.2", "0.6", "1", "2")
SAMPLES, SEEDS = 340, range(5)
SPLITS = Resampling("split", (None, 0.2, 0.2))
#: The datasets before this one were looked at while the statistics were chosen.
FIRST = 100
CHUNK = 10


def dataset(population: str, draw: int) -> Pairs:
    """Return a dataset of a population, whose seeds have splits of their own."""
    name = f"{population}-{draw}"
    if population == "digits":
        found = digits.load(name, pair="left-right", resample="none")
        rng = seeds.generator(name, draw, seeds.SAMPLES)
        rows = rng.permutation(len(found.labels))[:SAMPLES]
    else:
        found = synthetic.generate(name, redundancy=int(population[1:]), train=SAMPLES - 2,
                                   validation=1, test=1, draw=draw, resample="none")  # fmt: skip
        rows = np.arange(SAMPLES)
    whole = dataclasses.replace(
        found,
        inputs={m: x[rows] for m, x in found.inputs.items()},
        labels=found.labels[rows],
        split=(np.arange(SAMPLES) % 3).astype(np.int8),
        resampling=SPLITS,
    )
    return dataclasses.replace(whole, split=whole.draw(0).split)


def study(folder: Path, population: str, first: int, last: int) -> None:
    """Train and probe the models of some datasets, unless they are there."""
    torch.set_num_threads(1)
    table = folder / f"{population}-{first}.csv"
    if table.exists():
        return
    found, kept = [], sample_scores.SampleScores()
    for draw in range(first, last):
        own = dataset(population, draw)
        given = dataclasses.replace(own.draw(0), name=own.name)
        # seed 0 has the split that is given: its models serve both designs
        designs = [("split", own, SEEDS), ("given", given, SEEDS[1:])][: 1 if draw % 3 else 2]
        for design, pairs, ks in designs:
            probed = probe_samples(sweep.train(pairs, STRENGTHS, ks, progress=False), pairs)
            found.append(headline(probed.table).assign(design=design))
            for (_, strength, seed, _, modality), values in probed.samples.items():
                kept[f"{design} {draw}", strength, seed, modality] = values
    kept.save(table.with_suffix(".safetensors"))
    tables.write(tables.join(found), table)


def main(folder: str, draws: int = 200, processes: int = 2) -> None:
    """Train what is missing."""
    place, start = Path(folder), time.perf_counter()
    place.mkdir(parents=True, exist_ok=True)
    last = FIRST + draws
    jobs = [(p, first) for first in range(FIRST, last, CHUNK) for p in POPULATIONS]
    with ProcessPoolExecutor(processes) as pool:
        done = [pool.submit(study, place, p, first, min(first + CHUNK, last)) for p, first in jobs]
        for n, job in enumerate(done, 1):
            job.result()
            print(f"{n} of {len(jobs)}: {time.perf_counter() - start:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
