"""Measure the alignment of the encoders of a seed block, and lay out pairs for the explorer."""

from alignsweep import jobs, metrics, tables
from alignsweep.data import store
from alignsweep.metrics import plane
from alignsweep.training import models

with jobs.begin(snakemake.log[0], snakemake.threads, snakemake.config.get("extensions")):
    pairs = store.load(snakemake.input.data, snakemake.wildcards.dataset)
    options = snakemake.params.options
    trained = models.load(snakemake.input.encoders)
    found = tables.join(metrics.measure_alignment(stack, pairs, **options) for stack in trained)
    tables.write_cells(found, snakemake.params.cells, snakemake.output.tables)
    tables.write(plane.lay_out(trained, pairs), snakemake.output.plane)
