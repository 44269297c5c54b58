"""Bad configurations: each is refused in a sentence before the first job, or run right."""

import re

import numpy as np
import pytest
import yaml

from alignsweep import study

DIGITS = {"kind": "digits", "pairs": ["left-right"]}
SYNTHETIC = {"kind": "synthetic", "redundancy": [4]}
FILES = {"kind": "files", "path": "my.npz", "modalities": ["v", "s"], "label": "y"}
BASE = {"study": "x", "strengths": ["0", "1"], "datasets": {"d": DIGITS}}
HUGE, NAN = 10**400, float("nan")

#: part of the configuration -> values that are refused
VALUES = {
    "study": ["", "a/b", "..", ".x", "x\ny", "x y", "ü", 3, None, [], {}, "x" * 81, "$(x)", "a;b",
              "a'b", "-x"],
    "strengths": [[], ["0"], ["0", "0"], ["0", 1], "0", ["0", "-1"], ["0", "1e3"], ["0", "inf"],
                  ["0", "nan"], ["0", "1" * 10], ["0", ""], ["0", " 1"], {"0": 1}, None,
                  ["0", "01"], ["0", "1."], ["0", ".5"], ["0", "1\n"], ["0.4", "1"]],
    "seeds": [0, 1, -1, 2.5, "3", True, None, [], 1e3, 10**12, HUGE, NAN],
    "seeds_per_job": [0, HUGE],
    "strengths_per_job": [2, "one"],
    "device": ["gpu", "cuda:0"],
    "margin": [0, -1, "x", NAN, HUGE],
    "search": ["random", None],
    "controls": ["yes", 1],
    "uses": [[], ["fused"], ["unimodal", "unimodal"], "unimodal", ["unimodal", "all"]],
    "data_mirror": ["", 3],
    "extensions": [["no.py"], "x.py", [3], ["my.npz"]],
    "datasets": [{}, None, [], {"d": None}, {"d": {}}, {"d": {"kind": "x"}}, {"a b": DIGITS},
                 {"tables": DIGITS}, {"all": DIGITS}, {"d\n": DIGITS}, {"../d": DIGITS},
                 {7: DIGITS}, {True: DIGITS}, {"x" * 81: DIGITS}, {"d": DIGITS, 7: DIGITS}],
    "alignments": [{}, [], None, {"a b": {}}, {"x": {"objective": "z"}}, {"x": {"temperature": 0}},
                   {"x": {"shared_width": 7}}, {"x": {"shared_width": 0}}, {"x": {"scale": 0}},
                   {"x": {"projection": []}}, {"x": {"projection": [0]}}, {"x": None},
                   {"x": {"bias": 1}}, {"x": {"projection": [10**10]}}],
    "encoders": [{"z": {"width": 3}}, [1], {"left": 3}, {"left": {"kind": "x"}}],
    "encoder": [{"kind": "x"}, {"width": 0}, {"hidden": [0]}, {"hidden": "x"}, {"width": 10**9},
                {"kind": "vit", "patch": 3}, {"kind": "vit", "patch": 8},
                {"kind": "vit", "heads": 5}, {"kind": "vit", "patch": 2, "heads": 3},
                {"kind": "transformer", "heads": 3}, {"kind": "transformer", "layers": 0},
                {"kind": "transformer", "heads": 3, "dimension": 10}, {"heads": 2}, [], "mlp"],
    "training": [{"epochs": 0}, {"epochs": 10**12}, {"min_steps": 10**12}, {"batch_size": 1},
                 {"optimizer": "sgd"}, {"learning_rate": 0}, {"learning_rate": -1},
                 {"learning_rate": "1e-3"}, {"learning_rate": []}, {"learning_rate": [0.1, 0.1]},
                 {"weight_decay": -1}, {"x": 1}, {"learning_rate": float("inf")}, {1: 2, "x": 3}],
    "information": ["x", {"clusters": 1}, {"samples": 5}, {"permutations": 5}, {"methods": []},
                    {"permutations": 10**9}, {"methods": ["x"]}, {"bins": [2.0]}, {"bins": []},
                    {"bins": [0.5, 0.5]}, {"sensitivity_clusters": [1]}],
    "metrics": [{"names": []}, {"names": ["x"]}, {"samples": 1}, [], {"samples": HUGE}],
    "probe": [{"kind": "x"}, {"penalties": []}, {"penalties": [0]}],
    "adaptive": [{"confidence": 1}, {"confidence": 0.2}, {"tolerance": 0}, {"first_seeds": 1},
                 {"first_strengths": 1}, {"confirming_seeds": 2}],
    "sedes": [3],
}  # fmt: skip
#: options of a source -> values that are refused
OPTIONS = [
    (DIGITS, {"pairs": [[], ["x"], "left-right"], "train": [5, 1e3], "seed": [-1, 2**32],
              "resample": ["x"], "validation": [1500], "x": [1]}),
    (SYNTHETIC, {"redundancy": [[9], [], [4, 4], 4], "nuisance": [[9]], "bits": [3, 17],
                 "temperature": [0, 1e-300], "heterogeneity": [11], "test": [10**9],
                 "balance_tolerance": [0], "unique": [[1], [9, 9], "x"],
                 "encoder": [{"kind": "transformer"}, {"kind": "vit"}]}),
    (FILES, {"modalities": [["v"], ["v", "v"], ["v", "z"], ["v", "both"], {"a": "v", "b": "v"}],
             "label": ["z", "", "v"], "split": ["z"], "group": ["z"], "pairs": [["v-z"], ["v-v"]],
             "path": ["no.npz", "my", "", "my.txt"], "task": ["x"], "validation": [0.5, 0],
             "test": [20], "masks": [{"z": "y"}, {"v": "z"}, 3],
             "encoder": [{"kind": "transformer"}]}),
    (FILES | {"modalities": ["cf", "v"]}, {"encoders": [
        {"cf": {"kind": "vit", "patch": 5}}, {"cf": {"kind": "vit", "patch": 2, "heads": 5}}]}),
    ({"kind": "mosi", "pairs": ["vision-text"]}, {"pairs": [["x"]]}),
    ({"kind": "multibench", "pairs": ["vision-text"]}, {"set": ["x"], "file": ["x.pkl"]}),
]  # fmt: skip
#: Odd ones that are right.
RIGHT = {
    "a learning rate beyond all": {"training": {"learning_rate": 1e308}},
    "more clusters than samples": {"information": {"clusters": 10**9}},
    "the same as a check": {"information": {"sensitivity_clusters": [10**9]}},
    "more samples than there are": {"metrics": {"samples": 10**9}},
    "more first seeds than seeds": {"search": "adaptive", "adaptive": {"first_seeds": 10**9}},
    "a mirror that nothing needs": {"data_mirror": "nowhere"},
    "names like folders": {"study": "results", "datasets": {"logs": DIGITS}},
}
#: Files that are no study.
TEXTS = {
    "a key stands twice": yaml.safe_dump(BASE) + "seeds: 3\nseeds: 4\n",
    "a key is a list": yaml.safe_dump(BASE) + "? [a, b]\n: 3\n",
    "a key is a mapping": yaml.safe_dump(BASE) + "? {a: b}\n: 3\n",
    "it holds itself": yaml.safe_dump(BASE) + "encoders: &x {a: *x}\n",
    "a list holds itself": yaml.safe_dump(BASE) + "uses: &x [unimodal, *x]\n",
    "tabs": yaml.safe_dump(BASE) + "\tseeds: 3\n",
    "it ends too early": '{"study": "x"',
    "Python in it": yaml.safe_dump(BASE) + "seeds: !!python/object/apply:os.getpid []\n",
    "another encoding": yaml.safe_dump(BASE).encode("utf-16"),
    "no text": bytes(range(256)),
    "too deep": "study: x\nstrengths: " + "[" * 3000 + "]" * 3000,
    "text": "hello", "a list": "- a", "nothing": "", "a number": "3",
}  # fmt: skip

CASES = [(f"{key}={value!r:.40}", BASE | {key: value}) for key in VALUES for value in VALUES[key]]
CASES += [
    (f"{source['kind']}.{key}={value!r:.40}", BASE | {"datasets": {"d": source | {key: value}}})
    for source, options in OPTIONS
    for key, values in options.items()
    for value in values
]
CASES += [
    ("two datasets of a name", BASE | {"datasets": {
        "d": {**FILES, "modalities": ["left", "right"], "path": "halves.npz"},
        "d-left": {**FILES, "modalities": ["right"], "path": "halves.npz"}}}),
    ("a search with too many seeds", BASE | {"search": "adaptive",
                                             "adaptive": {"confirming_seeds": 10**9}}),
    ("a mirror that is not there", BASE | {"data_mirror": "/no/where", "datasets": {
        "d": {"kind": "mosi", "pairs": ["vision-text"]}}}),
    ("no mapping", []), ("only a name", {"study": "x"}),
]  # fmt: skip
#: Of these, so many are given to Snakemake, too.
THROUGH_SNAKEMAKE = CASES[::25]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_data(tmp_path)
    return tmp_path


def write_data(folder):
    rng = np.random.default_rng(0)
    images = {"im": rng.integers(0, 255, (60, 9, 9)), "cf": rng.integers(0, 255, (60, 3, 8, 8))}
    arrays = {k: x.astype(np.uint8) for k, x in images.items()}
    arrays |= {"v": rng.normal(size=(60, 4)), "s": rng.normal(size=(60, 5, 6))}
    np.savez(folder / "my.npz", y=np.arange(60) % 2, **arrays)
    np.savez(folder / "halves.npz", y=np.arange(60) % 2, left=arrays["v"], right=arrays["v"])
    (folder / "my.txt").write_text("a b")


def refused(config):
    """Return the sentences by which a configuration is refused, one per mistake."""
    with pytest.raises(study.ConfigError) as error:
        study.resolve(config)
    sentences = str(error.value).splitlines()
    assert len(set(sentences)) == len(sentences)
    for sentence in sentences:
        assert re.fullmatch(r"config: .{5,}", sentence)
        assert len(sentence) < 600
    return sentences


@pytest.mark.parametrize("config", [c for _, c in CASES], ids=[name for name, _ in CASES])
def test_a_mistake_is_refused_in_one_sentence(folder, config):
    assert len(refused(config)) == 1


@pytest.mark.parametrize("config", RIGHT.values(), ids=RIGHT)
def test_what_is_odd_but_right_is_taken(folder, config):
    assert study.resolve(BASE | config)["datasets"]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_file_that_is_no_study_is_named_in_one_sentence(folder, text):
    (folder / "bad.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())

    def read():
        study.check_files(["bad.yaml"])
        return study.resolve(study.read("bad.yaml"))

    with pytest.raises(study.ConfigError, match=r"^config: [^\n]+\Z"):
        read()


@pytest.mark.faults
@pytest.mark.parametrize("config", [c for _, c in THROUGH_SNAKEMAKE],
                         ids=[name for name, _ in THROUGH_SNAKEMAKE])  # fmt: skip
def test_snakemake_says_the_same_once_and_begins_nothing(clone, monkeypatch, config):
    copy = clone()
    write_data(copy.folder)
    monkeypatch.chdir(copy.folder)
    (sentence,) = refused(config)
    (copy.folder / "bad.yaml").write_text(yaml.safe_dump(config, sort_keys=False))
    said = copy.snakemake(config="bad.yaml", check=False)
    assert said.returncode
    assert said.stderr.count(sentence) == 1
    assert "Traceback" not in said.stderr
    assert len(said.stderr.strip().splitlines()) <= 4
    assert not (copy.folder / "results").exists()


@pytest.mark.faults
@pytest.mark.parametrize("config", RIGHT.values(), ids=RIGHT)
def test_snakemake_plans_what_is_odd_but_right(clone, config):
    copy = clone()
    (copy.folder / "odd.yaml").write_text(yaml.safe_dump(BASE | config))
    assert copy.planned(config="odd.yaml")


@pytest.mark.faults
def test_how_many(folder, note):
    sentences = [len(refused(config)) for _, config in CASES]
    note(configurations=len(CASES), refused_in_one_sentence=sentences.count(1),
         odd_but_right=len(RIGHT), files_that_are_no_study=len(TEXTS),
         through_snakemake=len(THROUGH_SNAKEMAKE))  # fmt: skip
