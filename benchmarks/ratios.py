"""How much faster the parts are than what one would write first: `make bench`, `make bench-check`.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/ratios.py [--check]

Every number is a ratio of two times that took turns in this run, so that it says little of the
machine. They are written to benchmarks/results/ratios.json with what they were measured on; with
--check they are compared with what is written there, and one that is lost by more than a quarter
fails.
"""

import json
import sys
from functools import partial
from pathlib import Path

import engine
import information
import machine
import metrics
import numpy as np
import probe
import torch

from alignsweep.baseline import baseline
from alignsweep.data import synthetic
from alignsweep.data.resampling import Resampling
from alignsweep.data.store import Pairs, split_codes

RESULTS = Path(__file__).parent / "results" / "ratios.json"
#: What may be lost against the ratio that is written.
LOSS = 0.25


def training(batch: int) -> float:
    """Return the plain loop's time per model-step over that of 45 models together."""
    ours, plain = engine.against_plain(9, 5, batch, rounds=5)
    return plain / ours


def threads() -> float:
    """Return the time of a training on one thread over that on two."""
    pairs = synthetic.generate(redundancy=4, resample="none")
    job = partial(engine.stacked, pairs, 9, 5, 128)

    one, two = engine.turns((partial(job, threads=1), partial(job, threads=2)), 5)
    return one / two


def side_by_side() -> float:
    """Return the time of two seeds' plain models one after the other over that side by side."""
    rng = np.random.default_rng(0)
    y = rng.integers(20, size=16_000)
    centres = rng.standard_normal((2, 20, 256), dtype=np.float32) / 5
    noise = rng.standard_normal((2, len(y), 256), dtype=np.float32)
    inputs = {name: own[y] + x for name, own, x in zip("ab", centres, noise, strict=True)}
    anew = Resampling("split", (10_000, 3_000, 3_000))
    pairs = Pairs("own", inputs, y, split_codes(10_000, 3_000, 3_000), 20, resampling=anew)
    job = partial(baseline, pairs, range(2))
    one, two = engine.turns((partial(job, threads=1), partial(job, threads=2)), 2)
    return one / two


#: name -> what measures it
RATIOS = {
    "training, 45 models, batch 128 / a loop in plain PyTorch": partial(training, 128),
    "training, 45 models, batch 512 / a loop in plain PyTorch": partial(training, 512),
    "training, two threads / one": threads,
    "two seeds of 10,000 x 256, side by side / one after the other": side_by_side,
    **{
        f"probe, {m} models, {n} x {d}, {c} classes / scikit-learn one by one": partial(
            probe.compare, m, n, d, c
        )
        for m, n, d, c in probe.SIZES
    },
    "alignment, 45 models x 4 metrics / one at a time": metrics.stack,
    "information, 20 tables of 20 x 20 x 4 / one by one": partial(
        information.compare, (20, 20, 4), 4096
    ),
    "information, 20 tables of 40 x 40 x 4 / one by one": partial(
        information.compare, (40, 40, 4), 4096
    ),
}


def main() -> None:
    """Measure; write the ratios, or compare them."""
    torch.set_num_threads(1)
    check = sys.argv[1:] == ["--check"]
    before = json.loads(RESULTS.read_text())["ratios"] if check else {}
    found, lost = {}, []
    for name, measure in RATIOS.items():
        found[name] = round(measure(), 2)
        known = before.get(name)
        print(f"{name}: {found[name]}" + (f" (written: {known})" if known else ""), flush=True)
        if known and found[name] < (1 - LOSS) * known:
            lost.append(f"{name}: {found[name]}, {known} before")
    if check:
        print("\n".join(["Lost by more than a quarter:", *lost]) if lost else "Nothing is lost")
        sys.exit(bool(lost))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"machine": machine.described(), "ratios": found}, indent=2))


if __name__ == "__main__":
    main()
