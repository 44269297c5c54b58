"""Configurations: the shipped ones plan, bad ones stop before any job with one sentence."""

from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.workflow

CONFIGS = sorted(p.name for p in (Path(__file__).parents[2] / "config").glob("*.yaml"))


@pytest.fixture(scope="module")
def copy(clone):
    return clone()


@pytest.mark.parametrize("name", CONFIGS)
def test_every_config_plans(copy, name):
    planned = copy.planned(config=f"config/{name}")
    config = yaml.safe_load((copy.folder / "config" / name).read_text())
    blocks = -(-config["seeds"] // config["seeds_per_job"])
    levels = [len(d["redundancy"]) for d in config["datasets"].values() if "redundancy" in d]
    pairs = [len(d["pairs"]) for d in config["datasets"].values() if "pairs" in d]
    assert planned.get("generate_synthetic", 0) == sum(levels)
    assert planned.get("prepare_dataset", 0) == sum(pairs)
    assert planned["train_encoders"] == sum(levels + pairs) * blocks


@pytest.mark.parametrize("target", ["all", "figures", "tables", "synthetic", "real"])
def test_targets(copy, target):
    planned = copy.planned(target)
    assert ("prepare_dataset" in planned) == (target != "synthetic")
    assert ("generate_synthetic" in planned) == (target != "real")


def test_without_a_config_file_the_default_study_is_planned(copy):
    planned = copy.planned(config="config/config.yaml")
    assert planned["train_encoders"] == 6


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"sedes": 3}, "config: sedes is not a key (its value is 3); allowed: study,"),
        ({"strengths": ["0", "-1"]}, 'config: strengths[1] is "-1"; allowed: a quoted decimal'),
        ({"strengths": ["0.4", "1"]}, 'config: strengths is ["0.4", "1"], without "0"; allowed:'),
        ({"strengths": ["0", 0.4]}, "config: strengths[1] is 0.4; allowed: a quoted decimal"),
        (
            {"datasets": {"synthetic": {"kind": "synthetic", "redundancy": [9]}}},
            "config: datasets.synthetic.redundancy[0] is 9; allowed: an integer from 0 to 8.",
        ),
        ({"seeds_per_job": 0}, "config: seeds_per_job is 0; allowed: an integer of at least 1."),
    ],
)
def test_a_bad_config_stops_before_any_job(copy, change, sentence):
    config = yaml.safe_load((copy.folder / "config/smoke.yaml").read_text()) | change
    (copy.folder / "bad.yaml").write_text(yaml.safe_dump(config))
    process = copy.snakemake(config="bad.yaml", check=False)
    assert process.returncode != 0
    assert sentence in process.stderr
    assert "Traceback" not in process.stderr
    assert len(process.stderr.strip().splitlines()) <= 4
    assert not (copy.folder / "results").exists()


def test_a_study_that_is_not_merged_with_the_default(copy):
    only = {
        "study": "only",
        "strengths": ["0", "1"],
        "datasets": {"d": {"kind": "digits", "pairs": ["top-bottom"]}},
    }
    (copy.folder / "only.yaml").write_text(yaml.safe_dump(only))
    planned = copy.planned(config="only.yaml")
    assert planned["train_encoders"] == 2  # ten seeds, five in a job
    assert "generate_synthetic" not in planned


def test_a_misspelt_dataset_is_no_target(copy):
    target = "results/smoke/synthetic-R5/strength=0.4/seeds=0-1/probe.csv"
    process = copy.snakemake("-n", target, check=False)
    assert process.returncode != 0
    assert "MissingRuleException" in process.stdout + process.stderr
