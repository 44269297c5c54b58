"""Search the optimum of a dataset, for each alignment."""

from alignsweep import jobs, probe, tables
from alignsweep.answers import prediction
from alignsweep.data import store
from alignsweep.selection import evaluator, search
from alignsweep.training import alignment, encoders, sweep

with jobs.begin(snakemake.log[0], snakemake.threads, snakemake.config.get("extensions")):
    asked = snakemake.params
    evaluate = evaluator.Evaluator(
        store.load(snakemake.input.data, snakemake.wildcards.dataset),
        encoder={m: encoders.make(**o) for m, o in asked.encoder.items()},
        training=sweep.Training(**asked.training),
        probe=probe.make(**asked.probe),
        uses=asked.uses,
        device=asked.device,
        beside=snakemake.output.scores,
        code=asked.code,
    )
    alignments = [alignment.make(n, **o) for n, o in asked.alignments.items()]
    predicted = snakemake.input.get("predictions")
    found = search.search_all(
        *(evaluate, alignments, asked.strengths, asked.seeds, search.Search(**asked.options)),
        priors=prediction.prior(tables.read(predicted)) if predicted else None,
    )
    evaluate.finish(found, alignments, **snakemake.output)
