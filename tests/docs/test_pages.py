"""The documentation says what is there: links, commands, code, figures."""

import ast
import re
import shlex
from pathlib import Path

import pytest

from alignsweep.cli import main
from alignsweep.figures import FIGURES

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*(ROOT / "docs").glob("*.md"), *ROOT.glob("*.md")]
    + [ROOT / folder / "README.md" for folder in ("config", "results", "workflow/profiles")]
)
#: Pages that the site makes from elsewhere (docs/hooks.py).
MADE = {"gallery.md", "configuration.md", "profiles.md", "columns.md"}
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
RULES = {
    name
    for path in [ROOT / "Snakefile", *(ROOT / "workflow" / "rules").glob("*.smk")]
    for name in re.findall(r"^rule (\w+):", path.read_text(), flags=re.MULTILINE)
}
#: What a reader has made by then, or is to fill in.
OF_THE_READER = ("my-", "alignsweep-my/", "path/to/", "results/my-study", "TARGET")


def named(page):
    return str(page.relative_to(ROOT))


def anchors(page):
    """Return the anchors of a page's headings."""
    heads = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    words = (re.sub(r"[^\w\- ]", "", head.lower()).strip() for head in heads)
    return {re.sub(r"\s+", "-", word) for word in words}


def commands(page):
    """Yield the lines of a page that are typed in a terminal."""
    text = page.read_text(encoding="utf-8")
    spoken = re.findall(r"`((?:make|snakemake|alignsweep) [^`]+)`", text)
    typed = re.findall(r"^ {4}((?:\S*/)?(?:make|snakemake|alignsweep) .+)$", text, re.MULTILINE)
    for line in (*spoken, *typed):
        yield shlex.split(line.split("  #")[0].replace("...", "").strip())


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if "://" not in target:
            path, _, anchor = target.partition("#")
            file = page.parent / path if path else page
            if file.name in MADE and file.parent == ROOT / "docs":
                continue  # the site's own check looks at these
            assert file.exists(), target
            assert not anchor or anchor in anchors(file), target


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_commands_have_the_targets_options_and_files_that_are_named(page):
    for name, *words in commands(page):
        given = [w for w in words if not w.startswith("-")]
        if name == "make":
            targets = [w for w in given if "=" not in w]
            assert all(t in TARGETS or t == ".venv/ready" for t in targets), words
        elif name.endswith("alignsweep"):
            command = main.commands[words[0]]
            options = {name for p in command.params for name in p.opts}
            assert {w for w in words if w.startswith("--")} <= options, words
        else:
            for word in given:
                if word in RULES or "=" in word or word.startswith(OF_THE_READER):
                    continue
                is_value = words[words.index(word) - 1].startswith("-")
                assert (ROOT / word).exists() if "/" in word else is_value, (word, words)


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_code_is_python_and_figures_are_there(page):
    text = page.read_text(encoding="utf-8")
    for code in re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL):
        if "--8<--" not in code:
            ast.parse(code)
    drawn = set(re.findall(r"figures/([a-z_]+)-", text))
    assert drawn <= set(FIGURES)


def test_the_code_of_the_library_page_runs():
    text = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
    known: dict = {}
    for code in re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL):
        exec(code, known)
    assert {"optimum", "verdict"} <= set(known["recommend"].recommend(known["scores"]).columns)


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").split()) <= 600


def test_pictures_of_the_gallery_are_of_figures():
    pictures = {p.stem for p in (ROOT / "docs" / "gallery").iterdir()}
    assert pictures <= set(FIGURES)
    assert "strength_curve" in pictures
