"""Make a dataset of any kind."""

from alignsweep import data, log

with log.to_file(snakemake.log[0]):
    make = data.KINDS[snakemake.params.kind]
    pairs = make(snakemake.wildcards.dataset, **snakemake.params.options)
    data.store.save(pairs, snakemake.output.data)
