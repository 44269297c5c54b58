"""A configuration becomes a study, or a sentence per mistake."""

import copy

import pytest

from alignsweep import study

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
    resolved = study.resolve(GOOD)
    assert list(resolved["datasets"]) == ["synthetic-R0", "synthetic-R8", "digits-top-bottom"]
    first, _, digits = resolved["datasets"].values()
    assert first["options"]["redundancy"] == 0
    assert first["options"]["train"] == 1024
    assert (first["training"]["batch_size"], digits["training"]["batch_size"]) == (64, 128)
    assert first["training"]["epochs"] == digits["training"]["epochs"] == 7
    assert digits["options"] == {
        "pair": "top-bottom", "train": 300, "validation": 500, "seed": 0, "resample": "split",
    }  # fmt: skip
    assert (resolved["seeds"], resolved["device"]) == (10, "auto")
    assert resolved["alignments"] == ["infonce"]
    assert first["alignments"] == {
        "infonce": {
            "objective": "infonce",
            "temperature": 0.1,
            "learnable": False,
            "projection": None,
            "shared_width": None,
            "scale": 1.0,
        }
    }
    assert first["probe"] == {"kind": "linear", "penalties": [0.0001, 0.01, 1.0]}
    assert first["information"]["clusters"] == 20


def test_information_may_be_off_for_all_or_for_one():
    config = copy.deepcopy(GOOD) | {"information": False}
    config["datasets"]["digits"]["information"] = {"clusters": 5}
    datasets = study.resolve(config)["datasets"]
    assert datasets["synthetic-R0"]["information"] is None
    assert datasets["digits-top-bottom"]["information"]["clusters"] == 5
    datasets = study.resolve(changed("datasets/digits/information", False))["datasets"]
    assert datasets["synthetic-R0"]["information"] is not None
    assert datasets["digits-top-bottom"]["information"] is None


def test_a_source_changes_the_alignments_of_the_study():
    config = copy.deepcopy(GOOD) | {"alignments": {"warm": {"temperature": 0.5}, "cold": {}}}
    config["datasets"]["digits"]["alignments"] = {"cold": {"projection": [8, 4]}}
    resolved = study.resolve(config)
    assert resolved["alignments"] == ["warm", "cold"]
    digits = resolved["datasets"]["digits-top-bottom"]["alignments"]
    assert digits["warm"]["temperature"] == 0.5
    assert digits["cold"] == {
        "objective": "infonce", "temperature": 0.1, "learnable": False, "projection": [8, 4],
        "shared_width": None, "scale": 1.0,
    }  # fmt: skip
    assert resolved["datasets"]["synthetic-R0"]["alignments"]["cold"]["projection"] is None


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        ("sedes", 3, "sedes is not a key (its value is 3); allowed: study, strengths, datasets,"),
        ("training/epoch", 3, "training.epoch is not a key (its value is 3); allowed: epochs,"),
        ("datasets/synthetic/depth", 1, "datasets.synthetic.depth is not a key"),
        ("strengths", ["0", "-0.4"], 'strengths[1] is "-0.4"; allowed: a quoted decimal'),
        ("strengths", ["0", 0.4], "strengths[1] is 0.4; allowed: a quoted decimal"),
        ("strengths", ["0", "0.40"], 'strengths[1] is "0.40"; allowed: a quoted decimal'),
        ("strengths", ["0", "4e-1"], 'strengths[1] is "4e-1"; allowed: a quoted decimal'),
        ("strengths", ["0.1", "0.4"], 'strengths is ["0.1", "0.4"], without "0"; allowed: a list'),
        ("strengths", ["0", "0"], 'strengths is ["0", "0"]; allowed: a list of at least two diff'),
        ("strengths", None, "strengths is missing; allowed: an entry that gives study and"),
        ("uses", ["fused"], 'uses is ["fused"], without "unimodal"; allowed: a list of different'),
        ("uses", ["unimodal", "x"], 'uses[1] is "x"; allowed: one of "unimodal", "fused", "trans'),
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
        ("study", "a/b", 'study is "a/b"; allowed: a name of up to 80 letters'),
        (
            "alignments",
            {"infonce": {"temperature": 0}},
            "alignments.infonce.temperature is 0; allowed: a number above 0",
        ),
        (
            "alignments",
            {"x": {"objective": "magic"}},
            'alignments.x.objective is "magic"; allowed: one of infonce, infonce_labels, ',
        ),
        ("alignments", {}, "alignments is {}; allowed: at least one way to align"),
        ("datasets/digits/alignments", {"x": {}}, "alignments.x changes no alignment of the"),
        ("training", 3, "training is 3; allowed: options, by name"),
        ("datasets/digits/probe", [], "datasets.digits.probe is []; allowed: options, by name"),
        ("information", "off", 'information is "off"; allowed: options, by name, or true or fa'),
        ("study", "mine\n", 'study is "mine\\n"; allowed: a name of up to 80 letters'),
        ("strengths", ["0", "1\n"], 'strengths[1] is "1\\n"; allowed: a quoted decimal'),
        ("margin", 0, "margin is 0; allowed: a number above 0"),
        ("training/batch_size", 1, "training.batch_size is 1; allowed: an integer of at least 2"),
        ("metrics", {"names": ["cka"]}, 'metrics.names[0] is "cka"; allowed: one of'),
    ],
)
def test_a_mistake_is_named_in_one_sentence(path, value, sentence):
    with pytest.raises(study.ConfigError) as error:
        study.resolve(changed(path, value))
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
    datasets = study.resolve(config)["datasets"]
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
            "encoders",
            {"a": {"kind": "cnn"}},
            'encoders.a.kind is "cnn"; allowed: one of mlp, transformer, vit.',
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
        study.resolve(changed(path, value))
    assert str(error.value) == f"config: {sentence}"


def test_every_mistake_is_named():
    config = changed("seeds", 0) | {"device": "tpu"}
    with pytest.raises(study.ConfigError) as error:
        study.resolve(config)
    assert len(str(error.value).splitlines()) == 2


def test_seed_blocks():
    assert study.seed_blocks(7, 5) == ["0-4", "5-6"]
    assert study.seed_blocks(4, 1) == ["0-0", "1-1", "2-2", "3-3"]
    assert list(study.seeds_of("5-6")) == [5, 6]
    with pytest.raises(ValueError, match="'6-5'; allowed"):
        study.seeds_of("6-5")


def test_a_changed_key_keeps_the_kind_of_encoder_it_changes():
    config = copy.deepcopy(GOOD) | {"encoder": {"kind": "transformer", "layers": 3}}
    del config["datasets"]["synthetic"]  # vectors, which have no steps
    config["datasets"]["digits"]["encoder"] = {"width": 8}
    top = study.resolve(config)["datasets"]["digits-top-bottom"]["encoder"]["top"]
    assert (top["kind"], top["layers"], top["width"]) == ("transformer", 3, 8)


@pytest.mark.parametrize("key", [False, 7, None, 1.5, True])
def test_a_key_that_is_no_text_is_named(key):
    config = copy.deepcopy(GOOD)
    config["datasets"][key] = config["datasets"].pop("digits")
    with pytest.raises(study.ConfigError, match="is not text") as error:
        study.resolve(config)
    assert "\n" not in str(error.value)
    assert "in datasets" in str(error.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("study: a\nstudy: b\n", 'the key "study" stands twice, in lines 1 and 2'),
        ("datasets:\n  x: {kind: digits}\n  x: {kind: mosi}\n", 'the key "x" stands twice'),
        ("study: [a\n", "while parsing a flow sequence"),
        ("? [a, b]\n: 1\n", "line 1: a key is a list"),
    ],
)
def test_a_file_that_yaml_would_read_wrongly_is_refused(tmp_path, text, sentence):
    path = tmp_path / "my.yaml"
    path.write_text(text)
    with pytest.raises(study.ConfigError) as error:
        study.check_files([path])
    assert sentence in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)


def test_two_files_are_refused(tmp_path):
    with pytest.raises(study.ConfigError, match=r"gives 2 files .*; allowed: one"):
        study.check_files(["a.yaml", "b.yaml"])
    with pytest.raises(study.ConfigError, match=r"no\.yaml: there is no such file"):
        study.check_files([tmp_path / "no.yaml"])


def test_anchors_and_merges_of_yaml_still_work(tmp_path):
    path = tmp_path / "my.yaml"
    path.write_text("a: &x {p: 1}\nb:\n  <<: *x\n  q: 2\n")
    assert study.read(path) == {"a": {"p": 1}, "b": {"p": 1, "q": 2}}


def test_what_a_dataset_uses():
    resolved = study.resolve(GOOD)
    used = study.entries(resolved, ["encoders", "objectives"], dataset="synthetic-R0", seeds="0-4")
    assert used == [("encoders", "mlp"), ("objectives", "infonce")]
    assert study.entries(resolved, ["figures"], figure="x", source="all") == [("figures", "x")]


def test_nuisance_and_unique_bits_are_in_the_name():
    entry = {"kind": "synthetic", "redundancy": [2, 4], "nuisance": [None, 1]}
    names = list(study.resolve(GOOD | {"datasets": {"s": entry}})["datasets"])
    assert names == ["s-R2", "s-R2-N1", "s-R4", "s-R4-N1"]
    entry = {"kind": "synthetic", "redundancy": [2], "nuisance": [0], "unique": [1, 5]}
    found = study.resolve(GOOD | {"datasets": {"s": entry}})["datasets"]
    assert list(found) == ["s-R2-N0-U1-5"]
    assert found["s-R2-N0-U1-5"]["options"]["unique"] == [1, 5]
    del entry["nuisance"]
    assert list(study.resolve(GOOD | {"datasets": {"s": entry}})["datasets"]) == ["s-R2-U1-5"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"redundancy": [2, 4], "unique": [1, 5], "nuisance": [0]}, "1 to 8 label bits in all"),
        ({"redundancy": [2], "nuisance": [9]}, "bits, 12: with redundancy 2 they are 14"),
    ],
)
def test_bits_that_do_not_fit_are_refused_with_what_does(options, said):
    with pytest.raises(study.ConfigError, match=said):
        study.resolve(GOOD | {"datasets": {"s": {"kind": "synthetic", **options}}})


def test_no_more_dimensions_are_aligned_than_there_are():
    config = GOOD | {"alignments": {"part": {"shared_width": 7}}, "encoder": {"width": 6}}
    said = (
        "alignments.part.shared_width is 7; allowed: up to 6, the width of the narrower embedding"
    )
    with pytest.raises(study.ConfigError, match=said):
        study.resolve(config)
    part = {"shared_width": 2, "scale": 0.5, "objective": "cka"}
    found = study.resolve(config | {"alignments": {"infonce": {}, "part": part}})
    for dataset in found["datasets"].values():
        assert dataset["alignments"]["part"] == part | {"projection": None}
