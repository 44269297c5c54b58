"""Probe the encoders of a seed block."""

from alignsweep import jobs, probe, sample_scores, tables
from alignsweep.data import store
from alignsweep.probe.encoders import probe_samples
from alignsweep.training import models

with jobs.begin(snakemake.log[0], snakemake.threads, snakemake.config.get("extensions")):
    pairs = store.load(snakemake.input.data, snakemake.wildcards.dataset)
    asked = probe.make(**snakemake.params.options)
    trained, uses = models.load(snakemake.input.encoders), snakemake.params.uses
    found = [probe_samples(stack, pairs, asked, uses) for stack in trained]
    table = tables.join(probed.table for probed in found)
    tables.write_cells(table, snakemake.params.cells, snakemake.output.tables)
    kept = sample_scores.merged(probed.samples for probed in found)
    for cell, path in zip(snakemake.params.cells, snakemake.output.samples, strict=True):
        kept.save(path, cell)
