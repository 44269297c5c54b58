"""Put tables of one kind into one."""

from alignsweep import log, tables

with log.to_file(snakemake.log[0]):
    tables.write(tables.collect(snakemake.input.parts), snakemake.output.table)
