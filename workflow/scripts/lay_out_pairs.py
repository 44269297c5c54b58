"""Lay out pairs of a dataset in a plane, for the explorer."""

from alignsweep import jobs, tables
from alignsweep.data import store
from alignsweep.metrics import plane
from alignsweep.training import models

with jobs.begin(snakemake.log[0], snakemake.threads, snakemake.config.get("extensions")):
    trained = models.load(snakemake.input.encoders)
    found = plane.lay_out(trained, store.load(snakemake.input.data, snakemake.wildcards.dataset))
    tables.write(found, snakemake.output.table)
