"""The report of an audit: what it says follows from it, and it works in a browser."""

from __future__ import annotations

import numpy as np
import pytest

import fastinit
from fastinit import audit
from fastinit.auditing.page import DRAWN, page_of
from fastinit.auditing.results import AuditResult
from fastinit.auditing.tensor_audit import TensorAudit
from fastinit.report import Figures, Folds, Table, render_page, write_page

LONG = "a.very.long.name.of.a.module.that.no.phone.is.wide.enough.for.weight"


@pytest.fixture(scope="module")
def result():
    """Return the audit of a model with a copy, equal parts and a constant."""
    model = {
        f"h.{layer}.wq.weight": fastinit.kaiming_normal(
            (96, 128), seed=0, name=f"h.{layer}.wq.weight"
        )
        for layer in range(3)
    }
    model["h.1.wq.weight"] = -model["h.0.wq.weight"]
    model["norm<1>"] = np.ones(96, np.float32)
    model[LONG] = np.tile(fastinit.normal((32, 64), std=0.02, seed=1), (3, 1))
    return audit(model)


@pytest.fixture(scope="module")
def page(result):
    """Return its report, drawn once."""
    return page_of(result)


def table(page, title):
    (section,) = [one for one in page.sections if one.title == title]
    (found,) = [block for block in section.blocks if isinstance(block, Table)]
    return found


def folds(page):
    (section,) = [one for one in page.sections if one.title == "Evidence"]
    (found,) = [block for block in section.blocks if isinstance(block, Folds)]
    return found.folds


def test_the_verdict_stands_first(page):
    assert page.lead.startswith("violates: of 5 tensors 4 conform, 1 violate")
    tiles = page.blocks[0].tiles
    assert (tiles[0].value, tiles[0].tone) == ("violates", "bad")
    assert (tiles[1].value, tiles[2].value) == ("4 of 5", "2")
    assert [one.title for one in page.sections] == [
        "Findings",
        "Tensors",
        "Groups",
        "Evidence",
        "Method",
    ]


def test_tables_and_columns_agree(result, page):
    for title in ("Findings", "Tensors", "Groups"):
        found = table(page, title)
        assert {len(row) for row in found.rows} == {len(found.columns)}
    assert len(table(page, "Tensors").rows) == len(result.tensors)
    for fold in folds(page):
        (tests,) = [one for one in fold.blocks if isinstance(one, Table)]
        assert {len(row) for row in tests.rows} == {len(tests.columns)}


def test_what_is_wrong_is_drawn_first(page):
    found = folds(page)
    assert {one.title for one in found[:3]} == {LONG, "h.0.wq.weight", "h.1.wq.weight"}
    notes = {one.title: one.note for one in found}
    assert notes["h.1.wq.weight"].startswith("copy, sign flipped - ")
    assert notes[LONG].startswith("equal parts - ")
    drawings = {
        one.title: [block for block in one.blocks if isinstance(block, Figures)]
        for one in found
    }
    assert [one.title for one in drawings["h.0.wq.weight"][0].figures] == [
        "Histogram against law",
        "Quantiles",
        "Tails, logarithmic",
    ]
    assert drawings["norm<1>"] == []


def test_links_lead_to_folds(page):
    anchors = {one.anchor for one in folds(page)}
    links = {row[0].link for row in table(page, "Tensors").rows}
    assert links == anchors
    html = render_page(page)
    for anchor in anchors:
        assert html.count(f'id="{anchor}"') == 1


def test_not_more_is_drawn_than_a_browser_likes(result):
    (one,) = [one for one in result.tensors if one.name == "norm<1>"]
    rows = tuple(
        TensorAudit(f"b.{at}", (96,), "float32", 96, "plan", result=one.result)
        for at in range(DRAWN + 5)
    )
    page = page_of(AuditResult("m", rows, (), (), (), 1e-6, 0.1))
    assert len(folds(page)) == DRAWN
    (section,) = [one for one in page.sections if one.title == "Evidence"]
    assert f"{DRAWN} of {DRAWN + 5} tensors" in section.lead


def test_an_empty_model_has_a_page():
    page = page_of(AuditResult("m", (), (), (), ("w: missing",), 1e-6, 0.1))
    assert "w: missing" in render_page(page)


@pytest.fixture(scope="module")
def written(page, tmp_path_factory):
    """Return the path of the report."""
    path = tmp_path_factory.mktemp("report") / "audit.html"
    write_page(page, path)
    return path


@pytest.fixture
def opened(browser, written):
    """Return Chromium with the report."""
    browser.get_log("browser")
    browser.get(written.as_uri())
    yield browser
    assert browser.get_log("browser") == []
    asked = browser.execute_script("return performance.getEntriesByType('resource')")
    assert asked == []


def test_tensors_are_filtered_and_sorted(opened):
    section = opened.find_element("css selector", "#tensors")

    def names():
        rows = section.find_elements("css selector", "tbody tr:not([hidden])")
        return [row.find_element("css selector", "td").text for row in rows]

    search = section.find_element("css selector", "input[type=search]")
    search.send_keys("wq")
    assert names() == [f"h.{layer}.wq.weight" for layer in range(3)]
    button = section.find_element("css selector", "th button")
    opened.execute_script("arguments[0].click(); arguments[0].click()", button)
    assert names() == [f"h.{layer}.wq.weight" for layer in (2, 1, 0)]


def test_a_link_opens_the_drawings_of_its_tensor(opened):
    row = opened.find_element("css selector", "#tensors tbody tr")
    link = row.find_element("css selector", "a")
    anchor = link.get_attribute("href").partition("#")[2]
    fold = opened.find_element("css selector", f"#{anchor}")
    opened.execute_script("arguments[0].open = false", fold)
    opened.execute_script("arguments[0].click()", link)
    opened.execute_async_script("requestAnimationFrame(() => arguments[0]())")
    assert fold.get_attribute("open") is not None
    drawings = fold.find_elements("css selector", "figure svg")
    assert len(drawings) == 3
    for one in drawings:
        assert one.size["width"] > 200
        assert one.size["height"] > 100


def test_folds_are_found_by_name(opened):
    section = opened.find_element("css selector", "#evidence")
    search = section.find_element("css selector", ".folds > .controls input")
    search.send_keys("norm")
    shown = section.find_elements("css selector", ".fold:not([hidden])")
    assert [one.text.split(" constant")[0][:7] for one in shown] == ["norm<1>"]
    count = section.find_element("css selector", ".folds > .controls output")
    assert count.text == "1 of 5"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_all_of_it(opened, scheme):
    feature = {"name": "prefers-color-scheme", "value": scheme}
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    size = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    opened.execute_script(
        "document.querySelectorAll('details').forEach(one => { one.open = true })"
    )
    width = opened.execute_script("return document.documentElement.scrollWidth")
    opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert width == 390
