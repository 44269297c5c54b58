"""Nothing of a configuration reaches a shell; names in paths have no special signs."""

import ast
import re
from pathlib import Path

import pytest
import yaml

from alignsweep import study

ROOT = Path(__file__).parents[2]
#: What a shell, a glob, or a pattern of Snakemake would take for more than a letter.
SPECIAL = " '\"`$&|;<>(){}[]*?!~#\\\n\t%="
#: Where names of the user's are parts of paths.
PLACES = {
    "study": lambda name: {"study": name},
    "dataset": lambda name: {"datasets": {name: {"kind": "digits", "pairs": ["left-right"]}}},
    "alignment": lambda name: {"alignments": {name: {}}},
    "modality": lambda name: {"datasets": {"d": {"kind": "files", "path": __file__, "label": "y",
                                                 "modalities": ["v", name]}}},
}  # fmt: skip


def test_no_rule_runs_a_shell_command():
    for path in [ROOT / "Snakefile", *(ROOT / "workflow/rules").glob("*.smk")]:
        assert not re.search(r"^\s*(shell|run|notebook|wrapper):", path.read_text(), re.MULTILINE)


def test_no_process_is_started_by_a_shell():
    """By name: subprocess with shell=True, os.system, os.popen."""
    for path in [*(ROOT / "src").rglob("*.py"), *(ROOT / "workflow").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                assert "shell" not in [k.arg for k in node.keywords], path
                assert ast.unparse(node.func) not in ("os.system", "os.popen"), path


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("sign", SPECIAL)
def test_a_name_that_becomes_part_of_a_path_has_no_special_signs(place, sign):
    base = {"study": "x", "strengths": ["0", "1"],
            "datasets": {"d": {"kind": "digits", "pairs": ["left-right"]}}}  # fmt: skip
    for name in (f"a{sign}b", f"a{sign}", f"{sign}a"):
        with pytest.raises(study.ConfigError):
            study.resolve(base | PLACES[place](name))


def test_a_scheduler_gets_names_of_rules_and_numbers_only():
    profile = ROOT / "workflow/profiles/cluster-generic/config.yaml"
    command = yaml.safe_load(profile.read_text())["cluster-generic-submit-cmd"]
    filled = set(re.findall(r"\{(.*?)\}", command))
    assert filled == {"rule", "threads", "resources.mem_mb", "resources.runtime"}
