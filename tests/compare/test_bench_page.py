"""The report of a run: what it says follows from it, and it works in a browser."""

from __future__ import annotations

import dataclasses

import pytest
import synthetic

from fastinit.compare.changes import compare
from fastinit.compare.page import headline_cases, page_of
from fastinit.compare.plots import curve_figure, throughput
from fastinit.report import Figures, Table, render_page, write_page


def blocks(page, kind):
    return [
        b for section in page.sections for b in section.blocks if isinstance(b, kind)
    ]


def texts(table):
    return [[cell.text for cell in row] for row in table.rows]


def test_the_lead_says_how_much_faster():
    lead = page_of(synthetic.results()).lead
    assert "normal float32 64Mi at 16.0 GB/s, 30% of a plain fill" in lead
    assert "8.0 times as fast as torch, 14.0 times as fast as NumPy" in lead


def test_a_violating_rival_is_not_compared():
    page = page_of(synthetic.results(verdicts={"torch": "violates"}))
    assert "torch" not in page.lead
    good = len(synthetic.cases())
    tile = page.blocks[0].tiles[-1]
    assert (tile.value, tile.tone) == (f"{3 * good} of {4 * good}", "caution")


def test_sections_and_their_tables():
    page = page_of(synthetic.results())
    titles = [section.title for section in page.sections]
    assert titles == [
        "Throughput",
        "Sizes and threads",
        "Small calls and start-up",
        "Bits, start and memory",
        "All measurements",
        "Contenders",
        "Method and machine",
    ]
    tables = {table.caption: table for table in blocks(page, Table)}
    every = next(one for name, one in tables.items() if "measurements" in name)
    assert len(every.rows) == len(synthetic.results().measurements)
    bits = tables["Bits: the same, or different, if only this changes"]
    assert texts(bits)[0][:5] == ["fastinit", "same", "same", "same", "same"]
    assert texts(bits)[1][:5] == ["torch", "same", "same", "differ", "-"]
    (jax,) = [row for row in texts(tables["Contenders"]) if row[0] == "JAX"]
    assert jax[2] == "missing"
    assert jax[3] == "ImportError: <no> jaxlib"


def test_columns_and_cells_agree():
    page = page_of(
        synthetic.results(), compare(synthetic.results(), synthetic.results())
    )
    for table in blocks(page, Table):
        assert {len(row) for row in table.rows} <= {len(table.columns)}


def test_changes_stand_first():
    new = synthetic.results(scale={"fastinit": 1.5})
    page = page_of(new, compare(synthetic.results(), new))
    section = page.sections[0]
    assert section.title == "Changes"
    assert section.blocks[0].rows[0][-1].text == "slower"


def test_headlines_are_of_the_largest_size():
    found = headline_cases(synthetic.results())
    assert [(one.initializer, one.size.name) for one in found] == [
        ("uniform", "64Mi"),
        ("normal", "64Mi"),
    ]


def test_bars_say_who_and_how_much():
    figure = throughput(synthetic.results(), synthetic.cases()[0])
    for text in ("NumPy SFC64", "torch", ">16.0<", "(1/8.0)", "GB/s written"):
        assert text in figure.svg
    assert "53.3 GB/s" in figure.caption
    marked = synthetic.results(verdicts={"torch": "violates"})
    assert "violates" in throughput(marked, synthetic.cases()[0]).svg


def test_curves_have_a_point_for_each_case():
    cases = [one for one in synthetic.cases() if one.size.name == "16Mi"][:3]
    figure = curve_figure(synthetic.results(), cases, "threads")
    assert figure.title == "normal float32 16Mi over threads"
    assert "plain fill, torch" in figure.svg


@pytest.mark.parametrize("field", ["measurements", "processes", "gaps"])
def test_a_run_that_lacks_something_has_a_page_too(field):
    results = dataclasses.replace(synthetic.results(), **{field: ()})
    assert "<h1>" in render_page(page_of(results))


def test_figures_are_there_to_look_at():
    drawings = blocks(page_of(synthetic.results()), Figures)
    assert [len(one.figures) for one in drawings] == [2, 2, 2]
    names = [name for _, name in drawings[0].legend]
    assert names == ["fastinit", "NumPy", "torch", "memory alone"]


@pytest.fixture
def opened(browser, tmp_path):
    """Return Chromium with the report of a run."""
    new = synthetic.results(scale={"fastinit": 1.5})
    path = tmp_path / "bench.html"
    write_page(page_of(new, compare(synthetic.results(), new)), path)
    browser.get_log("browser")
    browser.get(path.as_uri())
    yield browser
    assert browser.get_log("browser") == []
    asked = browser.execute_script("return performance.getEntriesByType('resource')")
    assert asked == []


def find(browser, title):
    anchor = title.lower().replace(" ", "-")
    return browser.find_element("css selector", f"#{anchor}")


def test_drawings_are_seen_in_a_browser(opened):
    drawings = opened.find_elements("css selector", "figure svg")
    assert len(drawings) == 6
    for one in drawings:
        assert one.size["width"] > 250
        assert one.size["height"] > 100
    # Colours of the page have reached the bars.
    colours = opened.execute_script(
        "return [...document.querySelectorAll('figure svg path')]"
        ".map(path => getComputedStyle(path).fill)"
    )
    accent = opened.execute_script(
        "const one = document.createElement('i'); document.body.append(one);"
        "one.style.color = 'var(--series-1)'; return getComputedStyle(one).color"
    )
    assert accent in colours


def test_measurements_are_filtered_and_sorted_in_a_browser(opened):
    section = find(opened, "All measurements")

    def cells(place):
        rows = section.find_elements("css selector", "tbody tr:not([hidden])")
        found = [row.find_elements("css selector", "td")[place].text for row in rows]
        assert all(found)
        return found

    menu = section.find_element("css selector", "select")
    opened.execute_script("arguments[0].scrollIntoView()", menu)
    menu.find_element("css selector", "option[value='NumPy SFC64']").click()
    assert set(cells(0)) == {"NumPy SFC64"}
    assert len(cells(0)) == len(synthetic.cases())
    heads = section.find_elements("css selector", "th")
    place = [head.text.split("\n")[0] for head in heads].index("GB/s")
    button = heads[place].find_element("css selector", "button")
    opened.execute_script("arguments[0].click()", button)
    speeds = [float(text) for text in cells(place)]
    assert speeds == sorted(speeds)


def test_a_phone_shows_all_of_it(opened):
    size = {"width": 390, "height": 844, "deviceScaleFactor": 2, "mobile": True}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    width = opened.execute_script("return document.documentElement.scrollWidth")
    opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert width == 390
