"""The site's pages: the reference names all that is public, and no page is lost."""

from __future__ import annotations

import importlib
import posixpath
import re

import pytest

import fastinit
from documentation.pages import DOCS, PAGES

NAMES = {
    page.relative_to(DOCS).with_suffix("").as_posix()
    for page in PAGES
    if DOCS in page.parents
}
#: Made by sphinx-gallery from docs/gallery.
MADE = {"examples/index"}


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


@pytest.mark.parametrize("module", ["testing", "dialects.jax", "dialects.keras"])
def test_the_reference_names_other_modules_too(module):
    text = (DOCS / "reference" / "modules.md").read_text(encoding="utf-8")
    (part,) = re.findall(rf"^## fastinit.{module}\n(.*?)```\n", text, re.M | re.S)
    listed = directives(f"{part}```", "autosummary")
    home = importlib.import_module(f"fastinit.{module}")
    # Base classes are no initializers, and a second name has no page of its own.
    public = {getattr(home, n) for n in home.__all__ if not n.endswith("Initializer")}
    assert {getattr(home, name) for name in listed} == public


def test_every_page_is_in_one_table_of_contents():
    listed = []
    for name in NAMES:
        text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
        folder = posixpath.dirname(name)
        entries = [
            one.partition("<")[2][:-1] or one for one in directives(text, "toctree")
        ]
        listed += [posixpath.normpath(posixpath.join(folder, one)) for one in entries]
    assert sorted(listed) == sorted(NAMES - {"index"} | MADE)
