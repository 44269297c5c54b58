"""Draw one figure of one source of data."""

from alignsweep import figures, log, tables

with log.to_file(snakemake.log[0]):
    _, needed = figures.FIGURES[snakemake.params.figure]
    figures.plot(
        snakemake.params.figure,
        {name: tables.read(snakemake.input[name]) for name in needed},
        snakemake.params.datasets,
        snakemake.output,
    )
