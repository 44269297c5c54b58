"""What code a job depends on follows from the imports."""

import subprocess
import sys
from pathlib import Path

import pytest

from alignsweep import code
from alignsweep.study.registries import REGISTRIES

SCRIPTS = Path(__file__).parents[2] / "workflow" / "scripts"


def behind(script, *uses):
    found = code.files(SCRIPTS / f"{script}.py", uses)
    return {str(p.relative_to(code.LIBRARY)) for p in found}


TRAINING = (("encoders", "mlp"), ("objectives", "infonce"))


def test_training_depends_on_the_engine_and_on_the_encoder_it_uses():
    found = behind("train_encoders", *TRAINING)
    assert {"training/sweep.py", "training/stack.py", "training/encoders/mlp.py"} <= found
    assert {"training/objectives/infonce.py", "data/store.py"} <= found
    assert "training/encoders/vit.py" not in found
    assert not {p for p in found if p.startswith(("probe/", "metrics/", "study/", "figures/"))}
    with_vit = behind("train_encoders", *TRAINING, ("encoders", "vit"))
    of_vit = {"training/encoders/vit.py", "training/encoders/transformer.py", "shapes.py"}
    assert with_vit - found == of_vit


def test_an_import_inside_a_function_counts():
    found = behind("estimate_information", ("datasets", "digits"))
    assert {"information/neural.py", "training/sweep.py", "data/digits.py"} <= found
    assert "data/avmnist.py" not in found


def test_a_file_that_a_module_names_counts():
    assert "answers/world.csv.gz" in behind("predict_gains")
    assert "figures/alignsweep.mplstyle" in behind("plot_figure", ("figures", "information"))


def test_a_figure_depends_on_its_own_module():
    one = behind("plot_figure", ("figures", "information"))
    assert "figures/information.py" in one
    assert "figures/panels.py" in one
    assert "figures/strength_curve.py" not in one
    assert "training/sweep.py" not in one


def test_reading_the_study_says_nothing_about_results():
    for script in SCRIPTS.glob("*.py"):
        assert not {p for p in behind(script.stem) if p.startswith("study/")}


@pytest.fixture
def library(tmp_path, monkeypatch):
    """Return a small library, and what digests a script of it."""
    package = tmp_path / "alignsweep"
    (package / "parts").mkdir(parents=True)
    for name, text in {
        "__init__": "",
        "one": "from alignsweep import two\nif TYPE_CHECKING:\n    import alignsweep.four\n",
        "two": "def f():\n    from alignsweep.three import x\n",
        "three": "x = open('data.txt')\n",
        "four": "",
        "parts/__init__": "from alignsweep.parts import a, b\nPARTS = {'a': a, 'b': b}\n",
        "parts/a": "",
        "parts/b": "import alignsweep.four\n",
    }.items():
        (package / f"{name}.py").write_text(text)
    (package / "data.txt").write_text("1")
    script = tmp_path / "script.py"
    script.write_text("from alignsweep import one, parts\n")
    monkeypatch.setattr(code, "LIBRARY", package)
    monkeypatch.setattr(code, "REGISTRIES", {"parts": "alignsweep.parts"})
    for cached in (code._path, code._tree, code._imported):
        cached.cache_clear()
    yield package, script
    for cached in (code._path, code._tree, code._imported):
        cached.cache_clear()


def edited(path):
    path.write_text(path.read_text() + "# edited\n")
    for cached in (code._path, code._tree, code._imported):
        cached.cache_clear()


@pytest.mark.parametrize(
    ("file", "counts"),
    [
        ("one.py", True),
        ("two.py", True),
        ("three.py", True),
        ("data.txt", True),
        ("parts/a.py", True),
        ("four.py", False),  # for the type checker, and of an entry that is not used
        ("parts/b.py", False),
        ("parts/__init__.py", False),
    ],
)
def test_a_digest_changes_with_what_counts(library, file, counts):
    package, script = library
    before = code.digest(script, [("parts", "a")])
    edited(package / file)
    assert (code.digest(script, [("parts", "a")]) != before) == counts


def test_the_users_file_counts_in_place_of_a_module(library, tmp_path):
    _, script = library
    own = tmp_path / "own.py"
    own.write_text("1")
    plain = code.digest(script)
    added = {"parts": {"mine": own}}
    first = code.digest(script, [("parts", "mine")], added)
    own.write_text("2")
    assert len({plain, first, code.digest(script, [("parts", "mine")], added)}) == 3
    assert code.digest(script, [], added) == plain


def test_entries_have_modules_of_their_names():
    for registry in code.REGISTRIES:
        for name in REGISTRIES[registry].entries():
            assert code._path(code.entry_module(registry, name)), (registry, name)
        assert code.REGISTRIES[registry] == REGISTRIES[registry].module


def test_what_is_left_out_has_a_reason_and_exists():
    for module, reason in code.IGNORED.items():
        assert code._path(module)
        assert len(reason) > 20


def test_reading_a_study_imports_nothing_heavy():
    names = ("torch", "pandas", "numpy", "scipy", "sklearn", "matplotlib")
    text = (
        "import sys; import alignsweep.code; from alignsweep import figures, study; "
        "from alignsweep.answers import overview; from alignsweep.data.resources import needed; "
        "study.resolve({'study': 's', 'strengths': ['0', '1'], 'datasets': {'d': {'kind': 'digits',"
        f" 'pairs': ['left-right']}}}}}}); print([m for m in {names} if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
