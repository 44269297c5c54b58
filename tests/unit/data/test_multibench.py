import logging
import os
import pickle

import numpy as np
import pytest

from alignsweep.data import multibench, store

SIZES = {"train": 12, "valid": 5, "test": 6}
#: set -> file, steps, widths, labels as MultiBench's file has them, ids
FORMS = {
    "mosei": ("mosei_senti_data.pkl", 50, (35, 74, 300), (1, 1), "array"),
    "mosi": ("mosi_data.pkl", 50, (20, 5, 300), (1, 1), "array"),
    "urfunny": ("humor.pkl", 20, (371, 81, 300), (1,), "list"),
    "mustard": ("sarcasm.pkl", 50, (371, 81, 300), (), "none"),
}


def part(n, steps, widths, label_shape, ids, regression, rng):
    """A part of a file; sample i has i % 4 + 1 steps, behind padding."""
    there = np.arange(steps) >= steps - 1 - np.arange(n)[:, None] % 4
    made = {
        modality: rng.normal(2, 3, size=(n, steps, width)) * there[:, :, None]
        for modality, width in zip(("vision", "audio", "text"), widths, strict=True)
    }
    made["vision"][..., 3] = there * 0.7  # a dead feature
    made["audio"][1, -1, 2] = -np.inf  # as COVAREP has it
    labels = rng.uniform(-3, 3, size=n) if regression else np.arange(n) % 2
    made["labels"] = labels.reshape(n, *label_shape).astype(float)
    names = [f"video[{i}]" for i in range(n)]
    return made | {"array": {"id": np.array(names)}, "list": {"id": names}, "none": {}}[ids]


def make(set_, seed=0):
    _, steps, widths, label_shape, ids = FORMS[set_]
    rng = np.random.default_rng(seed)
    regression = set_ in ("mosei", "mosi")
    return {
        key: part(n, steps, widths, label_shape, ids, regression, rng) for key, n in SIZES.items()
    }


def write(folder, data, name="mosei_senti_data.pkl", protocol=4):
    (folder / "multibench").mkdir(exist_ok=True)
    (folder / "multibench" / name).write_bytes(pickle.dumps(data, protocol))
    return str(folder)


@pytest.mark.parametrize("protocol", [2, 4, 5])
@pytest.mark.parametrize("set_", FORMS)
@pytest.mark.parametrize("pair", ["vision-text", "vision-audio", "audio-text"])
def test_every_set_is_read(tmp_path, set_, pair, protocol):
    file, steps, widths, *_ = FORMS[set_]
    data = make(set_)
    pairs = multibench.load(set=set_, pair=pair, resources=write(tmp_path, data, file, protocol))
    assert pairs.name == f"{set_}-{pair}"
    assert "-".join(pairs.modalities) == pair
    assert [len(pairs.rows(s)) for s in store.SPLITS] == list(SIZES.values())
    width = dict(zip(("vision", "audio", "text"), widths, strict=True))
    for modality in pairs.modalities:
        x, mask = pairs.of(modality, np.arange(23))
        assert (x.shape, x.dtype) == ((23, steps, width[modality]), np.float32)
        lengths = [i % 4 + 1 for n in SIZES.values() for i in range(n)]
        assert mask.sum(axis=1).tolist() == lengths
        assert mask[:, -1].all()
        assert (x[~mask] == 0).all()
        known = x[pairs.rows("train")][mask[pairs.rows("train")]]
        np.testing.assert_allclose(known.mean(axis=0), 0, atol=1e-5)
        expected = np.ones(width[modality])
        if modality == "vision":
            expected[3] = 0
        if modality == "audio":
            assert x[1, -1, 2] == 0
            expected[2] = np.sqrt(1 - 1 / len(known))  # a 0 in place of one value
        np.testing.assert_allclose(known.std(axis=0), expected, atol=1e-5)
    labels = np.concatenate([data[key]["labels"].ravel() for key in SIZES])
    if set_ in ("mosei", "mosi"):
        assert pairs.task == "regression"
        np.testing.assert_array_equal(pairs.labels, labels)
    else:
        assert pairs.classes == 2
        assert pairs.labels.tolist() == labels.tolist()


def facts(pairs):
    return {(f["modality"], f["fact"]): f["value"] for f in pairs.facts}


def test_facts_and_log(tmp_path, caplog):
    data = make("mosei")
    data["train"]["text"][[2, 5]] = 0
    data["test"]["text"][0] = 0
    data["valid"]["vision"][1] = 0
    with caplog.at_level(logging.INFO):
        pairs = multibench.load(set="mosei", pair="vision-audio", resources=write(tmp_path, data))
    assert facts(pairs) == {
        ("vision+audio", "dropped_samples"): 3,
        ("vision", "not_finite_values"): 0,
        ("vision", "missing_samples"): 1,
        ("audio", "not_finite_values"): 3,
        ("audio", "missing_samples"): 0,
    }
    assert "mosei-vision-audio: 2 of 12 samples in train have no text; dropped" in caplog.text
    assert "mosei-vision-audio: audio: 3 values not finite; set to the mean" in caplog.text
    # dropped from everything
    kept = {"train": [0, 1, 3, 4, *range(6, 12)], "valid": range(5), "test": range(1, 6)}
    labels = [data[key]["labels"].ravel()[list(rows)] for key, rows in kept.items()]
    np.testing.assert_array_equal(pairs.labels, np.concatenate(labels))
    assert [len(pairs.rows(s)) for s in store.SPLITS] == [10, 5, 5]
    lengths = [i % 4 + 1 for rows in kept.values() for i in rows]
    assert pairs.masks["audio"].sum(axis=1).tolist() == lengths
    # without vision, one step of nothing
    lengths[10 + 1] = 1
    assert pairs.masks["vision"].sum(axis=1).tolist() == lengths
    assert (pairs.inputs["vision"][10 + 1] == 0).all()


def test_what_is_stored_is_read_again(tmp_path):
    pairs = multibench.load(
        "mine", set="mosei", pair="vision-text", resources=write(tmp_path, make("mosei"))
    )
    store.save(pairs, tmp_path / "data.safetensors")
    again = store.load(tmp_path / "data.safetensors")
    assert (again.name, again.classes, again.facts) == ("mine", None, pairs.facts)
    np.testing.assert_array_equal(again.masks["text"], pairs.masks["text"])


def test_another_file_of_the_format(tmp_path):
    data = make("mosei")
    write(tmp_path, data, "my_own.pkl")
    options = {"pair": "audio-text", "file": "multibench/my_own.pkl", "resources": str(tmp_path)}
    numbers = multibench.load(**options, task="regression")
    assert numbers.name == "my_own-audio-text"
    classes = multibench.load(**options, task="classification")
    assert (classes.labels == (numbers.labels > 0)).all()
    assert classes.classes == 2


def test_longer_sequences_are_cut_to_their_last_steps(tmp_path):
    data = make("mosei")
    pairs = multibench.load(
        set="mosei", pair="vision-text", steps=2, resources=write(tmp_path, data)
    )
    assert pairs.inputs["text"].shape == (23, 2, 300)
    assert pairs.masks["text"][:4].sum(axis=1).tolist() == [1, 2, 2, 2]
    # standardised: a line through what is there
    made, given = pairs.inputs["text"][:12, -1, 7], data["train"]["text"][:, -1, 7]
    assert np.corrcoef(made, given)[0, 1] == pytest.approx(1)


def test_sequences_of_one_step_need_no_mask(tmp_path):
    data = {
        key: {k: x[:, -1:] if k in multibench.MODALITIES else x for k, x in value.items()}
        for key, value in make("mosei").items()
    }
    pairs = multibench.load(set="mosei", pair="vision-text", resources=write(tmp_path, data))
    assert pairs.inputs["vision"].shape == (23, 1, 35)
    assert pairs.masks == {}


def broken(change):
    data = make("mosei")
    change(data)
    return data


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda d: d.pop("valid"),
            r"pkl: no valid; found: train, test; needed: train, valid, test",
        ),
        (
            lambda d: d["test"].pop("audio"),
            r"pkl: test: no audio; found: vision, text, labels, id; needed: vision, audio",
        ),
        (lambda d: d["test"].pop("labels"), r"pkl: test: no labels; found"),
        (lambda d: d.update(test=[1]), r"pkl: test: holds a list; needed: a dict"),
        (
            lambda d: d["train"].update(audio=d["train"]["audio"][:-1]),
            r"pkl: train: numbers of samples differ: vision 12, audio 11, text 12, lab",
        ),
        (lambda d: d["train"].update(id=["a"]), r"pkl: train: numbers of samples differ: .*, id 1"),
        (
            lambda d: d["train"].update(text=d["train"]["text"][:, 0]),
            r"train: text is float64 \(12, 300\); needed: numbers \(samples, steps, features\)",
        ),
        (
            lambda d: d["train"].update(text=np.full((12, 50, 2), None)),
            r"train: text is object \(12, 50, 2\); needed: numbers",
        ),
        (
            lambda d: d["test"].update(vision=d["test"]["vision"][..., :9]),
            r"vision: \(steps, features\) differ: train \(50, 35\), .*, test \(50, 9\)",
        ),
        (
            lambda d: d["valid"]["labels"].__setitem__([0, 3], np.nan),
            r"pkl: valid: 2 of 5 labels are NaN or infinite",
        ),
        (lambda d: d["valid"]["text"].fill(0), "the validation split is empty"),
    ],
)
def test_a_file_of_another_form(tmp_path, change, message):
    resources = write(tmp_path, broken(change))
    with pytest.raises(ValueError, match=message):
        multibench.load(set="mosei", pair="vision-text", resources=resources)


def test_a_file_without_parts_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"mosei_senti_data.pkl: holds a list; needed: a dict"):
        multibench.load(set="mosei", pair="vision-text", resources=write(tmp_path, [1]))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"set": "mosei", "pair": "text-vision"}, "allowed: vision-text, vision-audio, audio-text"),
        ({"set": "mnist"}, "set is 'mnist'; allowed: mosei, mosi, urfunny, mustard"),
        ({"set": "mosei", "file": "a.pkl"}, "needed: one of the two"),
        ({}, "set is None and file None; needed: one of the two"),
        ({"file": "a.pkl"}, "file a.pkl: task is None; allowed: regression, classification"),
        ({"set": "mosei", "task": "classification"}, "set mosei: task is .*; allowed: regression"),
        ({"set": "mosei", "steps": 0}, "steps is 0; allowed: 1 and more"),
    ],
)
def test_bad_options(tmp_path, options, message):
    with pytest.raises(ValueError, match=message):
        multibench.load(**{"pair": "vision-text", "resources": str(tmp_path)} | options)


def test_a_hostile_file_is_not_run(tmp_path):
    class Call:
        def __reduce__(self):
            return os.system, (f"touch {tmp_path / 'ran'}",)

    data = make("mosei") | {"valid": Call()}
    resources = write(tmp_path, data)
    with pytest.raises(ValueError, match=r"mosei_senti_data.pkl: holds \w+.system; allowed: numpy"):
        multibench.load(set="mosei", pair="vision-text", resources=resources)
    assert not (tmp_path / "ran").exists()


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"sarcasm\.pkl"):
        multibench.load(set="mustard", pair="vision-text", resources=str(tmp_path))
