"""Export the winning encoders of a dataset, and what they make of all samples."""

from alignsweep import columns, export, jobs, tables

with jobs.begin(snakemake.log[0], snakemake.threads, snakemake.config.get("extensions")):
    given, made = snakemake.input, snakemake.output
    asked = columns.Asked(**snakemake.params.asked)
    known = {name: tables.read(given[name], asked) for name in ("scores", "optimum", "uses")}
    inputs = export.originals(snakemake.params.kind, snakemake.params.options)
    export.export(given.data, given.encoders, known, made.encoders, inputs)
    export.embed(made.encoders, given.data, made.arrays, made.table)
