"""How time grows with a study, and what a model costs in a stack.

    python benchmarks/scaling.py [FOLDER]

Left: training in this process, one thread, synthetic R = 4, all strengths of a seed together: time
per model against the number of models in a job. Right: whole runs of Snakemake (data, training,
probes, alignment) in copies of this repository; R levels, strengths, seeds, training pairs and
cores are changed one at a time, starting from `BASE`. Writes scaling.csv and scaling.png to
FOLDER (docs).
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import matplotlib as mpl

mpl.use("agg")
import matplotlib.pyplot as plt
import pandas as pd
import torch
import yaml
from matplotlib.ticker import NullLocator

from alignsweep.data import synthetic
from alignsweep.training import sweep

ROOT = Path(__file__).parents[1]
PARTS = ("Snakefile", "workflow", "config", "src", "envs", "README.md")
STRENGTHS = [str(i / 10).removesuffix(".0") for i in range(20)]
STACKS = (1, 2, 5, 10, 20, 50, 100, 200)
BASE = {"R levels": 2, "strengths": 5, "seeds": 10, "training pairs": 1024, "cores": 1}
SIZES = {
    "R levels": (2, 4, 8),
    "strengths": (5, 10, 20),
    "seeds": (10, 20, 40),
    "training pairs": (512, 1024, 2048),
    "cores": (1, 2),
}


def copied(folder: str) -> Path:
    """Copy what a study needs of this repository, and return the folder."""
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, Path(folder) / part)
    return Path(folder)


def stack(models: int) -> float:
    """Train one job of so many models; return seconds per model."""
    pairs = synthetic.generate(redundancy=4, resample="none")
    strengths = STRENGTHS[: min(models, 10)]
    start = time.perf_counter()
    sweep.train(
        pairs,
        strengths,
        range(models // len(strengths)),
        training=sweep.Training(epochs=20, min_steps=0),
    )
    return (time.perf_counter() - start) / models


def study(size: dict[str, int]) -> float:
    """Run a study of this size in a copy of the repository; return seconds."""
    config = {
        "study": "scaling",
        "strengths": STRENGTHS[: size["strengths"]],
        "seeds": size["seeds"],
        "seeds_per_job": 10,
        "datasets": {
            "synthetic": {
                "kind": "synthetic",
                "redundancy": list(range(size["R levels"])),
                "train": size["training pairs"],
            }
        },
    }
    with tempfile.TemporaryDirectory() as folder:
        (copied(folder) / "scaling.yaml").write_text(yaml.safe_dump(config))
        command = ["-m", "snakemake", "synthetic", "--cores", str(size["cores"])]
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, *command, "--configfile", "scaling.yaml"],
            cwd=folder,
            check=True,
            capture_output=True,
        )
        return time.perf_counter() - start


def measure() -> pd.DataFrame:
    """Measure everything: what, size, seconds (per model for stacks)."""
    stack(1)  # the first call imports half of torch
    rows = [{"what": "models per job", "size": n, "seconds": stack(n)} for n in STACKS]
    base = study(BASE)
    for what, sizes in SIZES.items():
        for n in sizes:
            seconds = base if n == BASE[what] else study(BASE | {what: n})
            rows.append({"what": what, "size": n, "seconds": seconds})
            print(rows[-1], flush=True)
    return pd.DataFrame(rows)


def draw(table: pd.DataFrame, path: Path) -> None:
    """Draw both panels."""
    with plt.style.context(ROOT / "src/alignsweep/figures/alignsweep.mplstyle"):
        figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3), layout="constrained")
        stacks = table[table["what"] == "models per job"]
        left.loglog(stacks["size"], stacks["seconds"] * 1000, marker="o")
        left.set(xlabel="models per job", ylabel="training time per model (ms)")
        left.set(xticks=STACKS, yticks=[5, 10, 20, 50, 100])
        for what, own in table[table["what"] != "models per job"].groupby("what", sort=False):
            at = own.set_index("size")["seconds"]
            right.loglog(at.index / BASE[what], at / at[BASE[what]], marker="o", label=what)
        right.loglog([0.5, 4], [0.5, 4], color="0.7", linestyle=":", label="proportional")
        right.set(xlabel="size / base", ylabel="time of the study / base")
        right.set(xticks=[0.5, 1, 2, 4], yticks=[0.5, 1, 2, 4])
        right.legend(fontsize="small")
        for axis in (left.xaxis, left.yaxis, right.xaxis, right.yaxis):
            axis.set_major_formatter("{x:g}")
            axis.set_minor_locator(NullLocator())
        figure.savefig(path)


def main(folder: str = "docs") -> None:
    """Measure, write the table, draw the figure."""
    table = measure()
    table.round(4).to_csv(Path(folder) / "scaling.csv", index=False)
    draw(table, Path(folder) / "scaling.png")
    print(table.round(4).to_string(index=False))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main(*sys.argv[1:])
