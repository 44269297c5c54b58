"""The two encoders of a study's winner in one file, for use elsewhere.

    encoders = alignsweep.load("results/my/digits-left-right/encoders.safetensors")
    encoders.embed("left", x)                   # (n, 32), as in the user's file -> (n, 8)

The file is safetensors. For modality ``left`` it has ``left.mean`` and ``left.scale``, by which
inputs are standardised, and the weights, ``left.encoder.{name}``, with a leading axis of 1. Its
header says, as JSON under ``alignsweep``, which model this is, and for each modality the encoder's
kind and options, and the shape and place of its inputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from torch import Tensor

from alignsweep.data.scaling import in_use
from alignsweep.data.sequences import steps_there
from alignsweep.data.tensors import TensorFile, is_own, save_tensors
from alignsweep.training import encoders
from alignsweep.training.models import EMBEDDED_VALUES

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

#: How far standardised inputs may be from those of training, relative and absolute.
TOLERANCE = 1e-3


@dataclass(frozen=True)
class Standardisation:
    """What was done to inputs before training: ``(x - mean) * scale``.

    Padding, and samples ``(steps, features)`` that are zeros only, stay 0.

    Attributes
    ----------
    mean, scale
        ``(features,)``, or ``(1,)`` where all values share one.
    """

    mean: NDArray[np.float64]
    scale: NDArray[np.float64]

    def __call__(self, x: NDArray[Any], mask: Bools | None = None) -> Floats:
        """Standardise inputs ``(n, ..., features)``, of which `mask` ``(n, steps)`` are there."""
        z = ((x - self.mean) * self.scale).astype(np.float32)
        z[~in_use(x, mask)] = 0
        return z

    @classmethod
    def between(
        cls, x: NDArray[Any], z: NDArray[Any], mask: Bools | None = None
    ) -> Standardisation:
        """Read off what made z of x: one mean and scale for all values, or else for each feature.

        Raises
        ------
        ValueError
            If nothing of the kind did.
        """
        if x.shape == z.shape:
            there = in_use(x, mask)
            before, after = x[there].astype(np.float64), z[there].astype(np.float64)
            for features in (1, z.shape[-1]):
                found = cls._of_rows(before.reshape(-1, features), after.reshape(-1, features))
                if np.allclose(found(x, mask), z, rtol=TOLERANCE, atol=TOLERANCE):
                    return found
        raise ValueError(f"inputs {x.shape} are not {z.shape} before standardising")

    @classmethod
    def _of_rows(cls, x: NDArray[np.float64], z: NDArray[np.float64]) -> Standardisation:
        """Return the line through two of the rows, feature by feature.

        The one nearest to the mean and the one farthest from that: rounding then matters least.
        """
        columns = np.arange(x.shape[1])
        near = np.abs(z).argmin(axis=0), columns
        far = np.abs(x - x[near]).argmax(axis=0), columns
        run, rise = x[far] - x[near], z[far] - z[near]
        scale = np.divide(rise, run, out=np.zeros_like(run), where=run != 0)
        back = np.divide(z[near], scale, out=np.zeros_like(run), where=scale != 0)
        return cls(x[near] - back, scale)


@dataclass(frozen=True)
class Encoder:
    """The encoder of one modality, and what its inputs must be.

    Attributes
    ----------
    options
        Its kind and options, as in the configuration.
    weights
        Name -> ``(1, ...)``.
    standardisation
        What is done to inputs.
    shape
        Of the inputs of one sample.
    columns
        Their names in the user's file, one for an array; empty where data are not the user's.
    padded
        Whether sequences had padding in training.
    mask
        Key of their mask or lengths in the user's file; False if all steps are there, None if
        padding is steps of zeros.
    """

    options: Mapping[str, Any]
    weights: Mapping[str, Tensor]
    standardisation: Standardisation
    shape: tuple[int, ...]
    columns: tuple[str, ...] = ()
    padded: bool = False
    mask: str | bool | None = None

    def __call__(self, z: NDArray[Any], mask: Bools | None = None) -> Floats:
        """Embed standardised inputs ``(n, *shape)``, ``(n, width)``."""
        encoder = encoders.make(**self.options)
        weights = {name: w.double() for name, w in self.weights.items()}
        rows = max(1, EMBEDDED_VALUES // max(1, z[:1].size))
        found = [np.empty((0, encoder.width), dtype=np.float32)]
        with torch.no_grad():
            for start in range(0, len(z), rows):
                part = slice(start, start + rows)
                x = torch.as_tensor(z[part]).double().unsqueeze(0)
                there = None if mask is None else torch.as_tensor(mask[part]).unsqueeze(0)
                found.append(encoder(weights, x, there)[0].T.float().numpy())
        return np.concatenate(found)


@dataclass(frozen=True)
class Frozen:
    """The encoders of one model.

    Attributes
    ----------
    dataset, alignment, strength, seed
        Which model.
    encoders
        Modality -> its encoder, in the order (a, b).
    """

    dataset: str
    alignment: str
    strength: str
    seed: int
    encoders: Mapping[str, Encoder]

    def embed(self, modality: str, x: NDArray[Any], mask: Bools | None = None) -> Floats:
        """Embed inputs as the user has them: they are standardised as those of training were.

        Parameters
        ----------
        modality
            Name of the modality.
        x
            ``(n, *shape)``, of images also with channels first: for data of the user's own as in
            the file, otherwise as in ``data.safetensors``.
        mask
            ``(n, steps)``, True where a step is there. Without one, where sequences had padding in
            training, it is the steps in front or behind that are all zero.

        Returns
        -------
        numpy.ndarray
            ``(n, width)``, float32.

        Raises
        ------
        ValueError
            If there is no such modality, or inputs are of another shape or not finite.
        """
        if modality not in self.encoders:
            raise ValueError(f"modality is {modality!r}; allowed: {', '.join(self.encoders)}")
        own, x = self.encoders[modality], np.asarray(x)
        if x.ndim == 4 and x.shape[1:] != own.shape:  # images, channels first
            x = np.moveaxis(x, 1, 3)
        if x.dtype.kind not in "biuf" or x.shape[1:] != own.shape or not x.ndim:
            needed = ", ".join(["n", *map(str, own.shape)])
            raise ValueError(f"{modality} is {x.dtype} {x.shape}; needed: numbers ({needed})")
        if mask is not None:
            x = np.where(mask[..., None], x, 0)  # what stands at padding is no data
        x = x.astype(np.float64)  # in float32, times in seconds since 1970 would be constant
        if bad := int((~np.isfinite(x)).sum()):
            raise ValueError(f"{modality} has {bad} values that are not finite; needed: numbers")
        if mask is None and own.padded:
            mask = steps_there(x)
        return own(own.standardisation(x, mask), mask)

    def save(self, path: str | Path) -> None:
        """Write the file that `load` reads."""
        header = {
            **{name: getattr(self, name) for name in ("dataset", "alignment", "strength", "seed")},
            "encoders": {
                m: {k: getattr(e, k) for k in ("options", "shape", "columns", "padded", "mask")}
                for m, e in self.encoders.items()
            },
        }
        arrays: dict[str, NDArray[Any]] = {}
        for m, e in self.encoders.items():
            arrays |= {f"{m}.mean": e.standardisation.mean, f"{m}.scale": e.standardisation.scale}
            arrays |= {f"{m}.encoder.{name}": w.numpy() for name, w in e.weights.items()}
        save_tensors(arrays, path, header)


def load(path: str | Path) -> Frozen:
    """Read encoders that were exported.

    Parameters
    ----------
    path
        ``results/{study}/{dataset}/encoders.safetensors``. Encoders of a kind that an extension
        adds need that file imported before.

    Returns
    -------
    Frozen
        Whose ``embed(modality, x)`` embeds inputs.

    Raises
    ------
    ValueError
        If the file is another one, or not what was written.
    """
    try:
        file = TensorFile(path) if is_own(path) else None
    except SafetensorError:
        file = None
    if file is None or "strength" not in file.header:
        raise ValueError(
            f"{path}: no exported encoders; needed: results/STUDY/DATASET/encoders.safetensors"
        )
    header, tensors = dict(file.header), {n: torch.from_numpy(file.get(n)) for n in file.names}
    found = {}
    for m, own in header.pop("encoders").items():
        prefix = f"{m}.encoder."
        found[m] = Encoder(
            own["options"],
            {n.removeprefix(prefix): w for n, w in tensors.items() if n.startswith(prefix)},
            Standardisation(tensors[f"{m}.mean"].numpy(), tensors[f"{m}.scale"].numpy()),
            tuple(own["shape"]),
            tuple(own["columns"]),
            own["padded"],
            own["mask"],
        )
    return Frozen(**header, encoders=found)
