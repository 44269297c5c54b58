"""Make a dataset of any kind."""

from alignsweep import jobs, tables
from alignsweep.data import kinds, retrieve, store

with jobs.begin(snakemake.log[0], snakemake.threads, snakemake.config.get("extensions")):
    # once more: a file that was put there by hand has not been through download_dataset
    retrieve.verify_all(snakemake.input.get("files", []), "resources")
    make = kinds.KINDS[snakemake.params.kind]
    downloads = {"resources": "resources"} if snakemake.input.get("files") else {}
    pairs = make(snakemake.wildcards.dataset, **snakemake.params.options, **downloads)
    store.save(pairs, snakemake.output.data)
    tables.write_rows(store.summary(pairs), snakemake.output.facts)
