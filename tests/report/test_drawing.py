"""Drawings take their colours, fonts and names from the page that they stand in."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from fastinit.report.drawing import INK, SERIES, css, new_figure, to_svg


def drawing(name: str) -> str:
    with new_figure() as (figure, axes):
        for series in SERIES:
            axes.plot([1, 2], [1, 2], color=series, marker="o")
        axes.axvline(1.5, color=INK)
        axes.set_xlabel("threads <n>")
        return to_svg(figure, name)


def test_a_drawing_is_one_element_that_scales():
    root = ET.fromstring(drawing("a").replace("xlink:", ""))
    assert root.tag.endswith("svg")
    assert "viewBox" in root.attrib
    assert not {"width", "height"} & set(root.attrib)


def test_every_colour_is_one_of_the_page():
    svg = drawing("a")
    for colour in (INK, *SERIES):
        assert css(colour) in svg
        assert colour not in svg
    assert not re.search(r"#[0-9a-f]{6}\b", svg)


def test_texts_stay_texts_in_the_font_of_the_page():
    svg = drawing("a")
    assert "threads &lt;n&gt;" in svg
    assert "DejaVu" not in svg


def test_names_of_two_drawings_differ():
    found = [set(re.findall(r'\bid="([^"]*)"', drawing(name))) for name in "ab"]
    assert not found[0] & found[1]
    for name, ids in zip("ab", found, strict=True):
        used = re.findall(r'(?:url\(|href=")#([^)"]*)', drawing(name))
        assert used
        assert set(used) <= ids


def test_a_drawing_is_the_same_each_time():
    assert drawing("a") == drawing("a")


def test_settings_of_matplotlib_are_left_as_they_were():
    import matplotlib as mpl

    before = dict(mpl.rcParams)
    drawing("a")
    assert dict(mpl.rcParams) == before
