"""Train and probe controls: models that align something else than pairs."""

from pathlib import Path

from alignsweep import jobs, probe, tables
from alignsweep.data import store
from alignsweep.selection import evaluator
from alignsweep.training import alignment, encoders, sweep, unfinished

with jobs.begin(snakemake.log[0], snakemake.threads, snakemake.config.get("extensions")):
    asked = snakemake.params
    kept = unfinished.Unfinished(Path(snakemake.output.scores).parent, asked.code)
    found = evaluator.evaluate_controls(
        store.load(snakemake.input.data, snakemake.wildcards.dataset),
        tables.read_json(snakemake.input.candidates),
        {n: alignment.make(n, **o) for n, o in asked.alignments.items()},
        probe=probe.make(**asked.probe),
        uses=asked.uses,
        encoder={m: encoders.make(**o) for m, o in asked.encoder.items()},
        training=sweep.Training(**asked.training),
        device=asked.device,
        unfinished=kept,
    )
    found.save(snakemake.output.scores, snakemake.output.samples)
    kept.forget()
