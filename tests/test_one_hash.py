"""The table of one array made in every way: one hash, and the page that says so."""

from __future__ import annotations

import importlib
import re
import sys
from pathlib import Path

import numpy as np
import pytest

FIGURES = Path(__file__).resolve().parents[1] / "docs" / "figures"
SHAPE = (128, 96)


@pytest.fixture(scope="module")
def one_hash():
    """Return the script as a module."""
    sys.path.insert(0, str(FIGURES))
    yield importlib.import_module("one_hash")
    sys.path.remove(str(FIGURES))


def test_every_way_gives_one_hash(one_hash):
    rows = tuple(row for row in one_hash.ROWS if row.settings is None)
    table = list(one_hash.matrix(rows, SHAPE))
    ours = [found["fastinit"] for _, reason, found in table if not reason]
    assert len(ours) >= 13
    assert len(set(ours)) == 1


def test_another_process_and_engine_give_it_too(one_hash):
    first = one_hash.digest(one_hash.fastinit_whole(SHAPE))
    chosen = {"another one", "CPU, Numba's prange"}
    rows = [row for row in one_hash.ROWS if row.change in chosen]
    assert {one_hash.in_process(row, "fastinit", SHAPE) for row in rows} == {first}


def test_the_hash_tells_arrays_apart(one_hash):
    values = one_hash.fastinit_whole(SHAPE)
    assert one_hash.digest(values) != one_hash.digest(
        np.ascontiguousarray(values[::-1])
    )
    assert one_hash.digest(values) == one_hash.digest(values.astype(">f4"))
    assert one_hash.digest(values) == one_hash.digest(np.asfortranarray(values))


def test_parts_of_the_others_differ(one_hash):
    for library, whole in one_hash.WHOLE.items():
        parts = one_hash.parts(one_hash.rows_of)[library]
        same = one_hash.digest(parts(SHAPE)) == one_hash.digest(whole(SHAPE))
        assert same == (library == "fastinit")


def test_the_page_has_the_rows_and_the_hash_of_today(one_hash):
    text = one_hash.PAGE.read_text(encoding="utf-8")
    written = re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|", text, re.MULTILINE)
    rows = [(row.axis, row.change) for row in one_hash.ROWS]
    assert written[-len(rows) :] == rows
    digest = one_hash.digest(one_hash.fastinit_whole(one_hash.SHAPE))
    assert f"digest is `{digest}`" in text
    assert "**differs**" not in "".join(
        line.split("|")[3] for line in text.splitlines() if line.count("|") == 6
    )
