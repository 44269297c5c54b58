"""Write the study's page, of all that is there."""

from alignsweep import jobs
from alignsweep.answers import overview

with jobs.begin(snakemake.log[0]):
    asked = snakemake.params
    captions = {stem: overview.Caption(*said) for stem, said in asked.captions.items()}
    overview.write(asked.study, asked.results, asked.logs, captions)
