"""One of each, added by one file, without touching another."""

import re
from pathlib import Path

import pandas as pd
import pytest
import yaml

pytestmark = pytest.mark.workflow


def examples():
    """Return the code of docs/extend.md: file -> text, as it stands there."""
    text = (ROOT / "docs" / "extend.md").read_text(encoding="utf-8")
    found = re.findall(r"`(my_\w+)\.py`:\n\n```python\n(.*?)```", text, flags=re.DOTALL)
    code = dict(found)
    assert len([line for line in code[LOSS].splitlines() if line]) == 7
    return code


ROOT = Path(__file__).parents[2]
LOSS = "my_loss"
EXTENSIONS = examples()
STUDY = {
    "study": "mine",
    "extensions": [f"{name}.py" for name in EXTENSIONS],
    "strengths": ["0", "1"],
    "seeds": 3,
    "training": {"epochs": 2, "batch_size": 50, "min_steps": 0},
    "information": False,
    "features": False,
    "controls": False,
    "encoder": {"kind": "tanh", "width": 3},
    "alignments": {"distance": {"objective": "distance"}, "infonce": {}},
    "probe": {"kind": "centroids"},
    "metrics": {"names": ["first_column", "cka_debiased"], "samples": 100},
    "datasets": {"own": {"kind": "noise", "features": 5}, "digits": {
        "kind": "digits", "pairs": ["left-right"], "encoder": {"kind": "mlp"}}},
}  # fmt: skip
#: Tables, answers, and one figure of each kind: the others are as in any study.
TARGETS = ["tables", "recommend"] + [
    f"results/mine/figures/{figure}-{source}.png"
    for figure in ("gain_histogram", "alignment_curve")
    for source in ("own", "digits")
]


@pytest.fixture(scope="module")
def ready(clone):
    copy = clone()
    for name, text in EXTENSIONS.items():
        (copy.folder / f"{name}.py").write_text(text)
    (copy.folder / "mine.yaml").write_text(yaml.safe_dump(STUDY))
    copy.snakemake(*TARGETS, config="mine.yaml")
    return copy


def test_each_takes_part_like_what_is_there(ready):
    results = ready.folder / "results/mine"
    probe = pd.read_csv(results / "tables/probe.csv")
    assert set(probe["dataset"]) == {"own", "digits-left-right"}
    assert set(probe["alignment"]) == {"distance", "infonce"}
    accuracy = probe.query(
        "dataset == 'own' and use == 'unimodal' and metric == 'accuracy' and split == 'test'"
    )
    assert accuracy["value"].mean() > 0.7
    assert set(pd.read_csv(results / "tables/alignment.csv")["metric"]) == {
        "first_column", "cka_debiased",
    }  # fmt: skip
    for source in ("own", "digits"):
        assert (results / f"figures/gain_histogram-{source}.png").stat().st_size > 1000
        assert (results / f"figures/alignment_curve-{source}.png").stat().st_size > 1000
    # for one seed, strength 0 is the same for every alignment
    zero = probe.query("strength == 0").pivot_table(
        index=["dataset", "seed", "modality", "split", "metric"],
        columns="alignment",
        values="value",
    )
    pd.testing.assert_series_equal(zero["distance"], zero["infonce"], check_names=False)


@pytest.mark.parametrize(
    ("name", "again", "not_again"),
    [
        ("my_data", {"prepare_dataset": 1}, set()),
        ("my_encoder", {"train_encoders": 1, "probe_encoders": 1}, {"prepare_dataset"}),
        ("my_loss", {"train_encoders": 2}, {"prepare_dataset"}),
        ("my_probe", {"probe_encoders": 2}, {"train_encoders"}),
        ("my_metric", {"measure_alignment": 2}, {"train_encoders", "probe_encoders"}),
        ("my_figure", {"plot_figure": 1}, {"collect_table"}),
    ],
)
def test_editing_one_runs_again_what_uses_it(ready, name, again, not_again):
    path = ready.folder / f"{name}.py"
    before = path.read_text()
    path.write_text(before + "# edited\n")
    planned = ready.planned(*TARGETS, config="mine.yaml")
    path.write_text(before)
    assert {job: planned.get(job) for job in again} == again
    assert not not_again & set(planned)


def test_written_anew_as_they_were_nothing_runs_again(ready):
    for name in EXTENSIONS:
        path = ready.folder / f"{name}.py"
        path.write_text(path.read_text())
    assert ready.planned(*TARGETS, config="mine.yaml") == {}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"extensions": ["none.py"]}, "extensions: none.py: there is no such Python file."),
        ({"extensions": ["broken.py"]}, "extensions: broken.py: NameError: name 'x' is not"),
        ({"extensions": ["empty.py"]}, "extensions: empty.py: adds no entry to any registry."),
        ({"encoder": {"kind": "tanh", "depth": 2}}, "encoder.depth is not a key (its value is 2)"),
        ({"encoder": {"kind": "tanh", "width": 0}}, "encoder.width is 0; allowed: an integer of"),
        ({"datasets": {"own": {"kind": "noise", "features": 0}}}, "datasets.own.features is 0; a"),
    ],
)
def test_a_mistake_in_or_about_one_is_named(ready, change, sentence):
    (ready.folder / "broken.py").write_text("x\n")
    (ready.folder / "empty.py").write_text("x = 1\n")
    (ready.folder / "bad.yaml").write_text(yaml.safe_dump(STUDY | change))
    process = ready.snakemake("-n", config="bad.yaml", check=False)
    assert process.returncode != 0
    assert sentence in process.stderr
    assert "Traceback" not in process.stderr


def test_it_works_as_a_module_of_another_workflow(clone, tmp_path):
    copy = clone()
    smoke = yaml.safe_load((copy.folder / "config/smoke.yaml").read_text())
    smoke["datasets"] = {"digits": smoke["datasets"]["digits"]}
    (tmp_path / "outer.yaml").write_text(yaml.safe_dump({"inner": smoke | {"information": False}}))
    (tmp_path / "Snakefile").write_text(
        "configfile: 'outer.yaml'\n"
        f"module alignsweep:\n    snakefile: '{copy.folder}/Snakefile'\n"
        "    config: config['inner']\n"
        "use rule * from alignsweep as alignsweep_*\n"
        "rule mine:\n    default_target: True\n"
        "    input: 'results/smoke/digits-left-right/optimum.csv'\n"
        "    output: 'mine.txt'\n    shell: 'cp {input} {output}'\n"
    )
    outer = object.__new__(type(copy))
    outer.folder = tmp_path
    outer.snakemake(config=None)
    assert (tmp_path / "mine.txt").read_text().startswith("dataset,alignment,modality")
