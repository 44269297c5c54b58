"""What a study would need in memory at least: sizes that no machine has are refused at once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from alignsweep.data.checks import SAMPLES, SHAPES

Options = Mapping[str, Any]

#: Bytes that one table, or one model in training, may need.
MOST = 32 * 10**9
#: Bytes of the scores of a model, for all uses, while a dataset's table is put together.
SCORES = 2 * 12_700
#: Bytes of a value of the inputs.
VALUE = 4
#: Bytes of a weight in training: itself, its gradient, and Adam's two moments, in float32.
WEIGHT = 16


def exceeded(study: Options, datasets: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence per size of a study that needs more memory than `MOST`."""
    per_seed = len(study["strengths"]) * len(study["alignments"])
    seeds, most = study["seeds"], MOST // (SCORES * per_seed)
    if study["search"] == "adaptive":
        confirming = max(d["adaptive"]["confirming_seeds"] for d in datasets.values())
        if seeds + confirming > most:
            yield (
                f"config: adaptive.confirming_seeds is {confirming}, with {seeds} seeds; allowed: "
                f"up to {most} in all, whose scores fit into {_gb(MOST)} of memory."
            )
            return
    if seeds > most:
        yield (
            f"config: seeds is {seeds}, and the scores of {seeds * per_seed} models of a dataset "
            f"would take {_gb(seeds * per_seed * SCORES)} of memory; allowed: up to {most}, with "
            f"{per_seed} models per seed."
        )
    said: dict[str, str] = {}  # datasets of a study share their encoders
    for name, dataset in datasets.items():
        yield from _too_many(name, dataset)
        projections = [tuple(a["projection"] or ()) for a in dataset["alignments"].values()]
        for modality, encoder in dataset["encoder"].items():
            needed, widest = max((WEIGHT * _weights(encoder, p), p) for p in projections)
            if needed > MOST:
                sizes = _sizes({**encoder, "projection": list(widest)})
                said.setdefault(
                    sizes,
                    f"config: the encoder of {modality} in {name} ({sizes}) would take at least "
                    f"{_gb(needed)} of memory in training, for one model; allowed: up to "
                    f"{_gb(MOST)}.",
                )
    yield from said.values()


def _too_many(name: str, dataset: Mapping[str, Any]) -> Iterator[str]:
    """Say of a dataset that its samples would take too much memory, as far as options tell."""
    kind, options = dataset["kind"], dataset["options"]
    if kind not in SAMPLES:
        return
    lengths = [math.prod(n or 1 for n in shape) for shape in SHAPES[kind](options).values()]
    samples, values = SAMPLES[kind](options), sum(lengths)
    if samples * values * VALUE > MOST:
        yield (
            f"config: the {samples} samples of {name}, of {values} values each, would take "
            f"{_gb(samples * values * VALUE)} of memory; allowed: up to {_gb(MOST)}."
        )


def _weights(encoder: Options, projection: tuple[int, ...]) -> int:
    """Return how many weights an encoder and its projection have, at least: of one input."""
    width = encoder.get("width", 1)  # an encoder of the user's may not have it among its options
    found = _layers((width, *projection))
    if encoder["kind"] == "mlp":
        return found + _layers((1, *encoder["hidden"], width))
    if encoder["kind"] in ("transformer", "vit"):
        d = encoder["dimension"] or 1
        wide = encoder["feedforward"] or d
        return found + encoder["layers"] * (4 * d * d + 2 * d * wide) + d * width
    return found


def _layers(widths: tuple[int, ...]) -> int:
    return sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(widths))


def _sizes(encoder: Options) -> str:
    """Write the options that are sizes."""
    sizes = ("hidden", "width", "dimension", "layers", "feedforward", "projection")
    return ", ".join(f"{k} {encoder[k]}" for k in sizes if encoder.get(k))


def _gb(size: float) -> str:
    return f"{size / 1e9:.0f} GB"
