"""Every seed has a draw of its own, and the same one whenever it is drawn."""

import dataclasses

import numpy as np
import pytest

from alignsweep.data import digits, store, synthetic
from alignsweep.data.resampling import Resampling, drawn, stratified

N, EACH = 120, 4
SPLIT = Resampling("split", (None, 0.25, 0.15))
CHOICE = Resampling("choice", (30, 10, 20))
generator = np.random.default_rng


def toy(resampling=None, groups=False, **changes):
    """Samples whose first input is their number: 60, 30 and 10 percent in three classes."""
    rng = generator(0)
    inputs = {
        m: rng.normal(3, 2, (N, width)).astype(np.float32) for m, width in (("a", 3), ("b", 2))
    }
    for x in inputs.values():
        x[:, 0] = np.arange(N)
    parts = {
        "inputs": inputs,
        "labels": np.array([0, 0, 1, 0, 1, 2, 0, 1, 0, 0])[np.arange(N) % 10],
        "split": store.split_codes(60, 20, 40),
        "classes": 3,
        "groups": np.arange(N) // EACH if groups else None,
        "resampling": resampling,
    }
    return store.Pairs("toy", **parts | changes)


def sizes(pairs):
    return [len(pairs.rows(s)) for s in store.SPLITS]


def test_every_seed_has_a_split_of_its_own_and_always_the_same():
    pairs = toy(SPLIT)
    splits = [pairs.draw(k).split for k in range(20)]
    assert len({s.tobytes() for s in splits}) == 20
    again = toy(dataclasses.replace(SPLIT))
    assert all((again.draw(k).split == splits[k]).all() for k in (19, 3, 0))
    for other in (toy(dataclasses.replace(SPLIT, seed=1)), dataclasses.replace(pairs, name="toy2")):
        assert (other.draw(3).split != splits[3]).any()
    # wherever a sample is in one seed says nothing about where it is in another
    assert np.mean(splits[0] == splits[1]) < 0.65


def test_a_split_holds_its_sizes_within_classes():
    for seed in range(10):
        draw = toy(SPLIT).draw(seed)
        assert sizes(draw) == [72, 30, 18]
        assert np.bincount(draw.labels[draw.rows("validation")]).tolist() == [18, 9, 3]
        found = np.bincount(draw.labels[draw.rows("test")])
        assert (abs(found - [10.8, 5.4, 1.8]) < 1).all()


def test_numbers_are_split_without_classes():
    pairs = toy(SPLIT, labels=np.linspace(-1, 1, N), classes=None)
    assert sizes(pairs.draw(0)) == [72, 30, 18]
    assert (pairs.draw(0).split != pairs.draw(1).split).any()


def test_groups_are_kept_whole():
    pairs = toy(SPLIT, groups=True)
    splits = []
    for seed in range(10):
        draw = pairs.draw(seed)
        of_group = draw.split.reshape(-1, EACH)
        assert (of_group == of_group[:, :1]).all()
        assert (abs(np.array(sizes(draw)) - [72, 30, 18]) <= EACH).all()
        for split in store.SPLITS:
            assert {*draw.labels[draw.rows(split)]} == {0, 1, 2}
        splits.append(draw.split.tobytes())
    assert len({*splits}) == 10


@pytest.mark.parametrize(
    ("changes", "count"),
    [
        ({"groups": np.arange(N) // 60}, 2),
        ({"labels": (np.arange(N) < EACH).astype(int), "classes": 2}, 30),  # in one group
        ({"labels": np.zeros(N, dtype=int), "classes": 2}, 30),
    ],
)
def test_groups_that_cannot_be_split_are_named(changes, count):
    pairs = dataclasses.replace(toy(SPLIT, groups=True), **changes)
    with pytest.raises(ValueError, match=f"toy: of 200 splits of its {count} groups each lacked a"):
        pairs.draw(0)


def test_a_choice_is_of_each_given_part():
    pairs, chosen = toy(CHOICE, groups=True), []
    for seed in range(5):
        draw = pairs.draw(seed)
        assert sizes(draw) == [30, 10, 20]
        rows = draw.inputs["a"][:, 0].astype(int)
        assert len(np.unique(rows)) == 60
        np.testing.assert_array_equal(draw.split, pairs.split[rows])
        np.testing.assert_array_equal(draw.labels, pairs.labels[rows])
        np.testing.assert_array_equal(draw.groups, pairs.groups[rows])
        for modality, x in draw.inputs.items():
            np.testing.assert_array_equal(x, pairs.inputs[modality][rows])
        chosen.append(rows.tobytes())
    assert len({*chosen}) == 5
    assert toy(CHOICE).draw(2).inputs["a"].tobytes() == pairs.draw(2).inputs["a"].tobytes()


@pytest.mark.parametrize("how", [SPLIT, CHOICE])
def test_inputs_are_scaled_by_the_training_samples_of_the_draw(how):
    scaling = {"a": "features", "b": "values"}
    pairs, plain = toy(dataclasses.replace(how, scaling=scaling)), toy(how)
    before = {m: x.copy() for m, x in pairs.inputs.items()}
    for seed in (0, 1):
        draw, raw = pairs.draw(seed), plain.draw(seed)
        assert (draw.split == raw.split).all()
        for modality, axis in (("a", 0), ("b", None)):  # each by itself, or all by one
            x = raw.inputs[modality].astype(float)
            train = x[raw.rows("train")]
            expected = (x - train.mean(axis=axis)) / train.std(axis=axis)
            np.testing.assert_allclose(draw.inputs[modality], expected, atol=1e-5)
    for modality, x in pairs.inputs.items():
        np.testing.assert_array_equal(x, before[modality])


@pytest.mark.parametrize("how", [SPLIT, CHOICE])
def test_padding_does_not_count_for_the_scale_and_stays_0(how):
    there = np.arange(6) >= generator(1).integers(0, 6, (N, 1))
    x = generator(2).normal(5, 3, (N, 6, 2)).astype(np.float32)
    x[~there] = 0
    pairs = toy(dataclasses.replace(how, scaling={"a": "features"}))
    pairs = dataclasses.replace(pairs, inputs=pairs.inputs | {"a": x}, masks={"a": there})
    draw = pairs.draw(1)
    rows = draw.inputs["b"][:, 0].astype(int)
    own, mask = draw.of("a", np.arange(len(rows)))
    np.testing.assert_array_equal(mask, there[rows])
    assert (own[~mask] == 0).all()
    steps = own[draw.rows("train")][mask[draw.rows("train")]]
    np.testing.assert_allclose(steps.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(steps.std(axis=0), 1, atol=1e-5)


def test_inputs_that_are_not_scaled_are_not_copied():
    pairs = toy(SPLIT)
    assert all(pairs.draw(1).inputs[m] is x for m, x in pairs.inputs.items())


def test_samples_are_drawn_anew_from_the_same_population():
    pairs = synthetic.generate(redundancy=6, train=4000, validation=50, test=50)
    first, second = pairs.draw(1), pairs.draw(2)
    assert sizes(first) == sizes(pairs) == [4000, 50, 50]
    assert (first.inputs["a"] != second.inputs["a"]).any()
    assert (pairs.draw(1).inputs["a"] == first.inputs["a"]).all()
    assert (first.facts, first.classes) == (pairs.facts, pairs.classes)
    # what the label has to do with the inputs is the same, and there is something to see
    means = [
        np.array([(d.inputs["a"] * (d.labels == k)[:, None]).mean(axis=0) for k in range(4)])
        for d in (first, second)
    ]
    assert abs(means[0]).max() > 0.1
    np.testing.assert_allclose(means[0], means[1], atol=0.05)


def test_a_given_split_is_that_of_every_seed():
    pairs = toy()
    assert pairs.draw(0) is pairs.draw(7) is pairs
    assert (pairs.resample, toy(SPLIT).resample, toy(CHOICE).resample) == (
        "none",
        "split",
        "choice",
    )


@pytest.mark.parametrize("how", [SPLIT, CHOICE])
def test_without_resampling_every_seed_has_the_draw_of_seed_0(how):
    how = dataclasses.replace(how, scaling={"a": "features"})
    resampled, fixed = drawn(toy(), how, how.how), drawn(toy(), how, "none")
    assert fixed.draw(5) is fixed
    for modality, x in resampled.draw(0).inputs.items():
        np.testing.assert_array_equal(fixed.inputs[modality], x)
    np.testing.assert_array_equal(fixed.split, resampled.draw(0).split)
    assert sizes(resampled) == ([60, 20, 40] if how.how == "choice" else [72, 30, 18])


@pytest.mark.parametrize(
    ("sizes", "numbers"),
    [
        ((None, 0.25, 0.15), (72, 30, 18)),
        ((40, 50, None), (40, 50, 30)),
        ((None, 1 / 3, 7), (73, 40, 7)),
        ((30, 10, 20), (30, 10, 20)),
    ],
)
def test_sizes_are_shares_or_numbers_and_one_is_what_is_left(sizes, numbers):
    assert Resampling("split", sizes).numbers(N) == numbers


MADE = {
    "given": lambda: toy(groups=True),
    "split": lambda: toy(dataclasses.replace(SPLIT, scaling={"a": "values", "b": "features"})),
    "groups": lambda: toy(SPLIT, groups=True),
    "choice": lambda: toy(dataclasses.replace(CHOICE, seed=3, scaling={"b": "values"})),
    "digits": lambda: digits.load(pair="left-right"),
    "samples": lambda: synthetic.generate(
        "mine", redundancy=4, train=40, validation=30, test=20, heterogeneity=2, seed=5
    ),
}


@pytest.mark.parametrize("kind", MADE)
def test_a_file_keeps_the_draws(tmp_path, kind):
    pairs = MADE[kind]()
    store.save(pairs, tmp_path / "data.safetensors")
    whole = store.load(tmp_path / "data.safetensors")
    light = store.load(tmp_path / "data.safetensors", inputs=False)
    assert whole.resampling == light.resampling == pairs.resampling
    assert {m: x.shape for m, x in light.inputs.items()} == dict.fromkeys(
        pairs.modalities, (len(pairs.labels), 0)
    )
    for seed in (0, 4):
        draw = pairs.draw(seed)
        for again in (whole.draw(seed), light.draw(seed)):
            np.testing.assert_array_equal(again.split, draw.split)
            np.testing.assert_array_equal(again.labels, draw.labels)
            assert (again.groups is None) == (draw.groups is None)
            if draw.groups is not None:
                np.testing.assert_array_equal(again.groups, draw.groups)
        for modality, x in whole.draw(seed).inputs.items():
            np.testing.assert_array_equal(x, draw.inputs[modality])


def test_a_file_without_inputs_needs_no_masks(tmp_path):
    masked = toy(
        dataclasses.replace(SPLIT, scaling={"a": "features"}),
        inputs={"a": np.ones((N, 2, 3), np.float32), "b": np.ones((N, 1), np.float32)},
        masks={"a": np.ones((N, 2), bool)},
    )
    store.save(masked, tmp_path / "data.safetensors")
    light = store.load(tmp_path / "data.safetensors", inputs=False)
    assert light.masks == {}
    np.testing.assert_array_equal(light.draw(3).split, masked.draw(3).split)


def test_a_stratified_sample_is_that_of_its_generator():
    classes = np.arange(200) % 3
    draws = [stratified(classes, 200, 50, generator(seed)).tolist() for seed in (0, 0, 1)]
    assert draws[0] == draws[1] != draws[2]
    assert sorted(draws[0]) != draws[0]
    assert len({*draws[0]}) == 50


@pytest.mark.parametrize("size", [6, 10, 37, 100, 333, 997])
def test_every_class_has_its_share(size):
    counts = np.array([600, 200, 100, 70, 20, 10])
    classes = np.repeat(np.arange(6), counts)  # sorted, as in a file that lists class by class
    share = size * counts / 1000
    for seed in range(20):
        found = np.bincount(classes[stratified(classes, 1000, size, generator(seed))], minlength=6)
        assert found.sum() == size
        assert (found >= 1).all()
        if size > 10:  # else there is no room for one of each
            assert (np.abs(found - share) < 1).all()


def test_many_classes_have_their_shares_as_well(rng):
    counts = rng.integers(5, 60, 50)
    counts[0] = counts.sum()  # half of all in one class
    classes = rng.permutation(np.repeat(np.arange(50), counts))
    for seed in range(20):
        rows = stratified(classes, len(classes), 600, generator(seed))
        found = np.bincount(classes[rows], minlength=50)
        assert (np.abs(found - 600 * counts / len(classes)) < 1).all()


def test_ties_between_classes_are_drawn():
    classes = np.repeat([0, 1], 50)
    samples = [stratified(classes, 100, 11, generator(s)) for s in range(50)]
    assert {np.bincount(classes[rows])[0] for rows in samples} == {5, 6}


@pytest.mark.parametrize("size", [40, 41, 1000])
def test_a_sample_of_all_is_all_in_another_order(size):
    rows = stratified(np.repeat([0, 1], [30, 10]), 40, size, generator(0))
    assert sorted(rows) == list(range(40))
    assert sorted(rows) != rows.tolist()
