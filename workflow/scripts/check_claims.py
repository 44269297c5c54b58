"""Hold the claims against the tables of the study."""

from alignsweep import columns, jobs, tables
from alignsweep.answers import claims

with jobs.begin(snakemake.log[0]):
    needed = ("datasets", "alignment", "probe")
    asked = columns.Asked(**snakemake.params.asked)
    known = {name: tables.read(snakemake.input[name], asked) for name in needed}
    found = claims.check(**known, objectives=snakemake.params.objectives)
    tables.write(found, snakemake.output.claims)
