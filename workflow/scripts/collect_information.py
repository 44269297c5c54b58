"""Put the information structure of all datasets into one table."""

from alignsweep import log, tables

with log.to_file(snakemake.log[0]):
    tables.write(tables.collect_information(snakemake.input.parts), snakemake.output.table)
