"""Linters, formatters and the type checker are clean; the parts of the project agree."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.workflow

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
MOST_LINES, MOST_SCRIPT_LINES, MOST_WORKFLOW_LINES = 400, 30, 1250
ENVIRONMENTS = sorted((ROOT / "envs").glob("*.yaml"))
CONDA_NAMES = {"pytorch": "torch", "matplotlib-base": "matplotlib"}


@pytest.mark.parametrize(
    "command",
    [
        ["ruff", "check", "."],
        ["ruff", "format", "--check", "."],
        ["mypy"],
        ["snakefmt", "--check", "Snakefile", "workflow"],
        ["snakemake", "--lint"],
    ],
    ids=" ".join,
)
def test_clean(command):
    process = subprocess.run(
        [BIN / command[0], *command[1:]], cwd=ROOT, capture_output=True, text=True
    )
    assert process.returncode == 0, process.stdout + process.stderr


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda p: p.stem)
def test_conda_environments_have_the_versions_of_the_lock(path):
    lock = dict(
        line.split("==")
        for line in (ROOT / "requirements.lock").read_text().splitlines()
        if "==" in line
    )
    for entry in yaml.safe_load(path.read_text())["dependencies"]:
        name, version = re.fullmatch(r"([a-z0-9-]+) *=(\S+)", entry).groups()
        if name != "python":
            assert lock[CONDA_NAMES.get(name, name)] == version, entry


def test_every_rule_says_what_it_uses():
    text = "\n".join(p.read_text() for p in (ROOT / "workflow" / "rules").glob("*.smk"))
    rules = re.split(r"^(?:rule|use rule) ", text, flags=re.MULTILINE)[1:]
    jobs = [r for r in rules if "script:" in r]
    assert len(jobs) >= 12
    for rule in jobs:
        for part in ("log:", "benchmark:", "conda:", "message:", '"""'):
            assert part in rule, f"{rule.split(':')[0]} has no {part}"
        # one that runs beside Snakemake is small; any other says what it needs
        assert "localrule: True" in rule or "resources:" in rule, rule.split(":")[0]


def jobs():
    """Yield the script and the conda environment of every rule that has both."""
    for path in sorted((ROOT / "workflow" / "rules").glob("*.smk")):
        for rule in re.split(r"^rule ", path.read_text(), flags=re.MULTILINE)[1:]:
            found = re.search(r'envs/(\w+)\.yaml"[\s\S]*scripts/(\w+)\.py"', rule)
            if found:
                yield found[2], found[1]


@pytest.mark.parametrize(("script", "environment"), sorted(set(jobs())))
def test_an_environment_has_what_its_scripts_import(script, environment):
    text = (ROOT / "workflow" / "scripts" / f"{script}.py").read_text()
    imports = "\n".join(re.findall(r"^(?:import|from) .*", text, flags=re.MULTILINE))
    names = {"torch", "pandas", "scipy", "sklearn", "matplotlib", "safetensors", "tqdm"}
    names |= {"yaml", "jsonschema", "numpy", "altair", "vl_convert"}
    code = f"import sys\n{imports}\nprint(*({names!r} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    entries = yaml.safe_load((ROOT / "envs" / f"{environment}.yaml").read_text())["dependencies"]
    packages = {re.split(" *=", entry)[0] for entry in entries}
    packages = {CONDA_NAMES.get(p, p) for p in packages}
    modules = {"scikit-learn": "sklearn", "pyyaml": "yaml", "vl-convert-python": "vl_convert"}
    assert set(found.stdout.split()) <= {modules.get(p, p) for p in packages}


def test_no_file_outgrows_one_concept():
    files = [p for folder in ("src", "tests", "benchmarks", "workflow") for p in
             (ROOT / folder).rglob("*") if p.suffix in (".py", ".smk")]  # fmt: skip
    long = {p: n for p in files if (n := len(p.read_text().splitlines())) > MOST_LINES}
    assert not long
    scripts = {p: len(p.read_text().splitlines()) for p in (ROOT / "workflow/scripts").glob("*.py")}
    assert max(scripts.values()) <= MOST_SCRIPT_LINES
    rules = [p for p in files if p.suffix == ".smk"]
    total = sum(scripts.values()) + sum(len(p.read_text().splitlines()) for p in rules)
    assert total <= MOST_WORKFLOW_LINES
