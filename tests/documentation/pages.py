"""Pages of Markdown: their code blocks, links and headings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import fastinit

__all__ = ["DOCS", "PAGES", "ROOT", "Block", "anchors_of", "blocks_of", "links_of"]

ROOT = Path(fastinit.__file__).parent.parent
DOCS = ROOT / "docs"
#: Written by hand: what Sphinx makes of docstrings and examples is not a page here.
PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *DOCS.rglob("*.md"))
    if not {"generated", "examples"} & set(path.relative_to(ROOT).parts)
)

_BLOCK = re.compile(
    r"^(?:<!-- (?P<note>[^\n]*?) -->\n)?"
    r"^(?P<fence>`{3,})(?P<language>[^\n]*)\n(?P<text>.*?)^(?P=fence)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_LINK = re.compile(r"(?<!\\)\[[^\]]*\]\(([^()\s]+)\)")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page.

    Attributes
    ----------
    language : str
        What stands behind the fence.
    text : str
        The lines between the fences.
    line : int
        Line of the page that the text starts on, counted from 1.
    note : str
        Comment on the line before, such as 'file: model.toml'; '' without one.
    """

    language: str
    text: str
    line: int
    note: str

    def told(self, key: str) -> str:
        """What a note `key: value` says; '' where it is another one."""
        name, _, value = self.note.partition(":")
        return value.strip() if name == key else ""


def blocks_of(page: Path) -> list[Block]:
    """Every fenced block, in order."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(
            found["language"].strip(),
            found["text"],
            text.count("\n", 0, found.start("text")) + 1,
            found["note"] or "",
        )
        for found in _BLOCK.finditer(text)
    ]


def prose_of(page: Path) -> str:
    """Text of a page without its code."""
    text = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    return re.sub(r"`[^`\n]*`", "``", text)


def links_of(page: Path) -> list[str]:
    """Targets of all links and pictures."""
    return _LINK.findall(prose_of(page))


def anchors_of(page: Path) -> set[str]:
    """Anchors of the headings, by GitHub's rule, which is also that of the site."""
    text = _BLOCK.sub("", page.read_text(encoding="utf-8"))
    found: set[str] = set()
    for heading in re.findall(r"^#+ +(.+?) *$", text, re.MULTILINE):
        words = re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        repeated = sum(one.rpartition("-")[0] == words for one in found)
        found.add(words if words not in found else f"{words}-{repeated + 1}")
    return found
