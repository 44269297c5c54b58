import re
from pathlib import Path

import pytest
import torch

from alignsweep.data import synthetic
from alignsweep.training import alignment, memory, sweep
from alignsweep.training.objectives import OBJECTIVES

STRENGTHS = ["0", "1", "2"]
STATUS = Path("/proc/self/status")


@pytest.mark.parametrize(
    ("models", "sizes"), [(100, [9]), (8, [6, 3]), (3, [3, 3, 3]), (2, [2, 1] * 3), (0, [1] * 9)]
)
def test_slices_cover_every_model_once_in_order(models, sizes):
    cut = list(memory.slices(range(3), STRENGTHS, models))
    assert [len(seeds) * len(strengths) for seeds, strengths in cut] == sizes
    flat = [(k, s) for seeds, strengths in cut for k in seeds for s in strengths]
    assert flat == [(k, s) for k in range(3) for s in STRENGTHS]


def test_saved_bytes_counts_what_the_backward_pass_needs():
    x = torch.ones(1000, requires_grad=True)
    assert memory.saved_bytes(lambda: (x * 2).sum()) == 0
    assert memory.saved_bytes(lambda: x.exp().sum()) == 4000
    assert memory.saved_bytes(lambda: x.exp().exp().sum()) == 8000


@pytest.mark.parametrize("together", [1, 2, 4])
def test_slices_do_not_change_the_models(pairs, together):
    training = sweep.Training(epochs=2, min_steps=0)
    whole = sweep.train(pairs, STRENGTHS, [0, 5], training=training, dtype=torch.float64)
    cut = sweep.train(
        pairs, STRENGTHS, [0, 5], training=training, dtype=torch.float64, together=together
    )
    assert cut.models == whole.models
    for modality, own in whole.weights.items():
        for name, w in own.items():
            torch.testing.assert_close(cut.weights[modality][name], w, rtol=1e-9, atol=1e-12)


def test_what_does_not_fit_in_memory_is_cut(pairs, monkeypatch):
    seen = []
    slices = memory.slices
    monkeypatch.setattr(memory, "CPU_BYTES", 1)
    monkeypatch.setattr(memory, "slices", lambda *a: seen.append(a[2]) or slices(*a))
    sweep.train(pairs, STRENGTHS, [0], training=sweep.Training(epochs=1, min_steps=0), device="cpu")
    assert seen == [0]


def test_a_slice_that_runs_out_of_memory_is_run_in_halves():
    tried = []

    def run(strengths, seeds):
        models = [(k, s) for k in seeds for s in strengths]
        tried.append(len(models))
        if len(models) > 2:
            raise torch.OutOfMemoryError
        return models

    parts = memory.in_slices(run, STRENGTHS, range(2), 6)
    assert [m for part in parts for m in part] == [(k, s) for k in range(2) for s in STRENGTHS]
    assert tried == [6, 3, 1, 1, 1, 3, 1, 1, 1]


def test_a_model_that_does_not_fit_at_all_is_an_error(pairs, monkeypatch):
    def full(*arguments):
        raise torch.OutOfMemoryError("out of memory")

    monkeypatch.setattr(sweep, "_train_stack", full)
    with pytest.raises(torch.OutOfMemoryError):
        sweep.train(pairs, STRENGTHS, [0])


@pytest.mark.parametrize("kind", OBJECTIVES)
def test_slices_do_not_change_the_models_whatever_the_objective(pairs, kind):
    options = {
        "training": sweep.Training(epochs=1, min_steps=0),
        "alignment": alignment.make(kind, objective=kind),
        "dtype": torch.float64,
    }
    whole = sweep.train(pairs, STRENGTHS, [0, 5], **options)
    cut = sweep.train(pairs, STRENGTHS, [0, 5], **options, together=2)
    for modality, own in whole.weights.items():
        for name, w in own.items():
            torch.testing.assert_close(cut.weights[modality][name], w, rtol=1e-9, atol=1e-12)


@pytest.mark.skipif(not STATUS.exists(), reason="needs Linux, which tells the peak of memory")
@pytest.mark.parametrize("kind", OBJECTIVES)
def test_a_stack_keeps_to_its_budget_whatever_the_objective(monkeypatch, kind):
    """81 models on batches of 512: their matrices of similarities alone would take 85 MB."""
    monkeypatch.setattr(memory, "CPU_BYTES", 8 * 2**20)
    many = synthetic.generate(redundancy=4, train=1024, validation=50, test=50)
    options = {
        "training": sweep.Training(epochs=1, min_steps=0, batch_size=512),
        "alignment": alignment.make(kind, objective=kind),
        "device": "cpu",
    }
    sweep.train(many, ["0"], [0], **options)  # what is there once, whatever the number of models
    before = _kilobytes("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak begins anew
    sweep.train(many, [str(s) for s in range(9)], range(9), **options)
    assert _kilobytes("VmHWM") - before < 40 * 1024


def _kilobytes(what):
    return int(re.search(rf"{what}:\s+(\d+)", STATUS.read_text())[1])
