"""Answer for one dataset: whether to align, how strongly, what it gains."""

import json
from pathlib import Path

from alignsweep import advice, figures, log, tables

with log.to_file(snakemake.log[0]):
    dataset, searched = snakemake.wildcards.dataset, snakemake.input.get("searched")
    known = {name: tables.read(snakemake.input[name]) for name in ("probe", "optimum", "datasets")}
    answer = advice.advise(
        dataset,
        known["probe"],
        known["datasets"],
        json.loads(Path(snakemake.input.information).read_text(encoding="utf-8")),
        tables.read(searched[0]) if searched else None,
    )
    tables.write_json(answer, snakemake.output.json)
    figures.plot("strength_curve", known, [dataset], [snakemake.output.figure])
    page = advice.markdown(answer, Path(snakemake.output.figure).name)
    Path(snakemake.output.page).write_text(page, encoding="utf-8")
