"""The tutorial, typed as it stands, on less data and with a quicker study."""

import os
import re
import shlex
import subprocess
import sys
import textwrap

import numpy as np
import pytest
import yaml
from workflow.conftest import QUICK, ROOT, UNUSUAL

pytestmark = pytest.mark.workflow


def blocks():
    """Return the code of the tutorial, in order: what is indented, and Python between fences."""
    text = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
    indented = [textwrap.dedent(b) for b in re.findall(r"\n\n((?: {4}.+\n)+)", text)]
    return indented, re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)


@pytest.fixture
def type_it(clone):
    """Type a line in a terminal at the root of a checkout."""
    copy = clone()
    environment = {k: v for k, v in os.environ.items() if k not in UNUSUAL}

    def run(line):
        name, *words = shlex.split(line)
        process = subprocess.run(
            [sys.executable, *(("-m", name) if name != "python" else ()), *words],
            cwd=copy.folder,
            env=environment | {"PYTHONPATH": str(copy.folder / "src")},
            capture_output=True,
            text=True,
        )
        assert process.returncode == 0, process.stdout + process.stderr
        return process.stdout + process.stderr

    run.folder = copy.folder
    return run


def test_the_tutorial(type_it):
    (install, make_data, inspect, recommend, go_on, embeddings, embed), (load,) = blocks()
    assert ".venv/ready" in install  # an environment there is already
    folder = type_it.folder

    (folder / "make_data.py").write_text(make_data)
    type_it("python make_data.py")
    with np.load(folder / "my.npz") as file:
        np.savez(folder / "my.npz", **{name: array[:200] for name, array in file.items()})

    assert "10 classes" in type_it(inspect)
    assert "jobs to do" in type_it(recommend.strip() + " --dry-run")
    study = folder / "alignsweep-my" / "study.yaml"
    study.write_text(yaml.safe_dump(yaml.safe_load(study.read_text()) | QUICK))

    by_itself, by_snakemake = go_on.splitlines()
    said = type_it(by_itself)
    assert all(f"my-{pair}: " in said for pair in ("left-right", "left-sums", "right-sums"))
    assert "nothing to do, all is there" in type_it(by_snakemake)
    assert (folder / "alignsweep-my/results/my/index.html").is_file()

    type_it(embeddings)
    (folder / "take.py").write_text(
        "import numpy as np\nrow_sums = np.load('my.npz')['sums']\n"
        + load.replace("encoders.embed(", "print(encoders.embed(").replace(")  #", ").shape)  #")
    )
    assert type_it("python take.py").strip() == "(200, 8)"
    type_it(embed)
    assert np.load(folder / "embedded.npz")["sums"].shape == (200, 8)
