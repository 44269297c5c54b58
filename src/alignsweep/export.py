"""Out of a study: the winning encoders in one file, and what they make of all samples.

The winner is the model that the answer speaks of: the alignment and strength that are best on
validation for both encoders alone, or strength 0 where the answer is not to align, or that it makes
no difference; of its seeds the one with the best validation score, and each encoder at the epoch
that is best on validation.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from alignsweep import frozen
from alignsweep.data import store
from alignsweep.data.modalities import channels_last, steps_of
from alignsweep.data.readers.columns import Columns
from alignsweep.data.store import SPLITS, Pairs
from alignsweep.data.tensors import is_own
from alignsweep.frozen import Encoder, Frozen, Standardisation
from alignsweep.scores import BOTH, UNIMODAL, headline
from alignsweep.selection.curve import BASELINE
from alignsweep.selection.optimum import DO_NOT, NO_DIFFERENCE
from alignsweep.training import models
from alignsweep.training.branch import part_of
from alignsweep.training.models import Trained
from alignsweep.training.optimisation import Checkpoint

Array = NDArray[Any]


class Original(NamedTuple):
    """Inputs as the user has them, the names they stand under in the file, and their mask's.

    The mask is as for `modalities.read`.
    """

    inputs: Array
    columns: tuple[str, ...] = ()
    mask: str | bool | None = None


Originals = Mapping[str, Original]


class Winner(NamedTuple):
    """Which model is exported, and at which checkpoint the encoder of each modality."""

    alignment: str
    strength: str
    seed: int
    checkpoints: Mapping[str, Checkpoint]


def winner(scores: pd.DataFrame, optimum: pd.DataFrame, uses: pd.DataFrame) -> Winner:
    """Name the winner by the dataset's tables of these names.

    Raises
    ------
    ValueError
        If no model trained to the end at strength 0, so that nothing was chosen.
    """
    best = uses[(uses["use"] == UNIMODAL) & (uses["modality"] == BOTH)].iloc[0]
    if pd.isna(best["alignment"]):
        raise ValueError(
            f"{best['dataset']}: training diverged at strength {BASELINE}, so that there is no "
            "winner to export; lower the learning rate"
        )
    alignment, strength = str(best["alignment"]), str(best["strength"])
    own = headline(optimum)
    own = own[(own["alignment"] == alignment) & (own["modality"] == BOTH)]
    if own["verdict"].iloc[0] in (DO_NOT, NO_DIFFERENCE):
        strength = BASELINE
    tried = headline(scores)
    tried = tried[(tried["alignment"] == alignment) & (tried["strength"] == strength)]
    validation = tried[tried["split"] == "validation"]
    seed = int(validation.groupby("seed")["value"].mean().idxmax())
    at = validation[validation["seed"] == seed].set_index("modality")
    rows = at[list(Checkpoint._fields)].itertuples(index=False)
    checkpoints = {str(m): Checkpoint(*row) for m, row in zip(at.index, rows, strict=True)}
    return Winner(alignment, strength, seed, checkpoints)


def originals(kind: str, options: Mapping[str, Any]) -> Originals | None:
    """Read inputs as the user has them; None where a dataset is not the user's.

    Parameters
    ----------
    kind, options
        Of the dataset, see `data.files.load`.
    """
    if kind != "files":
        return None
    file, named = Columns(options["path"]), options["modalities"]
    keys = named if isinstance(named, Mapping) else {m: m for m in named}
    not_in = [options[k] for k in ("label", "split", "group") if options[k]]
    found, masks = {}, options.get("masks") or {}
    for modality in options["pair"].split("-"):
        x, names = file.array(keys[modality], not_in)
        mask = masks[modality] or False if modality in masks else None
        x = channels_last(modality, x) if x.ndim == 4 else x
        found[modality] = Original(x, tuple(names), mask)
    return found


def freeze(
    trained: Trained, pairs: Pairs, winner: Winner, inputs: Originals | None = None
) -> Frozen:
    """Return the encoders of the winner, by themselves.

    Parameters
    ----------
    trained
        A stack with the winner in it.
    pairs
        The dataset.
    winner
        As `winner` names it.
    inputs
        The same samples as the user has them; by default as they are in `pairs`.

    Raises
    ------
    ValueError
        If the stack has no such model, or the dataset was not made of these inputs.
    """
    kept = np.array([m[:2] == (winner.strength, winner.seed) for m in trained.models])
    if trained.alignment != winner.alignment or not kept.any():
        raise ValueError(f"{trained.dataset}: no encoders of {winner[:3]}")
    model, draw = trained.select(kept), pairs.draw(winner.seed)
    given = inputs or {m: Original(x[:]) for m, x in _not_scaled(pairs, winner.seed).inputs.items()}
    found = {}
    for modality, checkpoint in winner.checkpoints.items():
        z, (x, columns, mask) = draw.inputs[modality][:], given[modality]
        try:
            standardisation = Standardisation.between(x, z, draw.masks.get(modality))
        except ValueError as error:
            raise ValueError(
                f"{draw.name}: {modality} is not what the encoders were trained on ({error}); "
                "needed: the file as it was when the study ran"
            ) from error
        branch = model.branches[modality]
        weights = part_of(model.weights_at(_nearest(model, checkpoint))[modality], "encoder")
        options = branch.describe()["encoder"]
        padded = modality in draw.masks
        found[modality] = Encoder(
            options, weights, standardisation, z.shape[1:], columns, padded, mask
        )
    return Frozen(model.dataset, winner.alignment, winner.strength, winner.seed, found)


def _not_scaled(pairs: Pairs, seed: int) -> Pairs:
    """Return the data of a seed before they are standardised."""
    if pairs.resampling is None:
        return pairs
    return dataclasses.replace(pairs.resampling, scaling={}).draw(pairs, seed)


def _nearest(trained: Trained, checkpoint: Checkpoint) -> Checkpoint:
    """Return the checkpoint meant: a table has nine digits of its learning rate."""
    return next(c for c in trained.checkpoints if np.allclose(c, checkpoint, rtol=1e-8, atol=0))


def export(
    data: str | Path,
    encoders: Iterable[str | Path],
    tables: Mapping[str, pd.DataFrame],
    path: str | Path,
    inputs: Originals | None = None,
) -> None:
    """Write the winning encoders of a dataset, for `alignsweep.load`.

    Parameters
    ----------
    data
        Its ``data.safetensors``.
    encoders
        Files of trained encoders (`Trained.save`), the winner's among them.
    tables
        ``scores``, ``optimum`` and ``uses`` of the dataset.
    path
        Where to.
    inputs
        See `freeze`.
    """
    chosen = winner(**tables)
    pairs = store.load(data)
    for file in encoders:
        [trained] = models.load([file])
        cells = [m[:2] for m in trained.models]
        if trained.alignment == chosen.alignment and chosen[1:3] in cells:
            freeze(trained, pairs, chosen, inputs).save(path)
            return
    raise ValueError(f"{pairs.name}: no encoders of {chosen[:3]} among the files")


def embed(encoders: str | Path, data: str | Path, *outputs: str | Path) -> None:
    """Embed all samples of a file by exported encoders.

    Parameters
    ----------
    encoders
        A file of exported encoders (`alignsweep.load`).
    data
        The dataset's ``data.safetensors``: then the samples are those of the encoders' seed, and
        ``label`` (classes numbered in sorted order) and ``split``, which says what they were
        trained on, are written beside the embeddings. Or a file of the user's, with the arrays, or
        columns, that the encoders were trained on, of one modality or of both.
    outputs
        Files to write, ``.npz`` (an array ``(n, width)`` per modality) or ``.parquet`` (columns
        ``{modality}_0``, ``{modality}_1``, ...); rows are in the order of the samples.

    Raises
    ------
    ValueError
        If a file has another ending, or the data are of another kind than those of training.
    """
    own = frozen.load(encoders)
    wrong = [str(path) for path in outputs if Path(path).suffix not in _WRITERS]
    if wrong:
        raise ValueError(f"{wrong[0]}: its ending is none of {', '.join(_WRITERS)}")
    found = _of_dataset(own, data) if _is_dataset(data) else _of_file(own, data)
    for path in outputs:
        _WRITERS[Path(path).suffix](found, path)


def _is_dataset(path: str | Path) -> bool:
    return Path(path).suffix == ".safetensors" and Path(path).is_file() and is_own(path)


def _of_dataset(own: Frozen, path: str | Path) -> dict[str, Array]:
    pairs = store.load(path)
    if (pairs.name, *pairs.modalities) != (own.dataset, *own.encoders):
        raise ValueError(f"{path} is {pairs.name}; needed: {own.dataset}, which was trained on")
    draw = pairs.draw(own.seed)
    said: dict[str, Array] = {"label": draw.labels, "split": np.array(SPLITS)[draw.split]}
    for modality, encoder in own.encoders.items():  # the draw is standardised
        said[modality] = encoder(draw.inputs[modality][:], draw.masks.get(modality))
    return said


def _of_file(own: Frozen, path: str | Path) -> dict[str, Array]:
    file, found = Columns(path), {}
    for modality, encoder in own.encoders.items():
        if set(encoder.columns) & set(file.names):
            parts = [file.numbers(name) for name in encoder.columns]
            x = np.stack(parts, axis=1) if parts[0].ndim == 1 else parts[0]
            try:
                mask = None
                if encoder.padded and x.ndim == 3:
                    mask, _ = steps_of(file, repr(modality), x, encoder.mask)
                found[modality] = own.embed(modality, x, mask)
            except ValueError as error:
                raise ValueError(f"{path}: {error}") from error
    if not found:
        wanted = "; or ".join(", ".join(e.columns[:3]) or m for m, e in own.encoders.items())
        raise ValueError(f"{path}: has nothing the encoders were trained on; needed: {wanted}")
    return found


def _npz(found: Mapping[str, Array], path: str | Path) -> None:
    np.savez(path, allow_pickle=False, **found)


def _parquet(found: Mapping[str, Array], path: str | Path) -> None:
    columns: dict[str, Array] = {}
    for name, x in found.items():
        columns |= {name: x} if x.ndim == 1 else {f"{name}_{i}": c for i, c in enumerate(x.T)}
    pd.DataFrame(columns).to_parquet(path, index=False)


_WRITERS = {".npz": _npz, ".parquet": _parquet}
