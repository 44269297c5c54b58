"""Probe the encoders of a seed block."""

from alignsweep import jobs, probe, tables
from alignsweep.data import store
from alignsweep.training import models

with jobs.begin(snakemake.log[0], snakemake.threads, snakemake.config.get("extensions")):
    pairs, asked = store.load(snakemake.input.data), probe.make(**snakemake.params.options)
    trained = models.load(snakemake.input.encoders)
    found = tables.join(probe.probe_encoders(stack, pairs, asked) for stack in trained)
    tables.write_cells(found, snakemake.params.cells, snakemake.output.tables)
