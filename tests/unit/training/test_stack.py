import pytest
import torch

from alignsweep.training import stack


@pytest.mark.parametrize("groups", [1, 2, 6])
def test_linear_equals_each_model_alone(groups):
    torch.manual_seed(0)
    x = torch.randn(groups, 3, 7, dtype=torch.float64)
    weight = torch.randn(6, 5, 3, dtype=torch.float64)
    bias = torch.randn(6, 5, 1, dtype=torch.float64)
    y = stack.linear(x, weight, bias)
    assert y.shape == (6, 5, 7)
    for m in range(6):
        own = x[m * groups // 6]
        torch.testing.assert_close(y[m], weight[m] @ own + bias[m])


def test_initialisation_is_that_of_torch_linear_in_range_and_depends_on_the_generator():
    generators = [stack.generator("toy", s, 0) for s in (0, 0, 1)]
    weight, bias = stack.initialise_linear(generators, 16, 400)
    assert weight.shape == (3, 400, 16)
    assert bias.shape == (3, 400, 1)
    assert weight.abs().max() <= 0.25
    assert weight.std().item() == pytest.approx(0.25 / 3**0.5, rel=0.02)
    assert (weight[0] == weight[1]).all()
    assert (weight[0] != weight[2]).any()


def test_streams_differ():
    draws = {
        torch.rand(1, generator=stack.generator(dataset, seed, stream)).item()
        for dataset in ("toy", "other")
        for seed in range(3)
        for stream in range(3)
    }
    assert len(draws) == 18


def test_per_model_repeats_groups_consecutively():
    assert stack.per_model(torch.tensor([3, 5]), 6).tolist() == [3, 3, 3, 5, 5, 5]
