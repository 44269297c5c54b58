"""Answer for one dataset: whether to align, how strongly, what it gains."""

from pathlib import Path

from alignsweep import advice, figures, log, tables

TABLES = ("probe", "datasets", "information", "predictions")

with log.to_file(snakemake.log[0]):
    dataset, searched = snakemake.wildcards.dataset, snakemake.input.get("searched")
    known = {name: tables.read(snakemake.input[name]) for name in (*TABLES, "optimum")}
    found = tables.read(searched[0]) if searched else None
    answer = advice.advise(dataset, *(known[name] for name in TABLES), found)
    tables.write_json(answer, snakemake.output.json)
    figures.plot("strength_curve", known, [dataset], [snakemake.output.figure])
    figure = Path(snakemake.output.figure)
    page = advice.markdown(answer, figure.name)
    Path(snakemake.output.page).write_text(page, encoding="utf-8")
    html = advice.html(page, figure.read_text(encoding="utf-8"))
    Path(snakemake.output.html).write_text(html, encoding="utf-8")
