"""Fit linear probes to the encoders of a seed block."""

import torch

from alignsweep import log, models, probe, tables
from alignsweep.data import store

with log.to_file(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    trained = models.load(snakemake.input.encoders)
    scores = probe.linear_probe(
        trained, store.load(snakemake.input.data), **snakemake.params.options
    )
    tables.write_by_strength(scores, snakemake.params.strengths, snakemake.output.probe)
