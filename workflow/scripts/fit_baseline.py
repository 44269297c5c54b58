"""Fit plain models to the raw inputs of a dataset."""

from alignsweep import baseline, jobs, tables
from alignsweep.data import store

with jobs.begin(snakemake.log[0], snakemake.threads, snakemake.config.get("extensions")):
    pairs = store.load(snakemake.input.data, snakemake.wildcards.dataset)
    found = baseline.baseline(pairs, range(snakemake.params.seeds))
    tables.write(found, snakemake.output.table)
