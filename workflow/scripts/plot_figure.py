"""Draw one figure, of each source of data."""

from pathlib import Path

from alignsweep import columns, figures, jobs, tables
from alignsweep.figures.plotting import plot
from alignsweep.provenance.figures import of_run

with jobs.begin(snakemake.log[0], snakemake.threads, snakemake.config.get("extensions")):
    name, out = snakemake.wildcards.figure, snakemake.output
    asked = columns.Asked(**snakemake.params.asked)
    needed = {t: tables.read(snakemake.input[t], asked) for t in figures.FIGURES[name].tables}
    results, from_tables = Path(out.pdf[0]).parents[1], {t: snakemake.input[t] for t in needed}
    for datasets, *paths in zip(snakemake.params.datasets, out.pdf, out.png, out.svg, strict=True):
        made = of_run(results, datasets, from_tables)
        plot(name, needed, datasets, paths, {"figure": name, **made})
