"""Predict the optimum of every dataset from its information structure."""

from alignsweep import law, log, tables

with log.to_file(snakemake.log[0]):
    information = tables.read(snakemake.input.information)
    tables.write(law.predictions(information), snakemake.output.predictions)
