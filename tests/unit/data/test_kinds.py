"""What a configuration may say of a dataset, as its loader states it."""

import pytest
from jsonschema import Draft202012Validator

from alignsweep import data
from alignsweep.data import avmnist, digits, multibench, sequences, synthetic
from alignsweep.data.checks import MULTIVIEW
from alignsweep.data.kinds import KINDS
from alignsweep.options import describe

OPTIONS = {kind: {o.key: o for o in describe(load)} for kind, load in KINDS.items()}
SCHEMAS = {kind: {k: o.schema for k, o in own.items()} for kind, own in OPTIONS.items()}


def test_every_kind_has_its_options():
    assert {kind: list(own) for kind, own in OPTIONS.items()} == {
        "synthetic": [
            "redundancy", "nuisance", "unique", "bits", "train", "validation", "test",
            "temperature", "weights_seed", "balance_tolerance", "heterogeneity", "resample", "seed",
        ],
        "factors": [
            "shared", "unique", "nuisance", "private", "classes", "separation", "loading", "noise",
            "features", "imbalance", "heterogeneity", "train", "validation", "test", "world_seed",
            "resample", "seed",
        ],
        "world": ["numbers", "test", "resample"],
        "digits": ["pairs", "train", "validation", "resample", "seed"],
        "avmnist": [
            "pairs", "train", "validation", "test", "energy", "audio", "bands", "frames", "snr",
            "resample", "seed",
        ],
        "avmnist-multibench": ["pairs", "train", "validation", "test", "seed"],
        "multibench": ["pairs", "set", "file", "task", "steps"],
        "mosi": ["pairs", "validation", "test", "resample", "seed"],
        "mmmo": ["pairs"],
        "multiview": ["set", "pairs", "train", "validation", "resample", "seed"],
        "files": [
            "path", "modalities", "pairs", "label", "task", "split", "validation", "test",
            "resample", "seed", "group", "masks",
        ],
    }  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_listed_is_required_and_the_rest_has_allowed_defaults(kind):
    required = {
        "synthetic": {"redundancy"},
        "factors": {"shared"},
        "world": {"numbers"},
        "multiview": {"set", "pairs"},
        "files": {"path", "modalities", "pairs", "label"},
    }
    properties = SCHEMAS[kind]
    without = {k for k, schema in properties.items() if "default" not in schema}
    assert without == required.get(kind, {"pairs"})
    for schema in properties.values():
        Draft202012Validator.check_schema(schema)
        if "default" in schema:
            Draft202012Validator(schema).validate(schema["default"])


@pytest.mark.parametrize("kind", KINDS)
def test_every_option_is_explained_in_a_sentence(kind):
    for option in OPTIONS[kind].values():
        assert option.meaning.endswith("."), option.name
        assert "None" not in option.meaning, option.name


def listed(items, each):
    return {
        "type": "array", "minItems": 1, "uniqueItems": True, "items": items,
        "allowed": f"a list of different entries, each {each}",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "key", "schema"),
    [
        (
            "synthetic",
            "redundancy",
            listed(
                {"type": "integer", "minimum": 0, "maximum": 8}
                | {"allowed": "an integer from 0 to 8"},
                "an integer from 0 to 8",
            ),
        ),
        (
            "synthetic",
            "test",
            {"type": "integer", "minimum": 10, "allowed": "an integer of at least 10"}
            | {"default": 16384},
        ),
        (
            "synthetic",
            "balance_tolerance",
            {"type": "number", "exclusiveMinimum": 0, "allowed": "a number above 0"}
            | {"default": 1e-9},
        ),
        (
            "digits",
            "pairs",
            listed({"enum": ["left-right", "top-bottom"]}, "left-right or top-bottom"),
        ),
        (
            "avmnist",
            "train",
            {"type": "integer", "minimum": 10, "maximum": 55000, "default": 1000}
            | {"allowed": "an integer from 10 to 55000"},
        ),
        (
            "avmnist",
            "energy",
            {"type": "number", "exclusiveMinimum": 0, "maximum": 1, "default": 0.25}
            | {"allowed": "a number above 0 and up to 1"},
        ),
        ("avmnist", "audio", {"enum": ["logmel", "mfcc"], "default": "logmel"}),
        (
            "avmnist",
            "snr",
            {"type": ["number", "null"], "minimum": -100, "maximum": 100, "default": 0.0}
            | {"allowed": "a number of decibels from -100 to 100, or null for clean audio"},
        ),
        (
            "avmnist-multibench",
            "train",
            {"type": ["integer", "null"], "minimum": 10, "default": None}
            | {"allowed": "an integer of at least 10, or null for all"},
        ),
        (
            "multibench",
            "set",
            {"enum": ["mosei", "mosi", "urfunny", "mustard", None], "default": None},
        ),
        (
            "mosi",
            "test",
            {"type": "number", "exclusiveMinimum": 0, "maximum": 0.45, "default": 0.3}
            | {"allowed": "a number above 0 and up to 0.45"},
        ),
        ("mosi", "resample", {"enum": ["split", "none"], "default": "split"}),
        ("synthetic", "resample", {"enum": ["samples", "none"], "default": "samples"}),
        ("avmnist", "resample", {"enum": ["choice", "none"], "default": "choice"}),
        ("mmmo", "pairs", listed({"enum": ["vision-audio"]}, "vision-audio")),
        ("multiview", "set", {"enum": ["mfeat", "msrc-v1", "3-sources", "webkb"]}),
        (
            "multiview",
            "pairs",
            listed(
                {"type": "string", "allowed": "a pair of views, such as fou-kar"},
                "a pair of views, such as fou-kar",
            ),
        ),
        (
            "files",
            "path",
            {"type": "string", "minLength": 1, "format": "path"}
            | {
                "allowed": "a file .npz, .safetensors, .pt, .h5, .h5ad, .h5mu, .parquet, .csv or "
                ".tsv, or a folder of .parquet or .npy"
            },
        ),
        (
            "files",
            "task",
            {"enum": ["classification", "regression", None], "default": None}
            | {"allowed": "classification, regression, or null to be decided by the labels"},
        ),
        (
            "files",
            "group",
            {"type": ["string", "null"], "allowed": "a key of the file", "default": None},
        ),
    ],
)
def test_rules(kind, key, schema):
    assert SCHEMAS[kind][key] == schema


@pytest.mark.parametrize(
    ("kind", "key", "value", "fits"),
    [
        ("multibench", "file", "own/my.pkl", True),
        ("multibench", "file", "/own/my.pkl", False),
        ("multibench", "file", "own/../../my.pkl", False),
        ("multibench", "file", "my.pkl\n", False),
        ("files", "modalities", ["image", "text"], True),
        ("files", "modalities", {"image": "clip emb", "text": "bert"}, True),
        ("files", "modalities", ["image"], False),
        ("files", "modalities", ["image", "image"], False),
        ("files", "modalities", ["image", "my-text"], False),
        ("files", "modalities", ["image", "text\n"], False),
        ("files", "modalities", {"image": 1, "text": "bert"}, False),
    ],
)
def test_texts_that_become_paths_or_keys(kind, key, value, fits):
    assert Draft202012Validator(SCHEMAS[kind][key]).is_valid(value) == fits


def test_rules_agree_with_what_the_loaders_know():
    assert SCHEMAS["digits"]["pairs"]["items"]["enum"] == list(digits.VIEWS)
    assert SCHEMAS["mosi"]["pairs"]["items"]["enum"] == list(sequences.PAIRS)
    assert SCHEMAS["multibench"]["set"]["enum"] == [*multibench.SETS, None]
    assert SCHEMAS["multiview"]["set"]["enum"] == list(MULTIVIEW)
    assert SCHEMAS["avmnist"]["bands"]["maximum"] == max(avmnist.MOST_BANDS.values())
    assert SCHEMAS["avmnist"]["audio"]["enum"] == list(avmnist.MOST_BANDS)
    assert {*SCHEMAS["multibench"]["task"]["enum"]} == {*multibench.TASKS, None}
    for name, default in synthetic.distribution.__kwdefaults__.items():
        assert SCHEMAS["synthetic"][name]["default"] == default


def test_modules_are_imported_when_they_are_asked_for():
    assert data.digits is digits
    with pytest.raises(AttributeError, match="no attribute 'none'"):
        data.none  # noqa: B018
