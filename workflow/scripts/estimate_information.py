"""Decompose the information of a dataset."""

from alignsweep import information, jobs, tables
from alignsweep.data import kinds, store

with jobs.begin(snakemake.log[0], snakemake.threads, snakemake.config.get("extensions")):
    known = kinds.EXACT_JOINTS.get(snakemake.params.kind)
    found = information.decompose_pairs(
        store.load(snakemake.input.data, snakemake.wildcards.dataset),
        known(**snakemake.params.data_options) if known else None,
        **snakemake.params.options,
    )
    tables.write_json(found, snakemake.output.information)
