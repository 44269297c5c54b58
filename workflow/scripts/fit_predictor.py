"""Fit what predictions are made by to the simulated world that comes with the package."""

from alignsweep import jobs
from alignsweep.answers import prediction

with jobs.begin(snakemake.log[0]):
    prediction.published().save(snakemake.output.predictor)
