"""Put tables of one kind into one."""

from alignsweep import jobs, tables

with jobs.begin(snakemake.log[0]):
    found = tables.collect(snakemake.input.parts, snakemake.params.get("key"))
    tables.write(found, snakemake.output.table)
