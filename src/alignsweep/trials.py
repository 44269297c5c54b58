"""Training and probing models on demand, and remembering them: what a search calls."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from alignsweep import probe, sweep, tables
from alignsweep.data.store import Pairs
from alignsweep.encoders import Encoder

logger = logging.getLogger(__name__)


class Trials:
    """Probe scores of models by strength and seed, each trained once.

    Parameters
    ----------
    pairs, encoder, training, device
        As for `sweep.train`.
    penalties
        As for `probe.linear_probe`.
    record
        File that is kept up to date with all scores, so that a search that was interrupted goes on
        where it stopped. A digest of the data and the options is added to its name: other ones
        start anew.

    Attributes
    ----------
    record
        The file, None if nothing is kept.
    """

    def __init__(
        self,
        pairs: Pairs,
        *,
        encoder: Mapping[str, Encoder] | None = None,
        training: sweep.Training | None = None,
        penalties: Sequence[float] = probe.PENALTIES,
        device: str = "auto",
        record: str | Path | None = None,
    ) -> None:
        self._pairs, self._encoder, self._training = pairs, encoder, training
        self._penalties, self._device = penalties, device
        self.record: Path | None = None
        self._known = pd.DataFrame()
        if record:
            record = Path(record)
            name = f"{record.stem}-{self._digest()[:12]}{record.suffix}"
            self.record = record.with_name(name)
        if self.record and self.record.exists():
            self._known = tables.read(self.record)
            logger.info("%d models of an earlier run are known", len(self._models()))

    def __call__(self, strengths: Sequence[str], seeds: Sequence[int]) -> pd.DataFrame:
        """Return the probe table of these models; those not known yet are trained, as one stack."""
        missing = [k for k in seeds if not {(s, k) for s in strengths} <= self._models()]
        if missing:
            trained = sweep.train(
                self._pairs,
                strengths,
                missing,
                encoder=self._encoder,
                training=self._training,
                device=self._device,
            )
            new = probe.linear_probe(trained, self._pairs, self._penalties)
            known = set(zip(new["strength"], new["seed"], strict=True)) & self._models()
            fresh = [m not in known for m in zip(new["strength"], new["seed"], strict=True)]
            self._known = pd.concat([self._known, new[fresh]], ignore_index=True)
            if self.record:
                partial = self.record.with_suffix(".partial")
                tables.write(self._known, partial)
                os.replace(partial, self.record)
        wanted = self._known["strength"].isin(strengths) & self._known["seed"].isin(seeds)
        return self._known[wanted]

    def _digest(self) -> str:
        """Digest all that the scores depend on, but for the device."""
        parts = [self._encoder, self._training, list(self._penalties), self._pairs.classes]
        digest = hashlib.sha256(repr(parts).encode())
        pairs = self._pairs
        for array in (pairs.labels, pairs.split, *pairs.inputs.values(), *pairs.masks.values()):
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    def _models(self) -> set[tuple[str, int]]:
        if self._known.empty:
            return set()
        return set(zip(self._known["strength"], self._known["seed"], strict=True))
