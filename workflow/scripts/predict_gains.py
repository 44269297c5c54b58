"""Look at a dataset before training, and predict from that what alignment gains."""

from alignsweep import jobs, tables
from alignsweep.answers import inputs, prediction
from alignsweep.data import store
from alignsweep.information.features import features

with jobs.begin(snakemake.log[0], snakemake.threads, snakemake.config.get("extensions")):
    asked = snakemake.params
    seen = features(store.load(snakemake.input.data, snakemake.wildcards.dataset))
    tables.write(seen, snakemake.output.features)
    planned = inputs.planned(snakemake.wildcards.dataset, asked.encoder, asked.alignments)
    predictor = prediction.load(snakemake.input.predictor)
    told = prediction.predictions(seen, planned, asked.strengths, predictor)
    tables.write(told, snakemake.output.predictions)
