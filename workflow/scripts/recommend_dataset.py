"""Answer for one dataset: whether to align, how strongly, what it gains."""

from alignsweep import jobs, tables
from alignsweep.answers import page, recommendation

TABLES = ("scores", "gains", "optimum", "facts")

with jobs.begin(snakemake.log[0]):
    known = {name: tables.read(snakemake.input[name]) for name in TABLES}
    information = snakemake.input.get("information")
    answer = recommendation.advise(
        **known, information=tables.read_json(information[0]) if information else None
    )
    page.write(answer, known, snakemake.output)
