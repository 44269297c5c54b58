"""Both together: what one cannot tell without the other."""

import numpy as np
import pytest
import torch

from alignsweep import probe
from alignsweep.data.store import Pairs, split_codes
from alignsweep.probe.uses import SCORERS, Seen
from alignsweep.probe.uses.base import standardised
from alignsweep.training import sweep


def accuracy(table, use, modality, split="test"):
    rows = table.query("use == @use and modality == @modality and split == @split")
    return rows[rows["metric"] == "accuracy"]["value"].mean()


@pytest.fixture(scope="module")
def xor():
    """Synergy only: the label is whether a bit of a and one of b differ, one in ten flipped."""
    rng = np.random.default_rng(1)
    sizes = (1024, 1024, 4096)
    a, b = (rng.integers(0, 2, (sum(sizes), 2)) for _ in range(2))
    label = a[:, 0] ^ b[:, 0]
    label ^= rng.random(len(label)) < 0.1
    inputs = {m: (2 * x - 1).astype(np.float32) for m, x in (("a", a), ("b", b))}
    return Pairs("xor", inputs, label, split_codes(*sizes), classes=2)


@pytest.mark.parametrize("strength", ["0", "1"])
def test_synergy_is_at_chance_alone_and_at_its_ceiling_together(xor, strength):
    training = sweep.Training(epochs=20, min_steps=0)
    trained = sweep.train(xor, [strength], range(2), training=training)
    table = probe.probe_encoders(trained, xor, uses=("unimodal", "fused"))
    for modality in "ab":
        assert accuracy(table, "unimodal", modality) == pytest.approx(0.5, abs=0.02)
    # the ceiling: nine in ten of the labels are what the bits say
    test = xor.rows("test")
    ceiling = (xor.labels[test] == ((xor.inputs["a"] != xor.inputs["b"])[test, 0])).mean()
    assert accuracy(table, "fused", "a+b") == pytest.approx(ceiling, abs=0.005)


def test_without_synergy_it_is_the_probe_on_both_side_by_side(trained, pairs):
    own = next(iter(trained.by_seed()))[1]
    seen = Seen(own, pairs.draw(0), 0)
    (found,) = SCORERS["fused"](seen, probe.Linear())
    every, y = seen.every, seen.labels
    sides = [standardised(seen, e)[0] for e in seen.embeddings.values()]
    x = {s: torch.cat([side(s, every) for side in sides], dim=2) for s in y}
    predict = probe.Linear().fit(x["train"], y["train"], x["validation"], y["validation"], 4)
    right = (predict(x["test"], every).argmax(dim=2) == y["test"]).double().mean(dim=1)
    np.testing.assert_allclose(found.score("test", every)[0]["accuracy"], right)
    assert found.width == 12


def test_wide_embeddings_are_crossed_by_their_components(xor):
    """Sixteen dimensions a side would make 256 products; what counts is in the leading ones."""
    from alignsweep.training.encoders.mlp import MLP

    training = sweep.Training(epochs=5, min_steps=0)
    trained = sweep.train(xor, ["0"], [0], encoder=MLP((), 16), training=training)
    table = probe.probe_encoders(trained, xor, uses=("unimodal", "fused"))
    assert accuracy(table, "fused", "a+b") > 0.88
