"""Search the optimum of a dataset."""

from pathlib import Path

import torch

from alignsweep import encoders, log, search, sweep, tables, trials
from alignsweep.data import store

with log.to_file(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    asked, record = snakemake.params, Path(snakemake.output.probe).with_name("tried.csv")
    evaluate = trials.Trials(
        store.load(snakemake.input.data),
        encoder={m: encoders.make(**o) for m, o in asked.encoder.items()},
        training=sweep.Training(**asked.training),
        device=asked.device,
        record=record,
        **asked.probe,
    )
    options = search.Search(**asked.options)
    tried, optimum, rounds = search.search(evaluate, asked.strengths, asked.seeds, options)
    tables.write(tried, snakemake.output.probe)
    tables.write(optimum, snakemake.output.optimum)
    tables.write_json(rounds, snakemake.output.rounds)
    evaluate.record.unlink()
