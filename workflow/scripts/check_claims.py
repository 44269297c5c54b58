"""Hold the paper's claims against the tables of the study."""

from alignsweep import jobs, tables
from alignsweep.answers import claims

with jobs.begin(snakemake.log[0]):
    needed = ("datasets", "alignment", "probe")
    found = claims.check(**{name: tables.read(snakemake.input[name]) for name in needed})
    tables.write(found, snakemake.output.claims)
