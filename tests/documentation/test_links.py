"""Links between the pages: files are there, and so are the headings."""

from __future__ import annotations

from pathlib import Path

import pytest

from documentation.pages import DOCS, PAGES, ROOT, anchors_of, links_of

every_page = pytest.mark.parametrize(
    "page", PAGES, ids=lambda page: str(page.relative_to(ROOT))
)


def broken(page: Path) -> list[str]:
    """Links of a page that lead nowhere."""
    found = []
    for link in links_of(page):
        if link.partition(":")[0] in {"http", "https", "mailto"}:
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        if not target.exists() or (anchor and anchor not in anchors_of(target)):
            found.append(link)
    return found


@every_page
def test_links_lead_somewhere(page: Path):
    assert broken(page) == []


@every_page
def test_pages_of_the_site_stay_on_it(page: Path):
    """A folder, or a page outside of docs, is no target that the site can have."""
    if DOCS not in page.parents:
        return
    for link in links_of(page):
        name = link.partition("#")[0]
        if "://" in link or not name:
            continue
        target = (page.parent / name).resolve()
        assert target.is_file(), link
        assert target.suffix != ".md" or DOCS in target.parents, link


def test_a_broken_link_is_found(tmp_path):
    page = tmp_path / "page.md"
    (tmp_path / "other.md").write_text("# One heading, & another\n")
    page.write_text(
        "[a](other.md) [b](other.md#one-heading--another) [c](#here) [d](gone.md) "
        "`[e](code.md)` [f](other.md#gone) ![g](gone.svg) [h](https://example.org)\n"
        "## Here\n```\n[i](block.md)\n```\n"
    )
    assert broken(page) == ["gone.md", "other.md#gone", "gone.svg"]
