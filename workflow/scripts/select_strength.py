"""Name the optimum and give a verdict."""

from alignsweep import columns, jobs, tables
from alignsweep.selection import evidence

with jobs.begin(snakemake.log[0], snakemake.threads, snakemake.config.get("extensions")):
    found = evidence.load(**snakemake.input, asked=columns.Asked(**snakemake.params.asked))
    tables.write(found.recommend(snakemake.params.margin), snakemake.output.optimum)
    tables.write(found.uses(snakemake.params.margin), snakemake.output.uses)
