"""Where the time of the default study goes: `make bench`.

    python benchmarks/default_study.py [CORES]

Runs it in a copy of this repository, from Snakemake's start to figures and report, and adds up what
Snakemake writes of every job. Writes benchmarks/results/default_study.json (seconds of the whole,
and of each rule jobs, seconds, processor time and largest memory) and docs/default_study.png.
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import machine
import matplotlib as mpl

mpl.use("agg")
import matplotlib.pyplot as plt
import pandas as pd
from scaling import ROOT, copied

RESULTS = Path(__file__).parent / "results" / "default_study.json"
#: What the study is for; everything else is overhead.
WORK = (
    "train_encoders",
    "train_controls",
    "probe_encoders",
    "measure_alignment",
    "estimate_information",
    "fit_baseline",
    "predict_gains",
)


def run(cores: int) -> tuple[dict[str, float], pd.DataFrame]:
    """Run the study; return seconds of its parts, and a row per rule."""
    with tempfile.TemporaryDirectory() as folder:
        copied(folder)
        command = [sys.executable, "-m", "snakemake", "--cores", str(cores)]
        seconds = {}
        for name, more in (("study", []), ("report", ["--report", "results/default/report.html"])):
            start = time.perf_counter()
            subprocess.run(command + more, cwd=folder, check=True, capture_output=True)
            seconds[name] = time.perf_counter() - start
        return seconds, by_rule(Path(folder) / "benchmarks/default")


def by_rule(folder: Path) -> pd.DataFrame:
    """Add up the jobs of each rule."""
    rows = []
    for path in folder.rglob("*.tsv"):
        own = pd.read_csv(path, sep="\t", na_values="-").iloc[0]
        group = {"figures": "plot_figure", "tables": "collect_table"}.get(path.parent.name)
        rows.append(
            {
                "rule": group or path.stem,
                "seconds": own["s"],
                "cpu_seconds": own["cpu_time"],
                "peak_mb": own["max_rss"],
            }
        )
    grouped = pd.DataFrame(rows).groupby("rule")
    table = grouped.agg(
        jobs=("seconds", "size"),
        seconds=("seconds", "sum"),
        cpu_seconds=("cpu_seconds", "sum"),
        peak_mb=("peak_mb", "max"),
    )
    return table.sort_values("seconds", ascending=False).round(1).reset_index()


def draw(seconds: dict[str, float], table: pd.DataFrame, cores: int, path: Path) -> None:
    """Draw the seconds of each rule, work apart from overhead."""
    work = table["rule"].isin(WORK)
    idle = cores * seconds["study"] - table["seconds"].sum()
    rows = pd.concat(
        [table, pd.DataFrame([{"rule": "Snakemake, and waiting", "seconds": max(idle, 0)}])]
    )
    with plt.style.context(ROOT / "src/alignsweep/figures/alignsweep.mplstyle"):
        figure, axes = plt.subplots(figsize=(5.5, 3), layout="constrained")
        colours = ["C0" if rule in WORK else "0.6" for rule in rows["rule"]]
        axes.barh(rows["rule"], rows["seconds"], color=colours)
        axes.invert_yaxis()
        axes.set_xlabel(f"seconds of a core, of {cores * seconds['study']:.0f} in all")
        share = table["seconds"][work].sum() / (cores * seconds["study"])
        axes.set_title(
            f"Default study: {seconds['study']:.0f} s on {cores} cores; fitting, "
            f"measuring\nand estimating (blue) are {share:.0%} of it",
            fontsize="small",
        )
        figure.savefig(path)


def main(cores: int = 2) -> None:
    """Measure, write, draw."""
    seconds, table = run(cores)
    found = {
        "machine": machine.described(),
        "cores": cores,
        "seconds": {name: round(s, 1) for name, s in seconds.items()},
        "rules": table.to_dict("records"),
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=2))
    draw(seconds, table, cores, ROOT / "docs/default_study.png")
    print(table.to_string(index=False))
    print(" ".join(f"{name}: {s:.1f} s" for name, s in seconds.items()))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
