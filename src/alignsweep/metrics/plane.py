"""Where pairs lie in a plane, strength by strength: how they come together, and how classes part.

Both modalities' projections of the same test samples, of unit length, are points of one space: that
is what the alignment loss sees. Each model has a space of its own, up to a rotation; so every
strength is rotated onto the one before it (orthogonal Procrustes), and all are looked at along the
two directions that hold most of their variance. What moves from one strength to the next has moved
by more than a rotation.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

if TYPE_CHECKING:
    from alignsweep.data.store import Pairs
    from alignsweep.training.models import Trained

Array = NDArray[np.float64]

#: As many pairs as can be told apart in a small drawing.
SAMPLES = 150
COLUMNS = (
    *("dataset", "alignment", "strength", "seed", "modality_a", "modality_b"),
    *("sample", "group", "x_a", "y_a", "x_b", "y_b", "shown"),
)
#: Numbers as labels are shown by the quarter of the samples that they lie in.
QUARTERS = np.array(["lowest quarter", "second quarter", "third quarter", "highest quarter"])


def lay_out(trained: Iterable[Trained], pairs: Pairs, samples: int = SAMPLES) -> pd.DataFrame:
    """Lay out test pairs in a plane, by the models of the first seed at the end of training.

    Parameters
    ----------
    trained
        A stack per alignment, with the models of any number of seeds.
    pairs
        The dataset they were trained on.
    samples
        How many pairs, at most; the same at every strength.

    Returns
    -------
    pandas.DataFrame
        A row per alignment, strength and pair, columns `COLUMNS`: ``group`` is the class, or the
        quarter of the labels; ``x_a, y_a, x_b, y_b`` are where the sample lies by each modality;
        ``shown`` is the share of the variance of this strength that the plane holds. A model that
        diverged has no rows.
    """
    frames = [_of_stack(stack, pairs, samples) for stack in trained]
    return pd.concat(frames, ignore_index=True)


def _of_stack(stack: Trained, pairs: Pairs, samples: int) -> pd.DataFrame:
    seed, own = next(stack.by_seed())
    if not own.finite.any():
        return pd.DataFrame(columns=list(COLUMNS))
    own = own.select(own.finite)
    order = sorted(range(len(own.models)), key=lambda m: float(own.models[m].strength))
    draw = pairs.draw(seed)
    rows = draw.sample("test", samples, seed)
    sides = [_unit(own.project(m, *draw.of(m, rows))) for m in draw.modalities]
    points = np.concatenate(sides, axis=1)[order]
    places, shown = _plane(_rotated(points))
    both = np.split(places, 2, axis=1)
    frames = [
        pd.DataFrame(
            {
                **{"dataset": own.dataset, "alignment": own.alignment},
                **{"strength": own.models[m].strength, "seed": seed},
                **dict(zip(("modality_a", "modality_b"), draw.modalities, strict=True)),
                **{"sample": rows, "group": _groups(draw, rows)},
                **{f"{axis}_{side}": both[s][k, :, i]
                   for s, side in enumerate("ab") for i, axis in enumerate("xy")},
                "shown": shown[k],
            }
        )
        for k, m in enumerate(order)
    ]  # fmt: skip
    return pd.concat(frames)[list(COLUMNS)]


def _unit(x: Array) -> Array:
    return x / np.maximum(np.linalg.norm(x, axis=2, keepdims=True), 1e-12)


def _rotated(points: Array) -> Array:
    """Rotate each strength's points ``(M, n, d)`` onto those of the strength before it."""
    out = points.copy()
    for k in range(1, len(out)):
        left, _, right = np.linalg.svd(out[k].T @ out[k - 1])
        out[k] = out[k] @ left @ right
    return out


def _plane(points: Array) -> tuple[Array, Array]:
    """Return places ``(M, n, 2)`` in the plane of most variance, and the share of it shown."""
    centred = points - points.mean(axis=(0, 1))
    flat = centred.reshape(-1, points.shape[2])
    directions = np.zeros((2, points.shape[2]))
    found = np.linalg.svd(flat, full_matrices=False)[2][:2]  # of a width of 1 there is only one
    directions[: len(found)] = found
    places = centred @ directions.T
    total = points.var(axis=1).sum(axis=1)
    return places, places.var(axis=1).sum(axis=1) / np.maximum(total, 1e-12)


def _groups(draw: Pairs, rows: NDArray[np.intp]) -> NDArray[np.generic]:
    """Return what each sample is coloured by."""
    labels = draw.labels[rows]
    if draw.classes is not None:
        return labels
    return QUARTERS[np.searchsorted(np.quantile(labels, [0.25, 0.5, 0.75]), labels)]
