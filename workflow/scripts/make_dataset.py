"""Make a dataset of any kind."""

from alignsweep import data, log, retrieve

with log.to_file(snakemake.log[0]):
    # once more: a file that was put there by hand has not been through download_dataset
    retrieve.verify_all(snakemake.input.get("files", []), "resources")
    make = data.KINDS[snakemake.params.kind]
    downloads = {"resources": "resources"} if snakemake.input.get("files") else {}
    pairs = make(snakemake.wildcards.dataset, **snakemake.params.options, **downloads)
    data.store.save(pairs, snakemake.output.data)
