import torch
from torch.nn import functional

from alignsweep.training import tasks


def test_cross_entropy_equals_torch():
    g = torch.Generator().manual_seed(0)
    logits = torch.randn(3, 4, 10, generator=g)
    labels = torch.randint(4, (3, 10), generator=g)
    found = tasks.cross_entropy(logits, labels)
    for m in range(3):
        torch.testing.assert_close(found[m], functional.cross_entropy(logits[m].T, labels[m]))


def test_absolute_error_is_the_l1_loss():
    g = torch.Generator().manual_seed(0)
    predicted, labels = torch.randn(3, 1, 20, generator=g), torch.randn(3, 20, generator=g)
    found = tasks.absolute_error(predicted, labels)
    for m in range(3):
        expected = functional.l1_loss(predicted[m, 0], labels[m])
        torch.testing.assert_close(found[m], expected)
