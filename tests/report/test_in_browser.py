"""A page in Chromium: tables filter and sort, nothing is asked for, nothing breaks."""

from __future__ import annotations

import pytest

from fastinit.report import Cell, Column, Page, Section, Table, write_page

ROWS = (
    ("b10", "float32", "3.0", 3.0, "conforms"),
    ("b9", "bfloat16", "-", None, "violates"),
    ("a1", "float32", "-1.0", -1.0, "conforms"),
    ("c", "float64", "20.0", 20.0, "inconclusive"),
)
TABLE = Table(
    "Four rows",
    (
        Column("tensor"),
        Column("dtype", is_facet=True),
        Column("std", is_number=True),
        Column("verdict", is_facet=True),
    ),
    tuple(
        (Cell(name), Cell(dtype), Cell(shown, std), Cell(verdict))
        for name, dtype, shown, std, verdict in ROWS
    ),
)


@pytest.fixture
def opened(browser, tmp_path):
    """Return Chromium, with the page of the table opened."""
    path = tmp_path / "report.html"
    write_page(Page("Report", "Lead", (), (Section("Rows", (TABLE,)),)), path)
    browser.get_log("browser")
    browser.get(path.as_uri())
    yield browser
    assert browser.get_log("browser") == []
    asked = browser.execute_script("return performance.getEntriesByType('resource')")
    assert asked == []


def shown(browser) -> list[str]:
    """First cells of the rows that can be seen, in order."""
    rows = browser.find_elements("css selector", "tbody tr")
    cells = [row.find_element("css selector", "td") for row in rows]
    return [cell.text for cell in cells if cell.is_displayed()]


def click(browser, place: int) -> None:
    browser.find_elements("css selector", "th button")[place].click()


def test_all_rows_are_there_at_first(opened):
    assert opened.title == "Report"
    assert shown(opened) == ["b10", "b9", "a1", "c"]
    assert opened.find_element("css selector", "output").text == "4 of 4 rows"


def test_texts_and_numbers_sort_both_ways(opened):
    click(opened, 0)
    assert shown(opened) == ["a1", "b9", "b10", "c"]
    click(opened, 2)
    assert shown(opened) == ["a1", "b10", "c", "b9"]
    click(opened, 2)
    assert shown(opened) == ["c", "b10", "a1", "b9"]
    marks = opened.execute_script(
        "return [...document.querySelectorAll('th')].map(h => h.ariaSort)"
    )
    assert marks == [None, None, "descending", None]


def test_words_and_menus_filter(opened):
    search = opened.find_element("css selector", "input[type=search]")
    search.send_keys("FLOAT32 b1")
    assert shown(opened) == ["b10"]
    assert opened.find_element("css selector", "output").text == "1 of 4 rows"
    search.clear()
    search.send_keys("zzz")
    assert shown(opened) == []
    opened.execute_script(
        "const s = document.querySelector('input'); s.value = '';"
        "s.dispatchEvent(new Event('input'))"
    )
    menu = opened.find_element("css selector", "select[data-column='3']")
    menu.find_element("css selector", "option[value=conforms]").click()
    assert shown(opened) == ["b10", "a1"]
    click(opened, 0)
    assert shown(opened) == ["a1", "b10"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_reader(opened, scheme):
    feature = {"name": "prefers-color-scheme", "value": scheme}
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
    colour = opened.execute_script("return getComputedStyle(document.body).color")
    levels = [int(part) for part in colour[4:-1].split(",")]
    assert (min(levels) > 200) == (scheme == "dark")
    opened.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def test_a_phone_scrolls_tables_and_not_the_page(opened):
    size = {"width": 360, "height": 720, "deviceScaleFactor": 2, "mobile": True}
    opened.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    widths = opened.execute_script(
        "return [document.documentElement.scrollWidth, innerWidth]"
    )
    assert widths == [360, 360]
    opened.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
