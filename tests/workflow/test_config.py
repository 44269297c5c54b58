"""Configurations: the shipped ones plan, bad ones stop before any job with one sentence."""

from pathlib import Path

import pytest
import yaml

from alignsweep import study
from alignsweep.data.checks import SIMULATED

pytestmark = pytest.mark.workflow

TARGETS = ["all", "figures", "paper", "tables", "embeddings", "synthetic", "real"]
ROOT = Path(__file__).parents[2]
CONFIGS = sorted(p.name for p in (ROOT / "config").glob("*.yaml"))


@pytest.fixture(scope="module")
def copy(clone):
    return clone()


@pytest.mark.parametrize("name", CONFIGS)
def test_every_config_plans(copy, name):
    planned = copy.planned(config=f"config/{name}")
    config = yaml.safe_load((copy.folder / "config" / name).read_text())
    blocks = -(-config["seeds"] // config["seeds_per_job"])
    datasets = study.resolve(config)["datasets"]
    synthetic = [name for name, d in datasets.items() if d["kind"] in SIMULATED]
    assert planned.get("generate_synthetic", 0) == len(synthetic)
    assert planned.get("prepare_dataset", 0) == len(datasets) - len(synthetic)
    assert planned["train_encoders"] == len(datasets) * blocks


@pytest.mark.parametrize("target", TARGETS)
def test_targets(copy, target):
    planned = copy.planned(target)
    assert ("prepare_dataset" in planned) == (target != "synthetic")
    assert ("generate_synthetic" in planned) == (target != "real")


def test_what_the_paper_shows(copy):
    """Its synthetic part in full: nine datasets, two seed blocks, three figures, the claims."""
    planned = copy.planned("paper", config="config/paper.yaml")
    assert planned["train_encoders"] == 2 * planned["generate_synthetic"] == 18
    drawn = planned.get("plot_figure", 0) + planned.get("plot_overview", 0)
    assert (drawn, planned["check_claims"]) == (3, 1)


def test_without_a_config_file_the_default_study_is_planned(copy):
    planned = copy.planned(config="config/config.yaml")
    assert planned["train_encoders"] == 7


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


def test_the_entry_of_the_catalog_has_the_fields_that_the_catalog_reads():
    usage = yaml.safe_load((ROOT / ".snakemake-workflow-catalog.yml").read_text())["usage"]
    assert set(usage) == {"mandatory-flags", "software-stack-deployment"}
    assert set(usage["mandatory-flags"]) == {"desc", "flags"}
    methods = {"conda", "apptainer", "apptainer+conda", "report"}
    assert set(usage["software-stack-deployment"]) == methods
    assert all(isinstance(v, bool) for v in usage["software-stack-deployment"].values())
    readme = (ROOT / "README.md").read_text().lower()
    assert "snakemake" in readme
    assert "workflow" in readme


def test_a_misspelt_dataset_is_no_target(copy):
    target = "results/smoke/synthetic-R5/strength=0.4/seeds=0-1/probe.csv"
    process = copy.snakemake("-n", target, check=False)
    assert process.returncode != 0
    assert "MissingRuleException" in process.stdout + process.stderr
