"""The world that predictions are learnt from."""

import numpy as np
import pandas as pd
import pytest

from alignsweep.data import world


def test_a_number_is_a_dataset():
    first, again, other = (world.generate(number=n, test=20, resample="none") for n in (3, 3, 4))
    assert first.name == "world-0003"
    np.testing.assert_array_equal(first.inputs["a"], again.inputs["a"])
    assert first.inputs["a"].shape != other.inputs["a"].shape


@pytest.mark.parametrize("number", range(25))
def test_every_dataset_can_be_made(number):
    kind, options = world.options(number)
    pairs = world.generate(number=number, test=50)
    assert pairs.resample == "samples"
    assert len(pairs.rows("train")) == options["train"]
    assert world.FEWEST <= options["train"] <= world.MOST
    assert kind in ("synthetic", "factors")


def test_what_may_matter_varies_by_itself():
    """In the published generator redundancy and shared nuisance correlate by -1."""
    drawn = [world.options(n) for n in range(500)]
    kinds = [kind for kind, _ in drawn]
    assert 200 < kinds.count("synthetic") < 300
    for kind, shared in (("synthetic", "redundancy"), ("factors", "shared")):
        own = pd.DataFrame([o for k, o in drawn if k == kind])
        varied = own[[shared, "nuisance", "train", "heterogeneity"]].assign(
            a=own["unique"].str[0], b=own["unique"].str[1]
        )
        size = varied.corr(method="spearman").abs().to_numpy()
        assert size[~np.eye(len(size), dtype=bool)].max() < 0.45
