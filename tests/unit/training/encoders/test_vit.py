import pytest
import torch

from alignsweep.training import encoders, stack


@pytest.mark.parametrize("shape", [(8, 12), (8, 12, 3)])
def test_patches_are_those_of_unfold(shape):
    vit = encoders.ViT(width=3, patch=4)
    x = torch.randn(2, 5, *shape, generator=torch.Generator().manual_seed(0))
    found = vit.patches(x)
    for row in range(2):
        for column in range(3):
            patch = x[:, :, 4 * row : 4 * row + 4, 4 * column : 4 * column + 4].flatten(2)
            torch.testing.assert_close(found[:, :, 3 * row + column], patch)


def test_a_vit_is_a_transformer_over_patches():
    vit = encoders.ViT(width=3, patch=2, layers=1)
    weights = vit.initialise((4, 6), [stack.generator("toy", 0, 0)])
    assert weights["positions"].shape == (1, 7, 4)
    x = torch.randn(1, 5, 4, 6, generator=torch.Generator().manual_seed(0)).double()
    body = encoders.Transformer(3, layers=1, pooling="cls")
    torch.testing.assert_close(vit(weights, x), body(weights, vit.patches(x)))


def test_errors():
    generators = [stack.generator("toy", 0, 0)]
    with pytest.raises(ValueError, match='pooling is "max"; allowed: one of "mean", "cls"'):
        encoders.ViT(pooling="max")
    with pytest.raises(ValueError, match="patch is 3; allowed: a divisor of the image's sides, 4"):
        encoders.ViT(patch=3).initialise((4, 6), generators)
    with pytest.raises(ValueError, match="needs images"):
        encoders.ViT().initialise((4,), generators)
