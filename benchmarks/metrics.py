"""Time and memory of the alignment metrics at real sizes, one thread.

    python benchmarks/metrics.py [METRIC ...]

First what the pipeline does to a dataset: 45 models (9 strengths, 5 seeds, synthetic R = 4) by the
default metrics, values and chance levels, on 2,048 test pairs; beside the same for one model and
metric at a time, which shares nothing. They take turns; medians and the largest difference.

Then single metrics. Each case runs in a process of its own, on Gaussian inputs (float32, y a noisy
rotation of x). Memory is the peak of the process above what it held once the inputs were made and
the library imported. (The peak counts from the start of the process: a metric that needs less than
making its inputs did shows the latter.)
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import time

DEFAULT = ("cka_debiased", "svcca_var99", "procrustes", "mutual_knn_k10", "cknna_k10")
SIZES = ((4096, 256), (8192, 256), (16384, 256), (65536, 64))
QUADRATIC_MEMORY = {"rsa_spearman"}
ROUNDS = 5


def one(name: str, n: int, d: int) -> None:
    """Measure one case in this process and print it as JSON."""
    import numpy as np
    import psutil
    import torch

    from alignsweep.metrics import METRICS

    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    x = rng.standard_normal((n, d), dtype=np.float32)
    y = x @ np.linalg.qr(rng.standard_normal((d, d)))[0].astype(np.float32)
    y += rng.standard_normal((n, d), dtype=np.float32)
    METRICS[name](x[:512], y[:512])  # load what is loaded on first use
    before = psutil.Process().memory_info().rss / 1024  # now, not the most that was ever held
    start = time.perf_counter()
    value = METRICS[name](x, y)
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # KiB on Linux
    print(json.dumps({"value": value, "seconds": seconds, "megabytes": (peak - before) / 1024}))


def stack() -> float:
    """Measure the models of a job together, and one model and metric at a time; print the ratio."""
    import numpy as np
    import torch

    from alignsweep.data import synthetic
    from alignsweep.metrics import METRICS, measure, measure_alignment
    from alignsweep.training import sweep

    torch.set_num_threads(1)
    pairs = synthetic.generate(redundancy=4, train=1024, validation=256, test=2048)
    strengths = [str(i / 4) for i in range(9)]
    training = sweep.Training(epochs=3, min_steps=0)
    trained = sweep.train(pairs, strengths, range(5), training=training, device="cpu")

    def together() -> np.ndarray:
        table = measure_alignment(trained, pairs)
        return table.sort_values(["metric", "seed"], kind="stable")[["value", "chance"]].to_numpy()

    def apart() -> np.ndarray:
        found = []
        for name in sorted(measure.DEFAULT):
            for seed, own in trained.by_seed():
                draw = pairs.draw(seed)
                rows = draw.sample("test", 2048, 0)
                for x, y in zip(
                    *(own.embed(m, *draw.of(m, rows)) for m in draw.inputs), strict=True
                ):
                    found.append((METRICS[name](x, y), METRICS[name].chance(x, y)))
        return np.array(found)

    def timed(function) -> float:
        start = time.perf_counter()
        function()
        return time.perf_counter() - start

    difference = np.abs(together() - apart()).max()
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # KiB on Linux
    turns = [(timed(together), timed(apart)) for _ in range(ROUNDS)]
    one, other = (statistics.median(column) for column in zip(*turns, strict=True))
    print(f"{len(trained.models)} models x {len(measure.DEFAULT)} metrics, n = 2048")
    print(f"together                          {one:6.2f} s, {held:.0f} MB in all")
    print(f"one model and metric at a time    {other:6.2f} s, {other / one:.1f} times as much")
    print(f"largest difference                {difference:.0e}\n")
    return other / one


def main() -> None:
    """Run every case and print a table."""
    threads = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    together = [sys.executable, __file__, "--stack"]
    subprocess.run(together, env=os.environ | threads, check=True)
    print(f"{'metric':18s}{'n':>8s}{'d':>6s}{'seconds':>10s}{'MB':>8s}{'value':>10s}")
    for name in sys.argv[1:] or DEFAULT:
        for n, d in SIZES:
            if name in QUADRATIC_MEMORY and n > 8192:
                continue
            command = [sys.executable, __file__, "--one", name, str(n), str(d)]
            output = subprocess.run(
                command, env=os.environ | threads, capture_output=True, text=True, check=True
            )
            case = json.loads(output.stdout)
            print(
                f"{name:18s}{n:8d}{d:6d}{case['seconds']:10.2f}"
                f"{case['megabytes']:8.0f}{case['value']:10.4f}",
                flush=True,
            )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--stack"]:
        stack()
    elif sys.argv[1:2] == ["--one"]:
        one(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    else:
        main()
