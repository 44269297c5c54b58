"""Search the optimum of a dataset, for each alignment."""

from alignsweep import jobs, probe
from alignsweep.data import store
from alignsweep.selection import evaluator, search
from alignsweep.training import alignment, encoders, sweep

with jobs.begin(snakemake.log[0], snakemake.threads, snakemake.config.get("extensions")):
    asked = snakemake.params
    evaluate = evaluator.Evaluator(
        store.load(snakemake.input.data),
        encoder={m: encoders.make(**o) for m, o in asked.encoder.items()},
        training=sweep.Training(**asked.training),
        probe=probe.make(**asked.probe),
        device=asked.device,
        beside=snakemake.output.scores,
        code=asked.code,
    )
    alignments = [alignment.make(n, **o) for n, o in asked.alignments.items()]
    found = search.search_all(
        evaluate, alignments, asked.strengths, asked.seeds, search.Search(**asked.options)
    )
    found.save(snakemake.output.scores, snakemake.output.search)
    evaluate.samples.save(snakemake.output.samples)
    evaluate.forget()
