"""Pages of results: what they hold, and what they must never hold."""

from __future__ import annotations

import importlib.util
import re
from html.parser import HTMLParser

import pytest

from fastinit.errors import MissingPackageError, OutputError
from fastinit.report import (
    Cell,
    Column,
    Facts,
    Page,
    Prose,
    Section,
    Table,
    Tile,
    Tiles,
    render_page,
    write_page,
)

HOSTILE = "</script><script>alert(1)</script> & \"quoted\" 'names'"
EMPTY = {"meta", "link", "input", "br"}


class Reader(HTMLParser):
    """Texts of a page, and whether its elements are closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.tags: list[str] = []

    def handle_starttag(self, tag, _attributes):
        self.tags.append(tag)
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data.strip())


def read(page: Page) -> Reader:
    reader = Reader()
    reader.feed(render_page(page))
    reader.close()
    assert reader.open == []
    return reader


def every_block(text: str) -> Page:
    table = Table(text, (Column(text, is_facet=True),), ((Cell(text, note=text),),))
    blocks = (
        Facts(((text, text),)),
        Prose((text,)),
        Tiles((Tile(text, text, text),)),
        table,
    )
    sections = (Section(text, blocks, text), Section("b", (table,), is_folded=True))
    return Page(text, text, blocks, sections, text)


def test_every_text_is_shown_as_it_is():
    harmless, hostile = read(every_block("text")), read(every_block(HOSTILE))
    assert hostile.texts.count(HOSTILE) == harmless.texts.count("text") > 10
    assert hostile.tags == harmless.tags
    assert hostile.tags.count("script") == 1


def test_a_page_refers_to_nothing_outside_it():
    html = render_page(every_block("text"))
    assert not re.search(r"https?://|@import|src=", html)
    assert re.findall(r'href="([^"]*)"', html) == ["data:,", "#text", "#b"]
    assert "default-src 'none'" in html


def test_the_policy_stands_before_what_it_rules():
    html = render_page(every_block("text"))
    assert html.index("Content-Security-Policy") < html.index("<style>")


def test_a_page_is_the_same_each_time():
    assert render_page(every_block("a")) == render_page(every_block("a"))


def test_missing_packages_are_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(MissingPackageError, match="pip install jinja2 matplotlib"):
        render_page(every_block("a"))


def test_a_file_is_replaced_on_request_only(tmp_path):
    path = tmp_path / "report.html"
    write_page(every_block("one"), path)
    with pytest.raises(OutputError, match="exists"):
        write_page(every_block("two"), path)
    assert "<h1>one</h1>" in path.read_text(encoding="utf-8")
    write_page(every_block("two"), path, overwrite=True)
    assert "<h1>two</h1>" in path.read_text(encoding="utf-8")
    assert [one.name for one in tmp_path.iterdir()] == ["report.html"]
