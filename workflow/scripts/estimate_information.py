"""Decompose the information of a dataset."""

from alignsweep import data, information, log, tables

with log.to_file(snakemake.log[0]):
    known = data.EXACT_JOINTS.get(snakemake.params.kind)
    found = information.decompose_pairs(
        data.store.load(snakemake.input.data),
        known(**snakemake.params.data_options) if known else None,
        **snakemake.params.options,
    )
    tables.write_json(found, snakemake.output.information)
