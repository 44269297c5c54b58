"""Train the encoders of a seed block, each alignment's strengths as one stack."""

from pathlib import Path

from alignsweep import jobs
from alignsweep.data import store
from alignsweep.training import alignment, encoders, models, sweep, unfinished

with jobs.begin(snakemake.log[0], snakemake.threads, snakemake.config.get("extensions")):
    asked = snakemake.params
    kept = unfinished.Unfinished(Path(snakemake.output.encoders[0]).parent, asked.code)
    trained = sweep.train_alignments(
        store.load(snakemake.input.data, snakemake.wildcards.dataset),
        asked.cells,
        asked.seeds,
        alignments={n: alignment.make(n, **o) for n, o in asked.alignments.items()},
        encoder={m: encoders.make(**o) for m, o in asked.encoder.items()},
        training=sweep.Training(**asked.training),
        device=asked.device,
        progress=True,
        unfinished=kept,
    )
    models.save(trained, asked.cells, snakemake.output.encoders, snakemake.output.history)
    kept.forget()
