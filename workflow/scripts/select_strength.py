"""Compare every strength with strength 0 and name the optimum."""

from alignsweep import log, recommend, tables

with log.to_file(snakemake.log[0]):
    scores, searched = tables.read(snakemake.input.probe), snakemake.input.get("searched")
    optimum = tables.collect(searched) if searched else recommend.recommend(scores)
    single = optimum["modality"].isin(scores["modality"])  # a search has one for both as well
    tables.write(recommend.gains(scores), snakemake.output.gains)
    tables.write(optimum[single], snakemake.output.optimum)
