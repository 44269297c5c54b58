import pytest
import torch

from alignsweep.training import encoders, stack


@pytest.mark.parametrize("hidden", [(), (5,), (7, 4, 3)])
def test_mlp_equals_torch_sequential(hidden):
    mlp = encoders.MLP(hidden, width=2)
    weights = mlp.initialise((3, 2), [stack.generator("toy", s, 0) for s in range(4)])
    x = torch.randn(1, 9, 3, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    out = mlp(weights, x)
    assert out.shape == (4, 2, 9)
    for m in range(4):
        h = x[0].flatten(1)
        for i in range(len(hidden) + 1):
            h = h if i == 0 else torch.relu(h)
            weight, bias = weights[f"{i}.weight"][m], weights[f"{i}.bias"][m, :, 0]
            h = torch.nn.functional.linear(h, weight, bias)
        torch.testing.assert_close(out[m].T, h)
