import copy
import inspect
from pathlib import Path

import pytest
import yaml

from alignsweep import encoders, metrics, probe, study, sweep
from alignsweep.data import KINDS, multibench

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.yaml"
DEFS = yaml.safe_load(SCHEMA.read_text())["$defs"]

GOOD = {
    "study": "mine",
    "strengths": ["0", "0.4"],
    "training": {"epochs": 7},
    "datasets": {
        "synthetic": {"kind": "synthetic", "redundancy": [0, 8], "training": {"batch_size": 64}},
        "digits": {"kind": "digits", "pairs": ["top-bottom"]},
    },
}


def changed(path, value):
    config = copy.deepcopy(GOOD)
    *parents, last = path.split("/")
    place = config
    for key in parents:
        place = place[key]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return config


def test_a_study_is_resolved_into_complete_datasets():
    resolved = study.resolve(GOOD, SCHEMA)
    assert list(resolved["datasets"]) == ["synthetic-R0", "synthetic-R8", "digits-top-bottom"]
    first, _, digits = resolved["datasets"].values()
    assert first["options"]["redundancy"] == 0
    assert first["options"]["train"] == 1024
    assert (first["training"]["batch_size"], digits["training"]["batch_size"]) == (64, 128)
    assert first["training"]["epochs"] == digits["training"]["epochs"] == 7
    assert digits["options"] == {"pair": "top-bottom", "train": 300, "validation": 500, "seed": 0}
    assert (resolved["seeds"], resolved["device"]) == (5, "auto")


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("sedes", 3, "sedes is not a key (its value is 3); allowed: study, strengths, seeds,"),
        ("training/epoch", 3, "training.epoch is not a key (its value is 3); allowed: epochs,"),
        ("datasets/synthetic/depth", 1, "datasets.synthetic.depth is not a key"),
        ("strengths", ["0", "-0.4"], 'strengths[1] is "-0.4"; allowed: a quoted decimal'),
        ("strengths", ["0", 0.4], "strengths[1] is 0.4; allowed: a quoted decimal"),
        ("strengths", ["0", "0.40"], 'strengths[1] is "0.40"; allowed: a quoted decimal'),
        ("strengths", ["0", "4e-1"], 'strengths[1] is "4e-1"; allowed: a quoted decimal'),
        ("strengths", ["0.1", "0.4"], 'strengths is ["0.1", "0.4"], without "0"; allowed: a list'),
        ("strengths", ["0", "0"], 'strengths is ["0", "0"]; allowed: a list of at least two diff'),
        ("strengths", None, "strengths is missing; allowed: an entry that gives study and"),
        ("seeds", 1, "seeds is 1; allowed: an integer of at least 2"),
        ("seeds", 5.0, "seeds is 5.0; allowed: an integer of at least 2"),
        (
            "training/learning_rate",
            float("nan"),
            "training.learning_rate is NaN; allowed: a number",
        ),
        (
            "datasets/synthetic/balance_tolerance",
            "1e-9",
            'balance_tolerance is "1e-9" (YAML reads 1e-9 as text: write 1.0e-9); allowed',
        ),
        ("seeds_per_job", 0, "seeds_per_job is 0; allowed: an integer of at least 1"),
        ("seeds_per_job", "5", 'seeds_per_job is "5"; allowed: an integer of at least 1'),
        ("device", "gpu", 'device is "gpu"; allowed: one of "auto", "cpu", "cuda"'),
        (
            "datasets/synthetic/redundancy",
            [4, 9],
            "datasets.synthetic.redundancy[1] is 9; allowed: an integer from 0 to 8",
        ),
        ("datasets/synthetic/kind", "real", 'datasets.synthetic.kind is "real"; allowed: one of'),
        (
            "datasets/digits/kind",
            None,
            "datasets.digits.kind is missing; allowed: an entry that gives kind",
        ),
        ("datasets/digits/pairs", ["x"], 'pairs[0] is "x"; allowed: one of "left-right"'),
        ("datasets", {}, "datasets is {}; allowed: at least one source"),
        ("study", "a/b", 'study is "a/b"; allowed: a name of letters'),
        ("training/temperature", 0, "training.temperature is 0; allowed: a number above 0"),
        ("training/batch_size", 1, "training.batch_size is 1; allowed: an integer of at least 2"),
        ("alignment", {"metrics": ["cka"]}, 'alignment.metrics[0] is "cka"; allowed: one of'),
    ],
)
def test_a_mistake_is_named_in_one_sentence(path, value, sentence):
    with pytest.raises(study.ConfigError) as error:
        study.resolve(changed(path, value), SCHEMA)
    text = str(error.value)
    assert f"config: {sentence}" in text or f".{sentence}" in text
    assert "\n" not in text
    assert text.endswith(".")


def test_an_encoder_per_modality():
    config = copy.deepcopy(GOOD)
    config["encoder"] = {"hidden": [64]}
    config["datasets"]["digits"] |= {
        "pairs": ["left-right", "top-bottom"],
        "encoder": {"width": 8},
        "encoders": {"top": {"kind": "vit", "patch": 2}, "left": {"hidden": []}},
    }
    datasets = study.resolve(config, SCHEMA)["datasets"]
    mlp = {"kind": "mlp", "hidden": [64], "width": 6}
    assert datasets["synthetic-R0"]["encoder"] == {"a": mlp, "b": mlp}
    assert datasets["digits-left-right"]["encoder"] == {
        "left": mlp | {"width": 8, "hidden": []},
        "right": mlp | {"width": 8},
    }
    top = datasets["digits-top-bottom"]["encoder"]["top"]
    assert (top["kind"], top["patch"], top["pooling"]) == ("vit", 2, "cls")
    assert "hidden" not in top


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("encoders", {"c": {}}, "encoders.c names no modality; allowed: a, b, top, bottom."),
        (
            "datasets/digits/encoders",
            {"a": {}},
            "datasets.digits.encoders.a names no modality; allowed: top, bottom.",
        ),
        (
            "encoder",
            {"layers": 3},
            "encoder.layers is not a key (its value is 3); allowed: kind, hidden, width.",
        ),
        (
            "encoder",
            {"kind": "vit", "pooling": "max"},
            'encoder.pooling is "max"; allowed: one of "mean", "cls".',
        ),
    ],
)
def test_a_wrong_encoder_is_named(path, value, sentence):
    with pytest.raises(study.ConfigError) as error:
        study.resolve(changed(path, value), SCHEMA)
    assert str(error.value) == f"config: {sentence}"


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
        study.resolve(GOOD | {"datasets": {"m": source}}, SCHEMA)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


OWN = {"kind": "files", "path": "my.npz", "modalities": ["x", "y", "z"], "label": "label"}


def test_data_of_the_users_own_gives_all_pairs():
    named = OWN | {"modalities": {"x": "x_emb", "y": "y_emb"}, "pairs": ["y-x"]}
    datasets = study.resolve(GOOD | {"datasets": {"own": OWN, "one": named}}, SCHEMA)["datasets"]
    assert list(datasets) == ["own-x-y", "own-x-z", "own-y-z", "one-y-x"]
    assert list(datasets["one-y-x"]["encoder"]) == ["y", "x"]
    assert datasets["own-x-z"]["options"] == {
        "path": "my.npz", "modalities": ["x", "y", "z"], "label": "label", "pair": "x-z",
        "task": None, "split": None, "group": None, "validation": 0.2, "test": 0.2, "seed": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"pairs": ["x-w"]}, 'datasets.own.pairs[0] is "x-w"; allowed: x-y, x-z, y-z, in either'),
        ({"modalities": ["x"]}, 'datasets.own.modalities is ["x"]; allowed: at least two names'),
        ({"modalities": ["a-b", "c"]}, "allowed: at least two names of letters, digits and '_'"),
        ({"task": "ranking"}, 'datasets.own.task is "ranking"; allowed: classification, regress'),
    ],
)
def test_a_wrong_entry_for_data_of_the_users_own_is_named(changes, sentence):
    with pytest.raises(study.ConfigError) as error:
        study.resolve(GOOD | {"datasets": {"own": OWN | changes}}, SCHEMA)
    assert sentence in str(error.value)
    assert "\n" not in str(error.value)


def test_every_mistake_is_named():
    config = changed("seeds", 0) | {"device": "tpu"}
    with pytest.raises(study.ConfigError) as error:
        study.resolve(config, SCHEMA)
    assert len(str(error.value).splitlines()) == 2


def test_seed_blocks():
    assert study.seed_blocks(7, 5) == ["0-4", "5-6"]
    assert study.seed_blocks(4, 1) == ["0-0", "1-1", "2-2", "3-3"]
    assert list(study.seeds_of("5-6")) == [5, 6]
    with pytest.raises(ValueError, match="'6-5'; allowed"):
        study.seeds_of("6-5")


def defaults(function):
    parameters = inspect.signature(function).parameters.values()
    return {p.name: p.default for p in parameters if p.default is not inspect.Parameter.empty}


@pytest.mark.parametrize(
    ("block", "function"),
    [
        ("training", sweep.Training),
        *encoders.ENCODERS.items(),
        ("probe", probe.linear_probe),
        ("alignment", metrics.measure_alignment),
        *KINDS.items(),
    ],
)
def test_schema_and_library_agree_on_defaults(block, function):
    listed = {k: s["default"] for k, s in DEFS[block]["properties"].items() if "default" in s}
    known = defaults(function)
    for name in set(listed) & set(known):
        value = known[name]
        assert (list(value) if isinstance(value, tuple) else value) == listed[name], name
    assert set(listed) - set(known) <= {"kind"}


def test_schema_names_what_the_library_has():
    properties = DEFS["alignment"]["properties"]
    assert properties["metrics"]["items"]["enum"] == list(metrics.METRICS)
    assert DEFS["encoder"]["properties"]["kind"]["enum"] == list(encoders.ENCODERS)
    schema = yaml.safe_load(SCHEMA.read_text())
    kinds = schema["properties"]["datasets"]["additionalProperties"]["properties"]["kind"]["enum"]
    assert kinds == list(KINDS)
    assert DEFS["multibench"]["properties"]["set"]["enum"] == list(multibench.SETS)
    assert DEFS["training"]["properties"]["optimizer"]["enum"] == list(sweep.OPTIMIZERS)


def test_every_key_is_explained():
    readme = (ROOT / "config" / "README.md").read_text()
    keys = set(yaml.safe_load(SCHEMA.read_text())["properties"])
    for block in (*KINDS, *encoders.ENCODERS, *study.SHARED_BLOCKS):
        keys |= set(DEFS[block]["properties"])
    for key in sorted(keys):
        assert f"`{key}`" in readme, key
