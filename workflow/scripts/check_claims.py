"""Hold the paper's claims against the tables of the study."""

from alignsweep import claims, log, tables

with log.to_file(snakemake.log[0]):
    needed = ("datasets", "gains", "optimum", "alignment")
    found = claims.check(**{name: tables.read(snakemake.input[name]) for name in needed})
    tables.write(found, snakemake.output.claims)
