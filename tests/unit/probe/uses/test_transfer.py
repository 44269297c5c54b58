"""A probe fitted on one modality's projections and scored on the other's."""

import dataclasses

import numpy as np

from alignsweep import probe
from alignsweep.probe.uses import SCORERS, Seen
from alignsweep.probe.uses.base import standardised


def test_it_is_fitted_on_the_one_and_scored_on_the_other(trained, pairs):
    own = next(iter(trained.by_seed()))[1]
    draw = pairs.draw(0)
    seen = Seen(own, draw, 0)
    there, back = SCORERS["transfer"](seen, probe.Linear())
    assert (there.modality, back.modality) == ("a>b", "b>a")
    every = seen.every
    one, other = ({split: seen.projections[m](split, every) for split in seen.labels} for m in "ab")
    mean = one["train"].mean(dim=1, keepdim=True)
    spread = one["train"].std(dim=1, keepdim=True, correction=0)
    x, v, t = ((z - mean) / spread for z in (one["train"], one["validation"], other["test"]))
    y = seen.labels
    predict = probe.Linear().fit(x, y["train"], v, y["validation"], 4)
    right = (predict(t, every).argmax(dim=2) == y["test"]).double().mean(dim=1)
    np.testing.assert_allclose(there.score("test", every)[0]["accuracy"], right)


def test_two_modalities_that_are_the_same_transfer_as_well_as_they_are_probed(trained, pairs):
    def same(by_modality):
        return dict.fromkeys("ab", by_modality["a"])

    twins = dataclasses.replace(
        trained,
        weights=same(trained.weights),
        others={at: same(own) for at, own in trained.others.items()},
    )
    alike = dataclasses.replace(pairs, inputs=same(pairs.inputs), resampling=None)
    own = next(iter(twins.by_seed()))[1]
    seen = Seen(own, alike, 0)
    every, y = seen.every, seen.labels
    (features,) = standardised(seen, seen.projections["a"])
    x = {split: features(split, every) for split in y}
    predict = probe.Linear().fit(x["train"], y["train"], x["validation"], y["validation"], 4)
    right = (predict(x["test"], every).argmax(dim=2) == y["test"]).double().mean(dim=1)
    for found in SCORERS["transfer"](seen, probe.Linear()):
        np.testing.assert_allclose(found.score("test", every)[0]["accuracy"], right)
