"""Draw one figure of one source of data."""

from alignsweep import figures, jobs, tables
from alignsweep.figures.plotting import plot

with jobs.begin(snakemake.log[0], snakemake.threads, snakemake.config.get("extensions")):
    name = snakemake.wildcards.figure
    needed = {t: tables.read(snakemake.input[t]) for t in figures.FIGURES[name].tables}
    plot(name, needed, snakemake.params.datasets, snakemake.output)
