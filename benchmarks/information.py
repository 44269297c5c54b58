"""Time and certified gap of the BROJA decomposition, one thread.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python benchmarks/information.py

Random tables (flat Dirichlet) of several sizes; the exact tables of the synthetic sweep; stacks of
tables as the permutation null decomposes them, together against one by one; and the whole estimate
of many samples. The time is that of the processor, which other programmes disturb less.
"""

import resource
import time

import numpy as np

from alignsweep.data import synthetic
from alignsweep.information import broja, broja_stack, estimate

#: Certified gap of a shuffle or resample, in bits.
COARSE = 1e-3


def report(name: str, joint: np.ndarray) -> float:
    """Decompose once, print, and return the seconds."""
    start = time.process_time()
    found = broja(joint)
    seconds = time.process_time() - start
    shape = "x".join(map(str, joint.shape))
    print(f"{name:8s}{shape:>12s}{seconds * 1e3:10.1f} ms   gap {found.gap:.1e} bits", flush=True)
    return seconds


def shuffles(shape: tuple[int, int, int], samples: int, tables: int) -> list[np.ndarray]:
    """Return tables of counts under independence: what a null decomposes."""
    rng = np.random.default_rng(0)
    flat = np.full(np.prod(shape), 1 / np.prod(shape))
    return [rng.multinomial(samples, flat).reshape(shape) / samples for _ in range(tables)]


def compare(shape: tuple[int, int, int], samples: int, tables: int = 20) -> float:
    """Print the time of a stack and of its tables one by one, and return the ratio."""
    joints = shuffles(shape, samples, tables)
    start = time.process_time()
    alone = [broja(joint, tolerance=COARSE) for joint in joints]
    middle = time.process_time()
    together = broja_stack(joints, tolerance=COARSE)
    end = time.process_time()
    differ = max(abs(a.redundancy - b.redundancy) for a, b in zip(alone, together, strict=True))
    gap = max(found.gap for found in together)
    one, stack = (middle - start) / tables * 1e3, (end - middle) / tables * 1e3
    print(
        f"stack   {'x'.join(map(str, shape)):>12s}  one by one {one:6.1f} ms, together "
        f"{stack:6.1f} ms a table: {one / stack:4.1f} x   differ {differ:.0e}, gap {gap:.1e} bits",
        flush=True,
    )
    return one / stack


def many_samples() -> None:
    """Print the time of an estimate of 30,000 samples of 20 classes, in 20 clusters."""
    rng = np.random.default_rng(0)
    y = rng.integers(20, size=30_000)
    centres = rng.standard_normal((20, 12))
    x_a, x_b = (c[y] + rng.standard_normal((len(y), 12)) for c in (centres, centres[:, ::-1]))
    start = time.process_time()
    estimate(x_a, x_b, y, clusters=20)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"30,000 samples, 20x20x20  {time.process_time() - start:.1f} s, peak {peak:.0f} MB")


def main() -> None:
    """Run every case."""
    broja(np.random.RandomState(1).dirichlet(np.ones(18)).reshape(3, 3, 2))  # load the libraries
    for shape in ((10, 10, 4), (20, 20, 4), (50, 50, 10)):
        table = np.random.RandomState(0).dirichlet(np.ones(np.prod(shape))).reshape(shape)
        report("random", table)
    sweep = sum(report(f"R = {r}", synthetic.exact_joint(redundancy=r)) for r in range(9))
    print(f"whole sweep {sweep:.1f} s")
    for shape, samples in (((5, 5, 4), 4096), ((20, 20, 4), 4096), ((40, 40, 4), 4096)):
        compare(shape, samples)
    compare((20, 20, 10), 997)
    many_samples()


if __name__ == "__main__":
    main()
