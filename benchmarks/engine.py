"""Time per model-step: the stacked engine against a plain one-model-at-a-time loop.

    python benchmarks/engine.py [--strengths 9] [--seeds 5] [--batch 128] [--threads 1]

Both train the same models on the same data in memory: two MLP encoders 12 -> 12 -> 6, linear heads
and projections, symmetric InfoNCE, Adam. The loop is what one writes in plain PyTorch. They take
turns, and the ratio of the medians is reported. Then every objective takes turns with InfoNCE.
"""

import argparse
import statistics
import time

import torch
from torch import nn
from torch.nn import functional

from alignsweep.data import synthetic
from alignsweep.training import alignment, sweep
from alignsweep.training.objectives import OBJECTIVES

CLASSES, WIDTH, TEMPERATURE = 4, 6, 0.1


class Branch(nn.Module):
    """Encoder, task head and projection of one modality."""

    def __init__(self, inputs: int) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(inputs, 12), nn.ReLU(), nn.Linear(12, WIDTH))
        self.head = nn.Linear(WIDTH, CLASSES)
        self.projection = nn.Linear(WIDTH, 6)


def plain_loop(pairs, strength: float, seed: int, epochs: int, batch: int) -> None:
    """Train one model as usual."""
    torch.manual_seed(seed)
    rows = pairs.rows("train")
    x = {m: torch.as_tensor(v[rows]).float() for m, v in pairs.inputs.items()}
    y = torch.as_tensor(pairs.labels[rows])
    model = nn.ModuleDict({m: Branch(v.shape[1]) for m, v in x.items()})
    optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
    target = torch.arange(batch)
    for _ in range(epochs):
        order = torch.randperm(len(y))
        for start in range(0, len(y) - batch + 1, batch):
            chosen = order[start : start + batch]
            loss, projections = 0.0, []
            for m, branch in model.items():
                embedding = branch.encoder(x[m][chosen])
                loss = loss + functional.cross_entropy(branch.head(embedding), y[chosen])
                projections.append(functional.normalize(branch.projection(embedding), dim=1))
            logits = projections[0] @ projections[1].T / TEMPERATURE
            align = functional.cross_entropy(logits, target)
            align = (align + functional.cross_entropy(logits.T, target)) / 2
            optimizer.zero_grad()
            (loss + strength * align).backward()
            optimizer.step()


def main() -> None:
    """Take turns, and print milliseconds per model-step and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--strengths", type=int, default=9)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    pairs = synthetic.generate(redundancy=4, resample="none")
    steps = 1024 // options.batch
    strengths = [str(i / 4) for i in range(options.strengths)]
    models = options.strengths * options.seeds

    def stacked(epochs: int, objective: str = "infonce") -> float:
        training = sweep.Training(epochs=epochs, batch_size=options.batch, min_steps=0)
        how = alignment.make(objective, objective=objective)
        seeds = range(options.seeds)
        start = time.perf_counter()
        sweep.train(pairs, strengths, seeds, training=training, alignment=how, device="cpu")
        return (time.perf_counter() - start) / (epochs * steps * models) * 1e3

    def looped(epochs: int) -> float:
        start = time.perf_counter()
        plain_loop(pairs, 0.5, 0, epochs, options.batch)
        return (time.perf_counter() - start) / (epochs * steps) * 1e3

    stacked(1), looped(1)  # warm up
    times = [(stacked(20), looped(20)) for _ in range(options.rounds)]
    ours, plain = (statistics.median(column) for column in zip(*times, strict=True))
    print(f"{models} models, batch {options.batch}, {options.threads} thread(s)")
    print(f"stacked     {ours:.3f} ms per model-step")
    print(f"plain loop  {plain:.3f} ms per model-step")
    print(f"ratio       {plain / ours:.1f}")
    for objective in OBJECTIVES:
        stacked(1, objective)
        turns = [(stacked(20, objective), stacked(20)) for _ in range(options.rounds)]
        own, usual = (statistics.median(column) for column in zip(*turns, strict=True))
        print(f"{objective:15s} {own:.3f} ms per model-step, {own / usual:.2f} x infonce")


if __name__ == "__main__":
    main()
