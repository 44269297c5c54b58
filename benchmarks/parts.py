"""What aligning a part saves, over all pairs of a study: gain at a strength, by alignment.

    python benchmarks/parts.py results/STUDY [SOURCE] [STRENGTH]

Prints, for the datasets of a source (all) and every alignment, the mean gain over strength 0 of all
(pair, modality) with two 95 % t intervals: over pairs (the mean of both modalities; they hold for
other pairs as far as these are a sample of such), and over seeds (the mean of all pairs; they hold
for other splits of these pairs); the same for the difference to the first alignment; and recall at
1, mean of both directions.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from alignsweep import tables
from alignsweep.scores import RETRIEVAL, headline
from alignsweep.selection.statistics import paired


def main(folder: str, source: str = "", strength: str = "1") -> None:
    """Print the table."""
    probe = tables.read(Path(folder) / "tables" / "probe.csv")
    probe = probe[probe["dataset"].str.startswith(source) & (probe["split"] == "test")]
    keys = ["alignment", "dataset", "modality", "seed"]
    spread = headline(probe).set_index([*keys, "strength"])["value"].unstack()
    gain = 100 * (spread[strength] - spread["0"])
    first = gain.index.get_level_values("alignment")[0]
    found = headline(probe, RETRIEVAL)
    for alignment, own in gain.groupby("alignment", sort=False):
        recall = found[(found["alignment"] == alignment) & (found["strength"] == strength)]
        own = own.droplevel("alignment")
        cells = own.groupby(["dataset", "modality"]).mean()
        print(
            f"{alignment}: {say(own)}; lowest {cells.min():+.1f}, highest {cells.max():+.1f} of "
            f"{len(cells)}; recall at 1: {100 * recall['value'].mean():.1f} %"
        )
        if alignment != first:
            print(f"    less {first}: {say(own - gain.loc[first])}")


def say(gain):
    """Write a mean with its intervals."""
    over = {
        name: paired(gain.groupby(name).mean().to_numpy(dtype=np.float64))
        for name in ("dataset", "seed")
    }
    pairs, seeds = (f"[{m.low:+.2f}, {m.high:+.2f}]" for m in over.values())
    return f"{over['dataset'].value:+.2f} points {pairs} over pairs, {seeds} over seeds"


if __name__ == "__main__":
    main(*sys.argv[1:])
