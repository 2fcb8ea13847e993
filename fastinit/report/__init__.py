"""Self-contained pages of results: what they hold, how they are drawn and written."""

from fastinit.report.blocks import (
    Block,
    Cell,
    Column,
    Facts,
    Figure,
    Figures,
    Fold,
    Folds,
    Page,
    Prose,
    Section,
    Table,
    Tile,
    Tiles,
    Tone,
)
from fastinit.report.page import render_page, write_page

__all__ = [
    "Block",
    "Cell",
    "Column",
    "Facts",
    "Figure",
    "Figures",
    "Fold",
    "Folds",
    "Page",
    "Prose",
    "Section",
    "Table",
    "Tile",
    "Tiles",
    "Tone",
    "render_page",
    "write_page",
]
