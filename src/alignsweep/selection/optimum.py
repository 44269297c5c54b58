"""Which strength is best, by how much, and how sure: the table ``optimum.csv``.

For one seed all strengths share data, initialisation and batch order, so differences to strength 0
are taken seed by seed. The grid and the adaptive search are judged by the same statistics. They
differ in who chose: in the grid each seed is judged at the strength that the other seeds chose,
after a search new seeds are judged at the strength that the search chose. Either way no seed judges
a choice it had a part in.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from alignsweep.scores import CONTROLLED, UNIMODAL, headline
from alignsweep.selection.controls import Controls, over_controls
from alignsweep.selection.curve import KEYS, USUAL, Curve, Samples, curves
from alignsweep.selection.design import Design
from alignsweep.selection.gains import gains, interval, parts
from alignsweep.selection.statistics import LEAST_SEEDS, Mean, paired
from alignsweep.selection.winners import Choices, Winners, winners

__all__ = ["MARGIN", "Controls", "candidates", "gains", "recommend"]

logger = logging.getLogger(__name__)

#: Differences up to this are of no practical weight, in the unit of the score.
MARGIN = 0.005

ALIGN, REGULARISES, DO_NOT, NO_DIFFERENCE, UNKNOWN = (
    "align",
    "regularises",
    "do not align",
    "no difference",
    "cannot be told",
)
#: Without a strength as weak as this, who knows whether a weaker one helps?
WEAK = float(USUAL) / 4
#: Verdicts by which a strength above 0 gains.
GAINS = (ALIGN, REGULARISES)


def candidates(
    scores: pd.DataFrame,
    samples: Samples | None = None,
    designs: Mapping[str, Design] | None = None,
    choices: Choices | None = None,
) -> dict[str, dict[str, list[int]]]:
    """Return where controls are needed: alignment -> strength -> seeds.

    Those are the strengths that seeds are judged at, of every modality that gains by the headline
    metric of a use that controls are for (`CONTROLLED`).
    """
    wanted: dict[str, dict[str, set[int]]] = {}
    judged = pd.concat([headline(scores, use) for use in CONTROLLED])
    for curve in curves(judged.drop_duplicates(), samples, designs):
        won = winners(curve, choices)
        if won is None or not won.optimum or not _judged(curve, won, won.of_seed).positive:
            continue
        for seed, place in zip(won.seeds, won.of_seed, strict=True):
            if place:
                at = wanted.setdefault(curve.keys[1], {}).setdefault(curve.strengths[place], set())
                at.add(curve.seeds[seed])
    return {a: {s: sorted(seeds) for s, seeds in own.items()} for a, own in wanted.items()}


def recommend(
    scores: pd.DataFrame,
    choices: Choices | None = None,
    *,
    samples: Samples | None = None,
    designs: Mapping[str, Design] | None = None,
    controls: Controls | None = None,
    margin: float = MARGIN,
) -> pd.DataFrame:
    """Name the optimum of each dataset, alignment, modality and metric, and give a verdict.

    The optimum is the strength with the best mean gain on *validation*; only strengths at which
    every seed trained to the end are eligible. Validation and test scores come from the same
    trained models, so the test gain of the strength that won on validation is still selected: with
    9 strengths and no effect at all it is above 0 on average. The gain reported is therefore
    cross-fitted: for each seed, that of the strength which wins on the validation scores of the
    *other* seeds. It is what choosing a strength in this way gains on a seed not seen. After a
    search (`choices`) it is the gain of what was chosen, on the seeds that had no part in choosing.

    Verdicts, from at least three seeds, all by 95 % intervals:

    - ``align``: the gain is above 0;
    - ``regularises``: so it is, but what is gained over the better of the controls is not: aligning
      something else than pairs does it as well;
    - ``do not align``: the gain of the best strength above 0, cross-fitted likewise, is below the
      margin, and the usual strength 1 loses; weak ones, of at most a quarter of it, were tried;
    - ``no difference``: the gains of all strengths up to 1, and that of the optimum, lie within the
      margin;
    - ``cannot be told``: none of these.

    Parameters
    ----------
    scores
        A probe table, see `probe_samples`.
    choices
        What a search chose, by the headline metric. None for a grid.
    samples, designs
        As for `curves`.
    controls
        Scores of the controls; None if there are none.
    margin
        Differences up to this are of no practical weight, in the unit of the score.

    Returns
    -------
    pandas.DataFrame
        Columns ``dataset, alignment, modality, metric``, then:

        - ``optimum``, with ``optimum_low, optimum_high``: the range in which the population's lies
          in nine of ten;
        - ``baseline``, ``score``: test scores at 0 and at the optimum;
        - ``gain, gain_low, gain_high, p_value, verdict``, ``seeds``, how many the gain is of, and
          the ``use`` of the score;
        - ``seed_low, seed_high, sd_seed, sd_test, sd_data`` (`statistics.Mean`) of the gain, the
          ``interval`` it covers, ``n_splits`` and ``n_groups``, the draws of the data and the
          independent units to test on; ``detectable``, the gain that a strength above 0 would have
          to have to be told from 0, and the ``margin``;
        - ``epoch`` and ``baseline_epoch``, the median checkpoints taken at the optimum and at 0;
          ``gain_fixed_epochs, fixed_low, fixed_high``: the gain where all stop at the last epoch;
        - ``control``, the better of the controls, and ``pairing_gain, pairing_low, pairing_high``,
          what pairs gain over it;
        - ``plateau``: the optimum and, by three seeds or more, the strengths whose test scores
          cannot be told from its; 0 is among them unless a verdict says that the optimum gains;
        - ``best``, the best strength above 0, with ``best_gain, best_low, best_high``;
        - ``usual``: 1, or the strength above 0 tried that is nearest, with ``usual_gain, usual_low,
          usual_high``;
        - ``cost, cost_low, cost_high``: what the usual strength loses against choosing one.

        Where fewer than two seeds trained to the end at strength 0 there is no optimum.
    """
    fixed = curves(scores, value="fixed_epochs" if "fixed_epochs" in scores else "value")
    rows, epochs = [], _epochs(scores)
    for curve, end in zip(curves(scores, samples, designs), fixed, strict=True):
        found = _Found(curve, winners(curve, choices), controls, margin)
        fixed_winners = winners(end, choices)
        at_end = (
            _NOTHING
            if fixed_winners is None
            else _judged(end, fixed_winners, fixed_winners.of_seed)
        )
        rows.append(
            found.row()
            | {
                "gain_fixed_epochs": at_end.value,
                "fixed_low": at_end.low,
                "fixed_high": at_end.high,
            }
            | _epochs_of(epochs, curve, found.winners)
        )
    return pd.DataFrame(rows)


_NOTHING = paired(np.array([]))


@dataclass(frozen=True)
class _Found:
    """What is found of one curve."""

    curve: Curve
    winners: Winners | None
    controls: Controls | None
    margin: float

    def row(self) -> dict[str, Any]:
        """Return the row of the table."""
        curve, won = self.curve, self.winners
        gain = best = cost = _NOTHING
        control, pairing = None, _NOTHING
        usual = _NOTHING if curve.usual is None else curve.mean_gain(curve.usual)
        if won is not None:
            gain = _judged(curve, won, won.of_seed)
            best = _NOTHING if won.best is None else _judged(curve, won, won.best_of_seed)
            if curve.usual is not None:
                cost = curve.difference(
                    won.seeds, won.of_seed, np.full(len(won.seeds), curve.usual)
                )
            control, pairing = over_controls(curve, won, self.controls)
        verdict = self._verdict(gain, best, usual, control, pairing)
        names, design = curve.strengths, curve.design
        looked_at = usual if won is not None and won.best == curve.usual else best
        return {
            **dict(zip(KEYS, curve.keys, strict=True)),
            "optimum": None if won is None else names[won.optimum],
            "baseline": curve.score(0) if curve.seeds else np.nan,
            "score": np.nan if won is None else curve.score(won.optimum),
            **interval("gain", gain),
            "p_value": gain.p_value,
            "verdict": verdict,
            "seeds": gain.seeds,
            "use": curve.use,
            "optimum_low": None if won is None else won.low,
            "optimum_high": None if won is None else won.high,
            "plateau": " ".join(names[s] for s in self._plateau(verdict)),
            "best": None if won is None or won.best is None else names[won.best],
            **interval("best", best, "best_gain"),
            "usual": None if curve.usual is None else names[curve.usual],
            **interval("usual", usual, "usual_gain"),
            **interval("cost", cost),
            **parts(gain),
            "interval": design.interval,
            "n_splits": 1 if design.interval in ("crossed", "seeds") else gain.seeds,
            "n_groups": design.groups,
            "detectable": (looked_at.high - looked_at.low) / 2,
            "margin": self.margin,
            "control": control,
            **interval("pairing", pairing, "pairing_gain"),
        }

    def _verdict(
        self, gain: Mean, best: Mean, usual: Mean, control: str | None, pairing: Mean
    ) -> str:
        curve, won, margin = self.curve, self.winners, self.margin
        if won is None:
            return UNKNOWN
        if won.optimum and gain.positive:
            return REGULARISES if control and not pairing.positive else ALIGN
        weak = any(float(curve.strengths[s]) <= WEAK for s in curve.aligned)
        if weak and best.below(margin) and usual.negative:
            return DO_NOT
        small = [s for s in curve.aligned if float(curve.strengths[s]) <= 1] or curve.aligned[:1]
        tried = [f for f in map(curve.mean_gain, small) if f.seeds]
        if tried and usual.within(margin) and all(f.within(margin) for f in [*tried, gain]):
            return NO_DIFFERENCE
        return UNKNOWN

    def _plateau(self, verdict: str) -> list[int]:
        """Return the strengths that cannot be told from the optimum, in order."""
        if self.winners is None:
            return []
        curve, optimum = self.curve, self.winners.optimum
        level = {optimum}
        seeds = np.arange(len(curve.seeds))
        for s in curve.aligned:
            if curve.mean_gain(s).negative:
                continue
            behind = curve.difference(seeds, np.full(len(seeds), optimum), np.full(len(seeds), s))
            if behind.seeds >= LEAST_SEEDS and not behind.positive:
                level.add(s)
        level.discard(0) if verdict in GAINS else level.add(0)
        return sorted(level)


def _judged(curve: Curve, won: Winners, places: Any) -> Mean:
    """Return the gain of the seeds that judge, each at its strength."""
    return curve.difference(won.seeds, places, np.zeros(len(won.seeds), dtype=np.intp))


def _epochs(scores: pd.DataFrame) -> dict[tuple[object, ...], float]:
    """Return the median checkpoint taken: `KEYS`, use, strength -> epoch."""
    if "epoch" not in scores:
        return {}
    test = scores[scores["split"] == "test"]
    named = test if "use" in test else test.assign(use=UNIMODAL)
    found: dict[tuple[object, ...], float] = (
        named.groupby([*KEYS, "use", "strength"])["epoch"].median().to_dict()
    )
    return found


def _epochs_of(
    epochs: dict[tuple[object, ...], float], curve: Curve, won: Winners | None
) -> dict[str, float]:
    """Return the median checkpoints taken at the optimum and at 0, of one modality."""
    at = {"epoch": 0 if won is None else won.optimum, "baseline_epoch": 0}
    if won is None:
        return dict.fromkeys(at, np.nan)
    keys = {name: (*curve.keys, curve.use, curve.strengths[s]) for name, s in at.items()}
    return {name: epochs.get(key, np.nan) for name, key in keys.items()}
