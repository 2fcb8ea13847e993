"""Read docs/stream.md: its tables of coefficients and its test vectors.

A block of either kind starts with ``# table NAME: column | column`` or
``# vectors NAME: column | column`` and has one row per line, cells between bars.
"""

from __future__ import annotations

import functools
import json
import re
from pathlib import Path

PATH = Path(__file__).parents[2] / "docs" / "stream.md"

_BLOCK = re.compile(
    r"^```text\n# (table|vectors) ([\w-]+): (.*)\n((?:.*\n)*?)```$", re.M
)
Row = dict[str, str]


@functools.cache
def blocks(kind: str) -> dict[str, tuple[Row, ...]]:
    """Rows of all blocks of a kind ('table' or 'vectors'), by the block's name."""
    found: dict[str, tuple[Row, ...]] = {}
    for given, name, head, body in _BLOCK.findall(PATH.read_text(encoding="utf-8")):
        if given == kind:
            assert name not in found, name
            columns = [column.strip() for column in head.split("|")]
            found[name] = tuple(_row(columns, line) for line in body.splitlines())
    return found


def _row(columns: list[str], line: str) -> Row:
    cells = [cell.strip() for cell in line.split(" | ")]
    return dict(zip(columns, cells, strict=True))


def table(name: str) -> dict[str, int]:
    """Bit patterns of a table of coefficients, by name."""
    return {row["name"]: int(row["bits"], 16) for row in blocks("table")[name]}


def text(cell: str) -> str:
    """Text that a JSON string of a cell stands for."""
    value = json.loads(cell)
    assert isinstance(value, str)
    return value


def words(cell: str) -> tuple[int, ...]:
    """Integers that the hexadecimal patterns of a cell stand for."""
    return tuple(int(pattern, 16) for pattern in cell.split())
