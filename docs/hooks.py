"""Pages of the site that are made from elsewhere, and links that the site has under other names.

Run as a script, it copies the pictures of the gallery from the default study.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "gallery"
STUDY = ROOT / "results" / "default" / "figures"
#: page -> the file it is
PAGES = {
    "configuration.md": "config/README.md",
    "profiles.md": "workflow/profiles/README.md",
    "columns.md": "results/README.md",
}
#: figure -> the picture of another study, where the default one shows little of it, or nothing
OTHERS = {"nuisance_map": "nuisance_map.png", "width_curve": "width_curve.png"}
_LINK = re.compile(r"(!?)\[([^]]*)\]\(([^)#\s]+)(#[^)\s]*)?\)")


def on_files(files: Any, config: Any) -> Any:
    """Add the pages that are made from elsewhere."""
    from mkdocs.structure.files import File

    for page, source in PAGES.items():
        text = _with_links_of_the_site((ROOT / source).read_text(encoding="utf-8"), source)
        files.append(File.generated(config, page, content=text))
    files.append(File.generated(config, "gallery.md", content=gallery()))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Give links the names of the site."""
    source = page.file.src_uri
    return markdown if source in PAGES else _with_links_of_the_site(markdown, f"docs/{source}")


def _with_links_of_the_site(text: str, source: str) -> str:
    """Return a page whose links to files of the repository lead to pages, or are gone."""
    named = {path: page for page, path in PAGES.items()} | {"README.md": "index.md"}

    def rename(found: re.Match[str]) -> str:
        picture, words, target, anchor = found.groups()
        if "://" in target or target.startswith("mailto:"):
            return found[0]
        path = (ROOT / source).parent.joinpath(target).resolve()
        if path.parent == ROOT / "docs" or path.is_relative_to(PICTURES):
            return f"{picture}[{words}]({path.relative_to(ROOT / 'docs')}{anchor or ''})"
        if not path.exists():
            return found[0]  # the site's own check complains, or knows it
        page = named.get(str(path.relative_to(ROOT)))
        return f"{picture}[{words}]({page}{anchor or ''})" if page else f"{words}"

    return _LINK.sub(rename, text)


def gallery() -> str:
    """Return the page with every figure: picture and caption, from the registry of figures."""
    sys.path.insert(0, str(ROOT / "src"))
    from alignsweep.figures import FIGURES

    parts = [
        "# Gallery",
        "Every figure that a study can have, with its caption. Pictures are of the default study "
        "where it has the figure. In `results/{study}/figures` each is a PDF, a PNG and an SVG, "
        "one per source of data or one over all.",
    ]
    for name, figure in FIGURES.items():
        caption = figure.caption.format(source="synthetic data", width="6")
        picture = OTHERS.get(name, f"gallery/{name}.png")
        parts.append(f"## {figure.label}")
        if (ROOT / "docs" / picture).is_file():
            parts.append(f"![{figure.label}]({picture})")
        parts.append(f"`{name}` ({figure.category}). {caption}")
    return "\n\n".join(parts) + "\n"


def copy_pictures() -> None:
    """Copy one picture of each figure from the default study."""
    sys.path.insert(0, str(ROOT / "src"))
    from alignsweep.figures import FIGURES

    PICTURES.mkdir(exist_ok=True)
    for name in FIGURES:
        for source in ("synthetic", "all"):
            drawn = STUDY / f"{name}-{source}.png"
            if drawn.is_file() and name not in OTHERS:
                shutil.copy(drawn, PICTURES / f"{name}.png")


if __name__ == "__main__":
    if not STUDY.is_dir():
        sys.exit(f"{STUDY} is not there; make figures makes it")
    copy_pictures()
