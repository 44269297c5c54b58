"""Time per model-step: the stacked engine against a plain one-model-at-a-time loop.

    python benchmarks/engine.py [--strengths 9] [--seeds 5] [--batch 128] [--threads 1]

Both train the same models on the same data in memory: two MLP encoders 12 -> 12 -> 6, linear heads
and projections, symmetric InfoNCE, Adam. The loop is what one writes in plain PyTorch. They take
turns, and the ratio of the medians is reported. Then every objective takes turns with InfoNCE.
"""

import argparse
import statistics
import time
from functools import partial

import torch
from torch import nn
from torch.nn import functional

from alignsweep.data import synthetic
from alignsweep.training import alignment, sweep
from alignsweep.training.objectives import OBJECTIVES

CLASSES, WIDTH, TEMPERATURE, SAMPLES, EPOCHS = 4, 6, 0.1, 1024, 20


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


def stacked(
    pairs, strengths: int, seeds: int, batch: int, objective: str = "infonce", threads: int = 1
) -> None:
    """Train all models of a job."""
    training = sweep.Training(epochs=EPOCHS, batch_size=batch, min_steps=0)
    how = alignment.make(objective, objective=objective)
    names = [str(i / 4) for i in range(strengths)]
    how_run = {"device": "cpu", "threads": threads}
    sweep.train(pairs, names, seeds, training=training, alignment=how, **how_run)


def turns(functions, rounds: int) -> list[float]:
    """Call functions in turn, so that all see the same machine; return their median seconds."""
    times = []
    for _ in range(rounds):
        row = []
        for function in functions:
            start = time.perf_counter()
            function()
            row.append(time.perf_counter() - start)
        times.append(row)
    return [statistics.median(column) for column in zip(*times, strict=True)]


def against_plain(
    strengths: int, seeds: int, batch: int, rounds: int, threads: int = 1
) -> tuple[float, float]:
    """Return milliseconds per model-step of the stack and of the plain loop."""
    pairs = synthetic.generate(redundancy=4, resample="none")
    ours, plain = (
        partial(stacked, pairs, strengths, seeds, batch, threads=threads),
        partial(plain_loop, pairs, 0.5, 0, EPOCHS, batch),
    )
    turns((ours, plain), 1)  # warm up
    together, alone = turns((ours, plain), rounds)
    steps = EPOCHS * (SAMPLES // batch)
    return together / (steps * strengths * seeds) * 1e3, alone / steps * 1e3


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
    size = options.strengths, options.seeds, options.batch
    ours, plain = against_plain(*size, options.rounds, options.threads)
    models = options.strengths * options.seeds
    print(f"{models} models, batch {options.batch}, {options.threads} thread(s)")
    print(f"stacked     {ours:.3f} ms per model-step")
    print(f"plain loop  {plain:.3f} ms per model-step")
    print(f"ratio       {plain / ours:.1f}")
    pairs = synthetic.generate(redundancy=4, resample="none")
    usual = partial(stacked, pairs, *size, threads=options.threads)
    for objective in OBJECTIVES:
        own, infonce = turns((partial(usual, objective), usual), options.rounds)
        print(f"{objective:15s} {own / infonce:.2f} x infonce")


if __name__ == "__main__":
    main()
