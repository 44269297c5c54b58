"""Run ``config/world.yaml`` in two processes rather than 5,000 jobs; go on where it stopped.

    python benchmarks/world.py FOLDER [CONFIG]

Of every dataset FOLDER gets ``{dataset}.gains.csv``, what each alignment and strength gains, and
``{dataset}.features.csv``, what could be seen before, as the pipeline has them. The functions are
those of the pipeline's scripts; what is left out is the start of a process for each of them.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

from alignsweep import study

if TYPE_CHECKING:
    import pandas as pd

Study = dict[str, Any]
Job = tuple[Callable[[Study, str], "pd.DataFrame"], Study, str, Path]

CONFIG = Path(__file__).parents[1] / "config/world.yaml"
PROCESSES = 2


def main() -> None:
    """Run what is not there yet."""
    folder = Path(sys.argv[1])
    asked = study.resolve(study.read(sys.argv[2] if len(sys.argv) > 2 else CONFIG))
    folder.mkdir(parents=True, exist_ok=True)
    names = sorted(asked["datasets"], key=lambda n: n[::-1])  # of every source, if it is stopped
    jobs = [
        (make, asked, name, folder / f"{name}.{made}.csv")
        for name in names
        for made, make in (("gains", gains_of), ("features", features_of))
        if not (folder / f"{name}.{made}.csv").exists()
    ]
    with get_context("spawn").Pool(PROCESSES) as pool:
        for i, path in enumerate(pool.imap_unordered(run, jobs), 1):
            print(f"{i} of {len(jobs)}: {path.name}", flush=True)


def run(job: Job) -> Path:
    """Make a table and write it."""
    from alignsweep import tables

    make, asked, name, path = job
    partial = path.with_suffix(".partial")
    tables.write(make(asked, name), partial)
    os.replace(partial, path)
    return path


def features_of(asked: Study, name: str) -> pd.DataFrame:
    """Look at a dataset before training."""
    from alignsweep.data.kinds import KINDS
    from alignsweep.information.features import features

    own = asked["datasets"][name]
    return features(KINDS[own["kind"]](name, **own["options"]))


def gains_of(asked: Study, name: str) -> pd.DataFrame:
    """Train and probe all models of a dataset; return what they gain."""
    from alignsweep import probe, tables
    from alignsweep.data.kinds import KINDS
    from alignsweep.probe.encoders import probe_samples
    from alignsweep.sample_scores import merged
    from alignsweep.selection.design import design
    from alignsweep.selection.gains import gains
    from alignsweep.training import alignment, encoders, sweep

    own = asked["datasets"][name]
    pairs = KINDS[own["kind"]](name, **own["options"])
    trained = sweep.train_alignments(
        pairs,
        [(a, s) for a in own["alignments"] for s in asked["strengths"]],
        range(asked["seeds"]),
        alignments={n: alignment.make(n, **o) for n, o in own["alignments"].items()},
        encoder={m: encoders.make(**o) for m, o in own["encoder"].items()},
        training=sweep.Training(**own["training"]),
    )
    found = [probe_samples(t, pairs, probe.make(**own["probe"]), asked["uses"]) for t in trained]
    scores = tables.join(f.table for f in found)
    samples = merged(f.samples for f in found)
    return gains(scores, samples, {name: design(pairs, asked["seeds"])})


if __name__ == "__main__":
    main()
