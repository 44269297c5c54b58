"""Time and memory of a study of one's own data at real sizes.

    python benchmarks/real_sizes.py [grid] [adaptive] [wide] [growth]

Made-up embeddings in a file, 20 classes, two modalities; encoders of one hidden layer, five epochs.
`grid`: 30,000 samples x 512, nine strengths x five seeds; `adaptive`: the same, searched; `wide`:
200,000 x 768, one strength beside 0, one seed. Each is a whole run of Snakemake on two cores in a
copy of this repository. `growth`: seconds of the processor to train and probe in this process, as
samples, features and models grow one at a time. Results are added to
benchmarks/results/real_sizes.json; `growth` draws docs/real_sizes.png.
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
import numpy as np
import torch
import yaml
from default_study import by_rule
from scaling import ROOT, copied

from alignsweep.data.store import Pairs
from alignsweep.probe import probe_encoders
from alignsweep.training import encoders, sweep

RESULTS = Path(__file__).parent / "results" / "real_sizes.json"
CLASSES = 20
STRENGTHS = ["0", "0.1", "0.2", "0.4", "0.6", "0.8", "1", "1.5", "2"]
ENCODER = {"hidden": [64], "width": 64}
STUDIES = {
    "grid": (30_000, 512, {"strengths": STRENGTHS, "seeds": 5, "seeds_per_job": 1}),
    "adaptive": (30_000, 512, {"strengths": STRENGTHS, "search": "adaptive"}),
    "wide": (200_000, 768, {"strengths": ["0", "1"], "seeds": 1}),
}
BASE = {"samples": 10_000, "features": 256, "models": 9}
GROWTH = {"samples": (3_000, 10_000, 30_000), "features": (64, 256, 512), "models": (3, 9, 18)}


def made_up(n: int, features: int) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Return the embeddings of both modalities, which tell the class in part, and the labels."""
    rng = np.random.default_rng(0)
    y = rng.integers(CLASSES, size=n)
    inputs = {}
    for modality in ("image", "text"):
        centres = 3.4 * rng.standard_normal((CLASSES, features), dtype=np.float32) / features**0.5
        inputs[modality] = centres[y] + rng.standard_normal((n, features), dtype=np.float32)
    return inputs, y


def study(name: str) -> dict[str, object]:
    """Run a study; return its seconds, and the largest memory of each rule."""
    n, features, options = STUDIES[name]
    with tempfile.TemporaryDirectory() as folder:
        copied(folder)
        inputs, y = made_up(n, features)
        np.savez(Path(folder) / "own.npz", **inputs, label=y)
        own = {"kind": "files", "path": "own.npz", "modalities": list(inputs), "label": "label"}
        own |= {"encoder": ENCODER, "training": {"epochs": 5, "min_steps": 0}}
        del inputs  # while Snakemake runs
        config = {"study": "real", "datasets": {"own": own}, **options}
        (Path(folder) / "real.yaml").write_text(yaml.safe_dump(config))
        command = [sys.executable, "-m", "snakemake", "recommend", "--cores", "2"]
        start = time.perf_counter()
        subprocess.run(
            [*command, "--configfile", "real.yaml"], cwd=folder, check=True, capture_output=True
        )
        seconds = time.perf_counter() - start
        rules = by_rule(Path(folder) / "benchmarks/real").to_dict("records")
    return {"samples": n, "features": features, "seconds": round(seconds), "rules": rules}


def growth() -> list[dict[str, object]]:
    """Measure training and probing as sizes grow one at a time."""
    torch.set_num_threads(1)
    rows = []
    for what, sizes in GROWTH.items():
        for size in sizes:
            n, features, models = (BASE | {what: size}).values()
            inputs, y = made_up(n, features)
            split = np.random.default_rng(1).choice(3, p=(0.6, 0.2, 0.2), size=n).astype(np.int8)
            pairs = Pairs("own", inputs, y.astype(np.int64), split, CLASSES)
            start = time.process_time()
            trained = sweep.train(
                pairs,
                STRENGTHS[: min(models, 9)],
                range(-(-models // 9)),
                encoder=encoders.make(kind="mlp", **ENCODER),
                training=sweep.Training(epochs=5, min_steps=0),
                device="cpu",
            )
            middle = time.process_time()
            probe_encoders(trained, pairs)
            row = {"what": what, "size": size, "training": round(middle - start, 2)}
            rows.append(row | {"probe": round(time.process_time() - middle, 2)})
            print(rows[-1], flush=True)
    return rows


def draw(rows: list[dict[str, object]], path: Path) -> None:
    """Draw a panel per size that grows."""
    with plt.style.context(ROOT / "src/alignsweep/figures/alignsweep.mplstyle"):
        figure, panels = plt.subplots(1, 3, figsize=(7, 2.4), layout="constrained", sharey=True)
        for axes, what in zip(panels, GROWTH, strict=True):
            own = [row for row in rows if row["what"] == what]
            for part in ("training", "probe"):
                sizes = [row["size"] for row in own]
                axes.loglog(sizes, [row[part] for row in own], marker="o", label=part)
            others = ", ".join(f"{v:,} {k}" for k, v in BASE.items() if k != what)
            axes.set_title(others, fontsize="x-small")
            axes.set_xlabel(what)
            axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
            axes.minorticks_off()
        panels[0].set_ylabel("processor time (s)")
        panels[0].legend()
        figure.savefig(path)


def main(names: list[str]) -> None:
    """Measure what is asked for, and add it to what is written."""
    found = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    for name in names or [*STUDIES, "growth"]:
        own = {"rows": growth()} if name == "growth" else study(name)
        found[name] = own | {"machine": machine.described()}
        print(name, found[name], flush=True)
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps(found, indent=2))
        if name == "growth":
            draw(own["rows"], ROOT / "docs/real_sizes.png")


if __name__ == "__main__":
    main(sys.argv[1:])
