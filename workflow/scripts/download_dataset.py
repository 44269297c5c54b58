"""Bring a file from its official place, or from a mirror, and verify it."""

from alignsweep import jobs
from alignsweep.data import retrieve

with jobs.begin(snakemake.log[0]):
    # from the configuration, not from params: another mirror is no reason to fetch a file again
    mirror = snakemake.config.get("data_mirror")
    retrieve.retrieve(snakemake.wildcards.file, snakemake.output.file, mirror)
