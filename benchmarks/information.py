"""Time and certified gap of the BROJA decomposition, one thread.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/information.py

Random tables (flat Dirichlet) of several sizes, and the exact tables of the synthetic sweep.
"""

import time

import numpy as np

from alignsweep.data import synthetic
from alignsweep.information import broja


def report(name: str, joint: np.ndarray) -> float:
    """Decompose once, print, and return the seconds."""
    start = time.perf_counter()
    found = broja(joint)
    seconds = time.perf_counter() - start
    shape = "x".join(map(str, joint.shape))
    print(f"{name:8s}{shape:>12s}{seconds * 1e3:10.1f} ms   gap {found.gap:.1e} bits", flush=True)
    return seconds


def main() -> None:
    """Run every case."""
    broja(np.random.RandomState(1).dirichlet(np.ones(18)).reshape(3, 3, 2))  # load the libraries
    for shape in ((10, 10, 4), (20, 20, 4), (50, 50, 10)):
        table = np.random.RandomState(0).dirichlet(np.ones(np.prod(shape))).reshape(shape)
        report("random", table)
    sweep = sum(report(f"R = {r}", synthetic.exact_joint(redundancy=r)) for r in range(9))
    print(f"whole sweep {sweep:.1f} s")


if __name__ == "__main__":
    main()
