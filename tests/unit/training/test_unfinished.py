"""A training that was killed goes on where it was, and ends in the same bits."""

import logging

import pytest
import torch

from alignsweep.training import sweep, unfinished
from alignsweep.training.alignment import Alignment
from alignsweep.training.objectives import make
from alignsweep.training.unfinished import Unfinished

STRENGTHS, SEEDS, EPOCHS = ["0", "0.4", "2"], [0, 7], 6
OPTIONS = {
    "as usual": {},
    "both kinds of control draw": {"control": "self"},
    "shuffled": {"control": "shuffled"},
    "weights of the objective": {"alignment": Alignment("siglip", make("siglip"))},
    "variants": {"learning_rate": (1e-3, 1e-2)},
    "one model at a time": {"together": 1},
}


class KilledError(Exception):
    pass


@pytest.fixture
def often(monkeypatch):
    """Keep the state after every epoch."""
    monkeypatch.setattr(unfinished, "EVERY", 0.0)


def train(pairs, folder=None, code="", learning_rate=3e-3, **options):
    training = sweep.Training(epochs=EPOCHS, min_steps=0, learning_rate=learning_rate)
    kept = None if folder is None else Unfinished(folder, code)
    return sweep.train(pairs, STRENGTHS, SEEDS, training=training, unfinished=kept, **options)


def kill_after(monkeypatch, epochs):
    """Kill the training when so many epochs were trained in all."""
    whole, seen = sweep.achieved, []

    def achieved(*given):
        if len(seen) == epochs:
            raise KilledError
        seen.append(given)
        return whole(*given)

    monkeypatch.setattr(sweep, "achieved", achieved)
    return seen


def same(one, other, folder):
    paths = [folder / "one", folder / "other"]
    for trained, path in zip((one, other), paths, strict=True):
        trained.save(path)
    return paths[0].read_bytes() == paths[1].read_bytes()


@pytest.mark.parametrize("options", OPTIONS.values(), ids=OPTIONS)
def test_a_killed_training_ends_as_one_that_was_not(often, monkeypatch, pairs, tmp_path, options):
    whole = train(pairs, **options)
    parts = {"together": 6, "learning_rate": 2}.get(next(iter(options), ""), 1)
    folder = tmp_path / "kept"
    with monkeypatch.context() as patch:
        kill_after(patch, EPOCHS * parts - 2)
        with pytest.raises(KilledError):
            train(pairs, folder, **options)
    seen = kill_after(monkeypatch, 2)  # which are left: a third would be one too many
    again = train(pairs, folder, **options)
    assert len(seen) == 2
    assert same(whole, again, tmp_path)


def test_what_was_kept_is_removed_when_it_is_not_needed(often, pairs, tmp_path):
    train(pairs, tmp_path)
    assert len(list(tmp_path.iterdir())) == 1
    Unfinished(tmp_path).forget()
    assert not list(tmp_path.iterdir())


def test_a_short_training_keeps_nothing(pairs, tmp_path):
    train(pairs, tmp_path / "kept")
    assert not list(tmp_path.iterdir())


def test_another_training_begins_anew(often, monkeypatch, pairs, tmp_path):
    train(pairs, tmp_path)
    for other in ({"code": "other"}, {"learning_rate": 1e-3}, {"control": "shuffled"}):
        with monkeypatch.context() as patch:
            seen = kill_after(patch, EPOCHS)
            train(pairs, tmp_path, **other)
            assert len(seen) == EPOCHS


def test_a_damaged_file_is_named_and_begun_anew(often, pairs, tmp_path, caplog):
    whole = train(pairs, tmp_path / "kept")
    (path,) = (tmp_path / "kept").iterdir()
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        again = train(pairs, tmp_path / "kept")
    assert path.name in caplog.text
    assert same(whole, again, tmp_path)


def test_a_model_that_diverged_stays_so(often, monkeypatch, pairs, tmp_path):
    huge = "1" + 39 * "0"  # beyond float32
    training = sweep.Training(epochs=EPOCHS, min_steps=0)
    found = []
    for folder in (None, tmp_path):
        with monkeypatch.context() as patch:
            kept = Unfinished(folder) if folder else None
            if folder:
                kill_after(patch, 3)
                with pytest.raises(KilledError):
                    sweep.train(pairs, ["0", huge], [0], training=training, unfinished=kept)
        found.append(sweep.train(pairs, ["0", huge], [0], training=training, unfinished=kept))
    assert [m.diverged_at for m in found[1].models] == [None, 0]
    assert torch.isnan(found[1].weights["a"]["encoder.0.weight"][1]).all()
    assert same(*found, tmp_path)
