"""Write docs/speed.md from what the benchmarks have written: `make bench`.

python benchmarks/report.py
"""

import json
from pathlib import Path

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results"

HEAD = """\
# How fast it is

Made by `make bench` from [benchmarks/results](../benchmarks/results): numbers of one machine, which
each part names. `make bench-check` measures the ratios again and fails where one has lost more than
a quarter.
"""


def machine(found: dict) -> str:
    """Say what was measured on."""
    own = found["machine"]
    return (
        f"{own['cores']} cores ({own['processor']}), {own['memory_gb']} GB, Python "
        f"{own['python']}, torch {own['torch']}, commit {own['commit']}."
    )


def ratios(found: dict) -> list[str]:
    """Write the table of ratios."""
    rows = [
        f"| {ours} | {theirs} | {ratio:g} |"
        for name, ratio in found["ratios"].items()
        for ours, _, theirs in [name.partition(" / ")]
    ]
    return [
        "## Parts, against what one would write first",
        "",
        "Times in turns, in one run, on one thread. " + machine(found),
        "",
        "| what | against | times as fast |",
        "|---|---|---|",
        *rows,
    ]


def rules(table: list[dict]) -> list[str]:
    """Write the table of a study's rules."""
    return [
        "| rule | jobs | seconds | of the processor | peak MB |",
        "|---|---|---|---|---|",
        *(
            f"| {r['rule']} | {r['jobs']} | {r['seconds']:.0f} | {r['cpu_seconds']:.0f} "
            f"| {r['peak_mb']:.0f} |"
            for r in table
        ),
    ]


def default_study(found: dict) -> list[str]:
    """Write of the default study."""
    seconds = found["seconds"]
    return [
        "## The default study",
        "",
        f"{seconds['study']:.0f} s on {found['cores']} cores, and {seconds['report']:.0f} s for "
        "Snakemake's report. " + machine(found),
        "",
        "![Seconds of each rule](default_study.png)",
        "",
        *rules(found["rules"]),
    ]


def real_sizes(found: dict) -> list[str]:
    """Write of one's own data at real sizes."""
    lines = [
        "## One's own data at real sizes",
        "",
        "20 classes, encoders of one hidden layer of 64 and 64 dimensions, five epochs, all uses.",
    ]
    for name, own in found.items():
        if "rules" in own:
            lines += [
                "",
                f"**{name}**: {own['samples']:,} samples x {own['features']} features of each "
                f"modality, {own['seconds'] / 60:.1f} minutes on two cores. " + machine(own),
                "",
                *rules(own["rules"]),
            ]
    if "growth" in found:
        lines += ["", "![Processor time against samples, features, models](real_sizes.png)", ""]
        lines += [machine(found["growth"])]
    return lines


PARTS = {"ratios": ratios, "default_study": default_study, "real_sizes": real_sizes}


def main() -> None:
    """Write the page from the results that are there."""
    lines = [HEAD]
    for name, write in PARTS.items():
        path = RESULTS / f"{name}.json"
        if path.exists():
            lines += [*write(json.loads(path.read_text())), ""]
    (ROOT / "docs" / "speed.md").write_text("\n".join(lines).rstrip() + "\n")


if __name__ == "__main__":
    main()
