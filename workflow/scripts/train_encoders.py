"""Train the encoders of a seed block, each alignment's strengths as one stack."""

from alignsweep import jobs
from alignsweep.data import store
from alignsweep.training import alignment, encoders, models, sweep

with jobs.begin(snakemake.log[0], snakemake.threads, snakemake.config.get("extensions")):
    asked = snakemake.params
    trained = sweep.train_alignments(
        store.load(snakemake.input.data, snakemake.wildcards.dataset),
        asked.cells,
        asked.seeds,
        alignments={n: alignment.make(n, **o) for n, o in asked.alignments.items()},
        encoder={m: encoders.make(**o) for m, o in asked.encoder.items()},
        training=sweep.Training(**asked.training),
        device=asked.device,
        progress=True,
    )
    models.save(trained, asked.cells, snakemake.output.encoders, snakemake.output.history)
