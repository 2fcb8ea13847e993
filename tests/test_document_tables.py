"""Tables of the pages are what the tables of the package say."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"


@pytest.mark.parametrize("page", ["dialects.md", "gains.md"])
def test_pages_are_current(page: str) -> None:
    spec = importlib.util.spec_from_file_location(
        "make_tables", DOCS / "make_tables.py"
    )
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    text = (DOCS / page).read_text(encoding="utf-8")
    assert "by make_tables.py" in text
    remedy = "run docs/make_tables.py"
    assert script.with_tables(page) == text, remedy
