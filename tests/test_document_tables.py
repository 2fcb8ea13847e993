"""Tables and drawings of the pages are what the package says."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

DOCS = Path(__file__).resolve().parents[1] / "docs"


def module_of(path: Path) -> ModuleType:
    """Script of the documentation as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up by its name.
    sys.modules[path.stem] = script
    spec.loader.exec_module(script)
    return script


@pytest.mark.parametrize("page", ["dialects.md", "gains.md", "../README.md"])
def test_pages_are_current(page: str) -> None:
    script = module_of(DOCS / "make_tables.py")
    text = (DOCS / page).read_text(encoding="utf-8")
    assert page in script.PAGES
    assert "by make_tables.py" in text
    remedy = "run docs/make_tables.py"
    assert script.with_tables(page) == text, remedy


def test_the_drawing_of_the_parts_is_current() -> None:
    script = module_of(DOCS / "figures" / "architecture.py")
    drawn = (DOCS / "figures" / "architecture.svg").read_text(encoding="utf-8")
    assert script.drawing() == drawn, "run docs/figures/architecture.py"
