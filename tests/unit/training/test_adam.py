"""The optimiser against torch's own, to the bit."""

import subprocess
import sys

import pytest
import torch

from alignsweep.training.adam import Adam

THEIRS = {False: torch.optim.Adam, True: torch.optim.AdamW}


@pytest.mark.parametrize("decoupled", [False, True])
@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_it_steps_as_torch_does(decoupled, weight_decay, dtype):
    generator = torch.Generator().manual_seed(0)
    start = [torch.randn(5, *shape, generator=generator, dtype=dtype) for shape in ((3, 4), (7,))]
    mine, theirs = ([w.clone().requires_grad_() for w in start] for _ in range(2))
    one = Adam(mine, 0.01, weight_decay, decoupled=decoupled)
    other = THEIRS[decoupled](theirs, lr=0.01, weight_decay=weight_decay, fused=True)
    for _ in range(20):
        for weights, optimiser in ((mine, one), (theirs, other)):
            optimiser.zero_grad()
            sum((w**3).sum() + w.sin().sum() for w in weights).backward()
            optimiser.step()
        for a, b in zip(mine, theirs, strict=True):
            assert torch.equal(a, b)


def test_weights_without_a_gradient_stay():
    used, unused = (torch.ones(2, requires_grad=True) for _ in range(2))
    optimiser = Adam([used, unused], 0.1)
    used.sum().backward()
    optimiser.step()
    assert (used < 1).all()
    assert (unused == 1).all()


def test_training_does_not_import_the_compiler():
    script = (
        "import sys; from alignsweep.data import synthetic; from alignsweep.training import sweep;"
        "pairs = synthetic.generate(redundancy=4, train=64, validation=20, test=20);"
        "sweep.train(pairs, ['0'], [0], training=sweep.Training(epochs=1, min_steps=0));"
        "print('torch._dynamo' in sys.modules)"
    )
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (said.stdout, said.stderr) == ("False\n", "")
