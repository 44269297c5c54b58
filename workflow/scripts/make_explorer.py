"""Make the explorer of the study's page."""

from alignsweep import jobs, tables
from alignsweep.answers import explorer

with jobs.begin(snakemake.log[0], snakemake.threads, snakemake.config.get("extensions")):
    given = snakemake.input
    known = {name: tables.read(given[name]) for name in ("gains", "alignment")}
    explorer.write(known, map(tables.read, given.planes), snakemake.output.html)
