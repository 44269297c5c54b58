"""Sources of data that are files: sets that are known, and data of the user's own."""

import pytest

from alignsweep import study

GOOD = {"study": "mine", "strengths": ["0", "0.4"]}


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"set": "moesi"}, 'datasets.m.set is "moesi"; allowed: one of "mosei", "mosi",'),
        ({}, "allowed: either a set, or a file with its task."),
        ({"file": "x.pkl"}, "allowed: either a set, or a file with its task."),
        ({"set": "mosi", "file": "x.pkl", "task": "regression"}, "allowed: either a set, or a"),
    ],
)
def test_a_multibench_source_is_a_set_or_a_file_with_its_task(entry, sentence):
    source = {"kind": "multibench", "pairs": ["vision-text"], **entry}
    with pytest.raises(study.ConfigError) as error:
        study.resolve(GOOD | {"datasets": {"m": source}})
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


OWN = {"kind": "files", "path": "own.csv", "modalities": ["x", "y", "z"], "label": "label"}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "own.csv").write_text("x0,x_emb0,y0,y_emb0,z0,label\n")
    monkeypatch.chdir(tmp_path)


def test_data_of_the_users_own_gives_all_pairs(folder):
    named = OWN | {"modalities": {"x": "x_emb", "y": "y_emb"}, "pairs": ["y-x"]}
    datasets = study.resolve(GOOD | {"datasets": {"own": OWN, "one": named}})["datasets"]
    assert list(datasets) == ["own-x-y", "own-x-z", "own-y-z", "one-y-x"]
    assert list(datasets["one-y-x"]["encoder"]) == ["y", "x"]
    assert datasets["own-x-z"]["options"] == {
        "path": "own.csv", "modalities": ["x", "y", "z"], "label": "label", "pair": "x-z",
        "task": None, "split": None, "group": None, "validation": 0.2, "test": 0.2, "seed": 0,
        "resample": "split", "masks": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"pairs": ["x-w"]}, 'datasets.own.pairs[0] is "x-w"; allowed: x-y, x-z, y-z, in either'),
        ({"modalities": ["x"]}, 'datasets.own.modalities is ["x"]; allowed: at least two names'),
        (
            {"modalities": ["a-b", "c"]},
            "allowed: at least two names of up to 80 letters, digits and '_'",
        ),
        ({"task": "ranking"}, 'datasets.own.task is "ranking"; allowed: classification, regress'),
        ({"path": "no.npz"}, 'datasets.own.path is "no.npz"; allowed: a file .npz, .safetensors, '),
        ({"modalities": ["both", "c"]}, "datasets.own.modalities"),
        ({"label": "lable"}, 'own.label is "lable"; allowed: a key of own.csv: x0, x_emb0, y0,'),
    ],
)
def test_a_wrong_entry_for_data_of_the_users_own_is_named(folder, changes, sentence):
    with pytest.raises(study.ConfigError) as error:
        study.resolve(GOOD | {"datasets": {"own": OWN | changes}})
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_a_multi_view_set_gives_all_pairs_of_its_views():
    views = {"kind": "multiview", "set": "mfeat"}
    config = GOOD | {"datasets": {"every": views, "some": views | {"pairs": ["kar-fou"]}}}
    datasets = study.resolve(config)["datasets"]
    assert len(datasets) == 15 + 1
    assert list(datasets)[:2] == ["every-fac-fou", "every-fac-kar"]
    assert list(datasets["some-kar-fou"]["encoder"]) == ["kar", "fou"]
    assert datasets["some-kar-fou"]["options"] == {
        "set": "mfeat", "pair": "kar-fou", "train": None, "validation": None, "resample": "split",
        "seed": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"pairs": ["fou-left"]}, 'datasets.m.pairs[0] is "fou-left"; allowed: fac-fou, fac-kar, '),
        ({"pairs": ["fou-fou"]}, 'datasets.m.pairs[0] is "fou-fou"; allowed: fac-fou, fac-kar, '),
        ({"set": "other"}, 'datasets.m.set is "other"; allowed: one of "mfeat"'),
        ({"train": 1300}, "allowed: train and validation together below 2000, the samples of mf"),
    ],
)
def test_a_wrong_entry_for_a_multi_view_set_is_named(changes, sentence):
    source = {"kind": "multiview", "set": "mfeat"} | changes
    with pytest.raises(study.ConfigError) as error:
        study.resolve(GOOD | {"datasets": {"m": source}})
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_datasets_of_one_name_are_refused(folder):
    pair = OWN | {"modalities": ["x", "y", "z"], "pairs": ["y-z"]}
    config = GOOD | {"datasets": {"s": OWN | {"modalities": ["x", "y"]}, "s-x": pair}}
    study.resolve(config)  # s-x-y and s-x-y-z
    config = GOOD | {"datasets": {"s-R4": OWN, "s": {"kind": "synthetic", "redundancy": [4]}}}
    study.resolve(config)
    of_one_name = {"kind": "toy", "pairs": ["x-y"]}
    schema = study.stored() | {"datasets/toy": study.stored()["datasets/digits"]}
    schema["datasets/toy"]["properties"]["pairs"] = {"x-each": ["pair", "x-y"]}
    config = GOOD | {"datasets": {"s": OWN, "s-x": of_one_name | {"pairs": ["b"]}}}
    schema["datasets/toy"]["properties"]["pairs"]["x-each"][1] = "y"
    with pytest.raises(study.ConfigError, match=r"s and datasets\.s-x|s-x and datasets\.s both"):
        study.resolve(config, schema)
