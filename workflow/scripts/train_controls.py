"""Train and probe controls: models that align something else than pairs."""

from alignsweep import jobs, probe, tables
from alignsweep.data import store
from alignsweep.selection import evaluator
from alignsweep.training import alignment, encoders, sweep

with jobs.begin(snakemake.log[0], snakemake.threads, snakemake.config.get("extensions")):
    asked = snakemake.params
    found = evaluator.evaluate_controls(
        store.load(snakemake.input.data, snakemake.wildcards.dataset),
        tables.read_json(snakemake.input.candidates),
        {n: alignment.make(n, **o) for n, o in asked.alignments.items()},
        probe=probe.make(**asked.probe),
        uses=asked.uses,
        encoder={m: encoders.make(**o) for m, o in asked.encoder.items()},
        training=sweep.Training(**asked.training),
        device=asked.device,
    )
    found.save(snakemake.output.scores, snakemake.output.samples)
