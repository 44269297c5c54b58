"""Train the encoders of all strengths of a seed block."""

import torch

from alignsweep import encoders, log, study, sweep, tables
from alignsweep.data import store

with log.to_file(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    trained = sweep.train(
        store.load(snakemake.input.data),
        snakemake.params.strengths,
        study.seeds_of(snakemake.wildcards.seeds),
        encoder={m: encoders.make(**o) for m, o in snakemake.params.encoder.items()},
        training=sweep.Training(**snakemake.params.training),
        device=snakemake.params.device,
        progress=True,
    )
    for strength, path in zip(snakemake.params.strengths, snakemake.output.encoders, strict=True):
        trained.save(path, strength)
    tables.write_by_strength(
        tables.history(trained), snakemake.params.strengths, snakemake.output.history
    )
