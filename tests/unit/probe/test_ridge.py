import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from alignsweep.probe import ridge


@pytest.mark.parametrize("penalty", [1e-4, 1.0])
@pytest.mark.parametrize("d", [5, 60])
def test_fit_equals_scikit_learn(rng, penalty, d):
    x, y = rng.standard_normal((3, 40, d)) + 1, rng.standard_normal(40) + 5
    predicted = ridge.fit(torch.as_tensor(x), torch.as_tensor(y), penalty).predict(
        torch.as_tensor(x)
    )
    for m in range(3):
        other = Ridge(alpha=40 * penalty).fit(x[m], y)
        np.testing.assert_allclose(predicted[m], other.predict(x[m]), atol=1e-8)


def test_penalty_must_be_positive():
    x = torch.zeros(1, 3, 2).double()
    with pytest.raises(ValueError, match="penalty is 0; allowed: above 0"):
        ridge.fit(x, torch.zeros(3).double(), 0)
