"""The same tables wherever, and with whatever, a study is run."""

import os
import subprocess
import sys

import pytest
import yaml
from workflow.conftest import UNUSUAL, Clone

pytestmark = pytest.mark.faults

STUDY = {
    "study": "tiny",
    "strengths": ["0", "1"],
    "seeds": 3,
    "seeds_per_job": 2,
    "datasets": {"synthetic": {"kind": "synthetic", "redundancy": [0, 8], "train": 128,
                               "validation": 128, "test": 256}},
    "training": {"epochs": 4, "min_steps": 0},
    "information": {"clusters": 4, "samples": 256, "permutations": 10, "resamples": 10,
                    "sensitivity_clusters": []},
}  # fmt: skip
#: What is different -> arguments of Snakemake, variables (None: not set), name of the folder.
OTHERS = {
    "one core": (["--cores", "1"], {}, "clone"),
    "two threads": (["--set-threads", "train_encoders=2", "probe_encoders=2"], {}, "clone"),
    "another order": (["--scheduler", "greedy", "--cores", "4"], {}, "clone"),
    "a path with spaces": ([], {}, "a folder, with spaces"),
    "a path with umlauts": ([], {}, "größe-ü"),
    "a path with quotes": ([], {}, 'it\'s "so"'),
    "the locale C": ([], {"LC_ALL": "C", "LANG": None}, "clone"),
    "no home": ([], {"HOME": None, "XDG_CACHE_HOME": None}, "clone"),
}


def tables(folder, arguments=(), variables=None, umask=-1, source=None):
    """Run the study in a folder and return its tables, name -> bytes."""
    (folder / "tiny.yaml").write_text(yaml.safe_dump(STUDY))
    environment = {k: v for k, v in os.environ.items() if k not in UNUSUAL} | (variables or {})
    command = [sys.executable, "-m", "snakemake", "tables", *arguments]
    command += [] if "--cores" in arguments else ["--cores", "2"]
    process = subprocess.run(
        [*command, "--configfile", "tiny.yaml"], cwd=folder, umask=umask,
        env={k: v for k, v in environment.items() if v is not None},
        capture_output=True, text=True, timeout=3600,
    )  # fmt: skip
    assert process.returncode == 0, process.stdout + process.stderr
    return {p.name: p.read_bytes() for p in (folder / "results/tiny/tables").iterdir()}


def made(place):
    place.mkdir(parents=True)
    return Clone(place).folder


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    return tables(made(tmp_path_factory.mktemp("usual") / "clone"))


@pytest.mark.parametrize(("arguments", "variables", "name"), OTHERS.values(), ids=OTHERS)
def test_the_same_tables(usual, tmp_path, note, request, arguments, variables, name):
    found = tables(made(tmp_path / name), arguments, variables)
    note(surroundings=request.node.callspec.id, tables=len(usual),
         that_differ=sum(found.get(t) != usual[t] for t in usual))  # fmt: skip
    assert found == usual


def test_with_a_umask_that_shuts_others_out(usual, tmp_path):
    assert tables(made(tmp_path / "clone"), umask=0o077) == usual


def test_from_another_directory(usual, tmp_path):
    clone = made(tmp_path / "clone")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert tables(elsewhere, ["--snakefile", str(clone / "Snakefile")]) == usual


def test_as_a_module_of_another_workflow(usual, tmp_path):
    clone = made(tmp_path / "clone")
    outer = tmp_path / "outer"
    outer.mkdir()
    (outer / "Snakefile").write_text(
        f'configfile: "tiny.yaml"\n\nmodule alignsweep:\n    snakefile: "{clone}/Snakefile"\n'
        "    config: config\n\nuse rule * from alignsweep\n"
    )
    assert tables(outer) == usual
