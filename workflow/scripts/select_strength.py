"""Compare every strength with strength 0 and name the optimum."""

from alignsweep import log, recommend, tables

with log.to_file(snakemake.log[0]):
    scores = tables.read(snakemake.input.probe)
    tables.write(recommend.gains(scores), snakemake.output.gains)
    tables.write(recommend.recommend(scores), snakemake.output.optimum)
