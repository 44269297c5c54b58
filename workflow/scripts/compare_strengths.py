"""Compare every strength with strength 0."""

from alignsweep import columns, jobs, tables
from alignsweep.selection import evidence, gains, optimum

with jobs.begin(snakemake.log[0], snakemake.threads, snakemake.config.get("extensions")):
    found = evidence.load(**snakemake.input, asked=columns.Asked(**snakemake.params.asked))
    tables.write(gains.gains(*found.known), snakemake.output.gains)
    tables.write_json(optimum.candidates(*found.known, found.choices), snakemake.output.candidates)
