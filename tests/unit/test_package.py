"""The names that a notebook uses, and the floors of the package."""

import subprocess
import sys
from pathlib import Path

import pytest

from alignsweep import code

FLOORS = (
    ("data",),
    ("training",),
    ("probe", "metrics"),
    ("information",),
    ("selection", "figures"),
    ("answers",),
    ("cli",),
)


def test_the_names_of_a_notebook():
    from alignsweep import data, information, metrics, probe, recommend, sweep

    pairs = data.synthetic.generate(redundancy=4, train=128, validation=128, test=128, seed=0)
    training = sweep.Training(epochs=1, min_steps=0)
    trained = sweep.train(pairs, strengths=["0", "1"], seeds=range(3), training=training)
    scores = probe.linear_probe(trained, pairs)
    assert {"optimum", "verdict"} <= set(recommend.recommend(scores).columns)
    assert "cka_debiased" in metrics.METRICS
    assert callable(information.broja)


def test_a_name_that_is_not_there_is_an_attribute_error():
    import alignsweep

    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        alignsweep.nothing  # noqa: B018
    with pytest.raises(ImportError):
        from alignsweep import nothing  # noqa: F401
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        alignsweep.data.nothing  # noqa: B018


def test_importing_it_imports_nothing_else():
    text = (
        "import sys; before = set(sys.modules); import alignsweep; "
        "print([m for m in set(sys.modules) - before if m.startswith(('alignsweep.', 'numpy'))])"
    )
    found = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_each_floor_uses_those_above_it_only():
    """Data flows one way; imports for the type checker alone do not count."""
    height = {package: i for i, floor in enumerate(FLOORS) for package in floor}
    for path in code.LIBRARY.rglob("*.py"):
        own = path.relative_to(code.LIBRARY).parts[0]
        if own not in height:
            continue
        for module in code._imported(path):
            used = (module.split(".") + [""])[1]
            if used in height and used != own:
                allowed = height[used] < height[own]
                assert allowed, f"{Path(*path.parts[-3:])} imports {module}"
