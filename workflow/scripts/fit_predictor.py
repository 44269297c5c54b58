"""Fit what predictions are made by to the world of simulated datasets that comes with the package."""

from alignsweep import jobs
from alignsweep.answers import prediction

with jobs.begin(snakemake.log[0]):
    prediction.published().save(snakemake.output.predictor)
