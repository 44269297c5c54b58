"""Training and probing models on demand, and remembering them: what a search calls."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from alignsweep import tables
from alignsweep.data.store import Pairs
from alignsweep.probe.encoders import probe_encoders
from alignsweep.probe.linear import Linear
from alignsweep.training import sweep
from alignsweep.training.alignment import Alignment

if TYPE_CHECKING:
    from alignsweep.probe import Probe
    from alignsweep.training.encoders import Encoder

logger = logging.getLogger(__name__)


class Evaluator:
    """Probe scores of models by alignment, strength and seed, each trained once.

    Parameters
    ----------
    pairs, encoder, training, device
        As for `sweep.train`.
    probe
        As for `probe_encoders`.
    beside
        A file beside which all scores are kept, so that a search that was interrupted goes on where
        it stopped. A digest of the data, the options and `code` is part of the name: other ones
        start anew. None: nothing is kept.
    code
        Digest of the code that trains and probes.
    """

    def __init__(
        self,
        pairs: Pairs,
        *,
        encoder: Mapping[str, Encoder] | None = None,
        training: sweep.Training | None = None,
        probe: Probe | None = None,
        device: str = "auto",
        beside: str | Path | None = None,
        code: str = "",
    ) -> None:
        self._pairs, self._encoder, self._training = pairs, encoder, training
        self._probe, self._device = probe or Linear(), device
        self._beside, self._code = beside, code
        self._known: dict[str, pd.DataFrame] = {}  # by alignment

    def record(self, alignment: Alignment) -> Path | None:
        """Return the file that remembers the models of an alignment."""
        if not self._beside:
            return None
        path = Path(self._beside)
        return path.with_name(f"tried-{alignment.name}-{self._digest(alignment)[:12]}.csv")

    def forget(self) -> None:
        """Remove the records: what was asked for is done."""
        if self._beside:
            for path in Path(self._beside).parent.glob("tried-*.csv"):
                path.unlink()

    def __call__(
        self, alignment: Alignment, strengths: Sequence[str], seeds: Sequence[int]
    ) -> pd.DataFrame:
        """Return the probe table of these models; those not known yet are trained, as one stack."""
        record, known = self.record(alignment), self._known.get(alignment.name)
        if known is None:
            known = tables.read(record) if record and record.exists() else pd.DataFrame()
            logger.info("%d models of an earlier run are known", len(_models(known)))
        models = _models(known)
        missing = [k for k in seeds if not {(s, k) for s in strengths} <= models]
        if missing:
            trained = sweep.train(
                self._pairs,
                strengths,
                missing,
                encoder=self._encoder,
                training=self._training,
                alignment=alignment,
                device=self._device,
            )
            new = probe_encoders(trained, self._pairs, self._probe)
            fresh = [m not in models for m in zip(new["strength"], new["seed"], strict=True)]
            known = pd.concat([known, new[fresh]], ignore_index=True) if len(known) else new
            if record:
                partial = record.with_suffix(".partial")
                tables.write(known, partial)
                os.replace(partial, record)
        self._known[alignment.name] = known
        wanted = known["strength"].isin(strengths) & known["seed"].isin(seeds)
        return known[wanted]

    def _digest(self, alignment: Alignment) -> str:
        """Digest all that the scores depend on, but for the device."""
        parts = [self._code, self._encoder, self._training, alignment, self._probe]
        digest = hashlib.sha256(repr([*parts, self._pairs.classes]).encode())
        pairs = self._pairs
        for array in (pairs.labels, pairs.split, *pairs.inputs.values(), *pairs.masks.values()):
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()


def _models(table: pd.DataFrame) -> set[tuple[str, int]]:
    if table.empty:
        return set()
    return set(zip(table["strength"], table["seed"], strict=True))
