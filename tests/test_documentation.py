"""The site's pages: the reference names all that is public, and no page is lost."""

from __future__ import annotations

import re
from pathlib import Path

import fastinit

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGES = {
    path.relative_to(DOCS).with_suffix("").as_posix()
    for path in DOCS.rglob("*.md")
    if "generated" not in path.parts
}


def directives(text: str, name: str) -> list[str]:
    """Entries of all directives of a name, without their options."""
    blocks = re.findall(rf"(?:\{{{name}\}}|\.\. {name}::)\n(.*?)```", text, re.DOTALL)
    return [
        line.strip()
        for block in blocks
        for line in block.splitlines()
        if line.strip() and not line.strip().startswith(":")
    ]


def test_the_reference_names_all_that_is_public():
    text = (DOCS / "reference" / "index.md").read_text(encoding="utf-8")
    listed = directives(text, "autosummary")
    assert len(listed) == len(set(listed))
    assert set(listed) == set(fastinit.__all__)


def test_every_page_is_in_one_table_of_contents():
    listed = []
    for page in PAGES:
        text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
        folder = page.rpartition("/")[0]
        entries = directives(text, "toctree")
        listed += [f"{folder}/{entry}".lstrip("/") for entry in entries]
    assert sorted(listed) == sorted(PAGES - {"index"})
