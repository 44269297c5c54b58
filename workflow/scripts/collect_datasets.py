"""Put sizes and known facts of all datasets into one table."""

from alignsweep import log, tables

with log.to_file(snakemake.log[0]):
    tables.write(tables.collect_datasets(snakemake.input.parts), snakemake.output.table)
