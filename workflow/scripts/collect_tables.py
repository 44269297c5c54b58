"""Put tables of one kind into one."""

from alignsweep import columns, jobs, tables

with jobs.begin(snakemake.log[0]):
    asked = columns.Asked(**snakemake.params.asked)
    found = tables.collect(snakemake.input.parts, snakemake.params.get("key"), asked)
    tables.write(found, snakemake.output.table)
