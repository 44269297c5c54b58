"""Compare every strength with strength 0 and name the optimum."""

from alignsweep import jobs, tables
from alignsweep.selection import optimum

with jobs.begin(snakemake.log[0]):
    scores, searched = tables.read(snakemake.input.scores), snakemake.input.get("search")
    chosen = optimum.read_choices(searched) if searched else None
    tables.write(optimum.gains(scores), snakemake.output.gains)
    found = optimum.recommend(scores, chosen, margin=snakemake.params.margin)
    tables.write(found, snakemake.output.optimum)
