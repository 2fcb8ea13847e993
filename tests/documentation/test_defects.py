"""The page of defects: a few of its rows are what their commands say."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from documentation.pages import ROOT

DOCS = ROOT / "docs"
TEXT = (DOCS / "defects.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """Return docs/make_defects.py as a module."""
    path = Path(DOCS / "make_defects.py")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up by its name.
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def test_every_row_stands_on_the_page(script: ModuleType) -> None:
    rows = [row for table in script.DEFECTS.values() for row in table]
    for row in (*rows, *script.RIGHT):
        assert f"| `{row.command}` |" in TEXT, "run docs/make_defects.py"


@pytest.mark.parametrize(
    ("library", "scheme"), [("torch", "uniform_"), ("numpy", "standard_normal")]
)
def test_a_row_is_what_its_command_says(
    script: ModuleType, library: str, scheme: str
) -> None:
    module = pytest.importorskip(library, reason=f"{library} is not installed")
    if f"- {library} {module.__version__}\n" not in TEXT:
        pytest.skip(f"the page speaks of another version of {library}")
    if library == "numpy":
        made = next(row for row in script.RIGHT if row.scheme == scheme)
        line = script.right_row(made)
    else:
        made = script.DEFECTS["torch-narrow"][0]
        line = script.defect_row(made)
    assert (made.library, made.scheme) == (library, scheme)
    assert line in TEXT.splitlines(), "run docs/make_defects.py"
