"""Answer for one dataset: whether to align, how strongly, what it gains."""

from pathlib import Path

from alignsweep import columns, jobs, tables
from alignsweep.answers import page, recommendation
from alignsweep.provenance.figures import of_run

TABLES = ("scores", "gains", "optimum", "uses", "facts", "baseline")

with jobs.begin(snakemake.log[0]):
    asked = columns.Asked(**snakemake.params.asked)
    known = {name: tables.read(snakemake.input[name], asked) for name in TABLES}
    information, predicted = (snakemake.input.get(k) for k in ("information", "predictions"))
    answer = recommendation.advise(
        **known,
        information=tables.read_json(information[0], asked) if information else None,
        predicted=tables.read(predicted, asked) if predicted else None,
    )
    results = Path(snakemake.output.figure).parents[1]
    made = of_run(results, [answer["dataset"]], {t: snakemake.input[t] for t in TABLES})
    page.write(answer, known, snakemake.output, made)
