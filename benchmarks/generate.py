"""Time to build the exact synthetic distribution and its facts, without sampling, per R."""

import statistics
import time

from alignsweep.data import synthetic

PARTS = ("shared", "unique_a"), ("shared", "unique_b"), ("shared", "unique_a", "unique_b")


def main() -> None:
    """Print the median of five runs for each R."""
    for redundancy in range(9):
        times = []
        for _ in range(5):
            start = time.perf_counter()
            distribution = synthetic.distribution(redundancy)
            for seen in PARTS:
                distribution.information(*seen)
                distribution.bayes_accuracy(*seen)
            times.append(time.perf_counter() - start)
        print(f"R = {redundancy}: {statistics.median(times) * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
