"""Training and probing models on demand, and remembering them: what a search calls."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from alignsweep import tables
from alignsweep.data.store import Pairs
from alignsweep.probe.encoders import probe_samples
from alignsweep.probe.linear import Linear
from alignsweep.sample_scores import SampleScores, merged
from alignsweep.sample_scores import load as load_samples
from alignsweep.scores import CONTROLLED, UNIMODAL
from alignsweep.selection.controls import Controls
from alignsweep.training import models, sweep
from alignsweep.training.alignment import Alignment
from alignsweep.training.unfinished import Unfinished

if TYPE_CHECKING:
    from alignsweep.probe import Probe
    from alignsweep.selection.search import Found
    from alignsweep.training.encoders import Encoder
    from alignsweep.training.models import Trained

logger = logging.getLogger(__name__)


class Evaluator:
    """Probe scores of models by alignment, strength and seed, each trained once.

    Parameters
    ----------
    pairs, encoder, training, device
        As for `sweep.train`.
    probe, uses
        As for `probe_samples`.
    beside
        A file beside which all scores and encoders are kept, so that a search that was interrupted
        goes on where it stopped. A digest of the data, the options and `code` is part of the name:
        other ones start anew. None: nothing is kept.
    code
        Digest of the code that trains and probes.

    Attributes
    ----------
    samples
        The headline scores of the test samples of all models known.
    """

    def __init__(
        self,
        pairs: Pairs,
        *,
        encoder: Mapping[str, Encoder] | None = None,
        training: sweep.Training | None = None,
        probe: Probe | None = None,
        uses: Sequence[str] = (UNIMODAL,),
        device: str = "auto",
        beside: str | Path | None = None,
        code: str = "",
    ) -> None:
        self._pairs, self._encoder, self._training = pairs, encoder, training
        self._probe, self._uses, self._device = probe or Linear(), tuple(uses), device
        self._beside, self._code = beside, code
        self._known: dict[str, pd.DataFrame] = {}  # by alignment
        self.samples = SampleScores()

    def record(self, alignment: Alignment) -> Path | None:
        """Return the file that remembers the models of an alignment."""
        if not self._beside:
            return None
        path = Path(self._beside)
        return path.with_name(f"tried-{alignment.name}-{self._digest(alignment)[:12]}.csv")

    def encoders(self, alignment: Alignment, strengths: Sequence[str]) -> Trained:
        """Return the encoders of all models known of some strengths, which were kept beside."""
        record = self.record(alignment)
        assert record is not None, "nothing is kept"
        paths = [p for s in strengths for p in record.parent.glob(_encoders(record, s, "*").name)]
        return models.join([own for path in sorted(paths) for own in models.load([path])])

    def finish(
        self,
        found: Found,
        alignments: Sequence[Alignment],
        *,
        scores: str | Path,
        search: str | Path,
        samples: str | Path,
        encoders: Sequence[str | Path],
    ) -> None:
        """Write what a search found, with the encoders it chose, and remove the records.

        Parameters
        ----------
        found, alignments
            What was found, and of which.
        scores, search, samples
            Files to write, see `Found.save` and `SampleScores.save`.
        encoders
            A file per alignment, of the encoders at strength 0 and at the chosen one.
        """
        found.save(scores, search)
        self.samples.save(samples)
        for alignment, path in zip(alignments, encoders, strict=True):
            self.encoders(alignment, found.kept(alignment.name)).save(path)
        self.forget()

    def forget(self) -> None:
        """Remove the records: what was asked for is done."""
        if self._beside:
            for path in Path(self._beside).parent.glob("tried-*"):
                path.unlink()

    def __call__(
        self, alignment: Alignment, strengths: Sequence[str], seeds: Sequence[int]
    ) -> pd.DataFrame:
        """Return the probe table of these models; those not known yet are trained, as one stack."""
        record, known = self.record(alignment), self._known.get(alignment.name)
        if known is None:
            known = pd.DataFrame()
            if record and record.exists():
                known = tables.read(record)
                self.samples |= load_samples([record.with_suffix(".safetensors")])
            logger.info("%d models of an earlier run are known", len(_models(known)))
        tried = _models(known)
        missing = [k for k in seeds if not {(s, k) for s in strengths} <= tried]
        if missing:
            unfinished = Unfinished(record.parent, self._code) if record else None
            trained = sweep.train(
                self._pairs,
                strengths,
                missing,
                encoder=self._encoder,
                training=self._training,
                alignment=alignment,
                device=self._device,
                threads=1,  # those of the job are for the probes
                unfinished=unfinished,
            )
            new, samples = probe_samples(trained, self._pairs, self._probe, self._uses)
            self.samples |= samples
            fresh = [m not in tried for m in zip(new["strength"], new["seed"], strict=True)]
            known = pd.concat([known, new[fresh]], ignore_index=True) if len(known) else new
            if record:
                self._keep(record, trained)
                own = {k: v for k, v in self.samples.items() if k[0] == alignment.name}
                SampleScores(own).save(record.with_suffix(".safetensors"))
                partial = record.with_suffix(".partial")
                tables.write(known, partial)
                os.replace(partial, record)
            if unfinished:
                unfinished.forget()
        self._known[alignment.name] = known
        wanted = known["strength"].isin(strengths) & known["seed"].isin(seeds)
        return known[wanted]

    def _keep(self, record: Path, trained: Trained) -> None:
        """Keep the encoders of each model, by strength and seed."""
        for seed, own in trained.by_seed():
            for strength, _, _ in own.models:
                path = _encoders(record, strength, seed)
                if not path.exists():  # trained once more, it is scored as it was
                    own.save(path, strength)

    def _digest(self, alignment: Alignment) -> str:
        """Digest all that the scores depend on, but for the device."""
        parts = [self._code, self._encoder, self._training, alignment, self._probe, self._uses]
        return hashlib.sha256(repr([*parts, self._pairs.digest]).encode()).hexdigest()


def _encoders(record: Path, strength: str, seed: int | str) -> Path:
    """Return the file that keeps the encoders of a model beside a record."""
    return record.with_name(f"{record.stem}-strength={strength}-seed={seed}.safetensors")


def _models(table: pd.DataFrame) -> set[tuple[str, int]]:
    if table.empty:
        return set()
    return set(zip(table["strength"], table["seed"], strict=True))


def evaluate_controls(
    pairs: Pairs,
    wanted: Mapping[str, Mapping[str, Sequence[int]]],
    alignments: Mapping[str, Alignment],
    *,
    probe: Probe | None = None,
    uses: Sequence[str] = (UNIMODAL,),
    **options: Any,
) -> Controls:
    """Train and probe the controls of models: the same but for what is aligned.

    Parameters
    ----------
    pairs, options
        As for `sweep.train`.
    wanted
        Alignment -> strength -> seeds (`optimum.candidates`).
    alignments
        By name.
    probe, uses
        As for `probe_samples`; of the uses, those that controls are for.
    """
    uses = [use for use in uses if use in CONTROLLED]
    frames, samples = [], {}
    for control in sweep.CONTROLS:
        found = []
        for name, strengths in wanted.items():
            for strength, seeds in strengths.items():
                trained = sweep.train(
                    *(pairs, [strength], seeds),
                    alignment=alignments[name],
                    control=control,
                    threads=1,  # those of the job are for the probes
                    **options,
                )
                found.append(probe_samples(trained, pairs, probe, uses))
        frames += [table.assign(control=control) for table, _ in found]
        samples[control] = merged(own for _, own in found)
    if not frames:
        return Controls(pd.DataFrame(columns=["control", "dataset"]), samples)
    table = tables.join(frames)
    return Controls(table[["control", *table.columns[:-1]]], samples)
