"""Draw how a spec becomes values: docs/explanation/architecture.md shows it.

``python docs/figures/architecture.py`` writes architecture.svg beside this file, with
no library and no network; a test compares (tests/test_document_tables.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path

#: Colours of middle lightness are legible on white and on black alike.
INK = "#7d8590"
ACCENT = "#e4572e"
WIDTH, HEIGHT = 920, 250


@dataclass(frozen=True)
class Box:
    """A part of the package, with its place in the drawing."""

    title: str
    text: str
    x: int
    y: int
    width: int = 180
    height: int = 66

    @property
    def middle(self) -> tuple[float, float]:
        """Centre of the box."""
        return self.x + self.width / 2, self.y + self.height / 2


SPEC = Box("spec, seed, name", "what somebody asks for", 10, 30)
SCHEMES = Box("schemes, fan_gain", "fans, gain, std, bound", 250, 30)
PLAN = Box("FillPlan", "law, key, shape, dtype", 490, 30)
CONFORMANCE = Box("conformance", "do values follow it?", 730, 30)
ARITHMETIC = Box("arithmetic", "one text, plain functions", 10, 160)
DISTRIBUTIONS = Box("distributions", "samplers and their laws", 250, 160)
BACKEND = Box("backend", "CPU, CUDA, entry points", 490, 160)
DESTINATION = Box("destination", "array, tensor, shard, file", 730, 160)
BOXES = (
    *(SPEC, SCHEMES, PLAN, CONFORMANCE),
    *(ARITHMETIC, DISTRIBUTIONS, BACKEND, DESTINATION),
)
#: Arrows from a box to its neighbour, with what passes along.
ARROWS = (
    (SPEC, SCHEMES, ""),
    (SCHEMES, PLAN, ""),
    (PLAN, CONFORMANCE, "law"),
    (PLAN, BACKEND, "what"),
    (ARITHMETIC, DISTRIBUTIONS, ""),
    (DISTRIBUTIONS, BACKEND, ""),
    (DESTINATION, BACKEND, "where"),
    (DESTINATION, CONFORMANCE, "values"),
)


def drawn_box(box: Box) -> str:
    """Frame and two lines of text."""
    x, y = box.middle
    colour = ACCENT if box is PLAN else INK
    return (
        f'<rect x="{box.x}" y="{box.y}" width="{box.width}" height="{box.height}" '
        f'rx="8" fill="none" stroke="{colour}" stroke-width="1.6"/>\n'
        f'<text x="{x:g}" y="{y - 5:g}" font-weight="600" fill="{colour}">'
        f"{escape(box.title)}</text>\n"
        f'<text x="{x:g}" y="{y + 15:g}" font-size="12">{escape(box.text)}</text>'
    )


def drawn_arrow(start: Box, end: Box, label: str) -> str:
    """Line between two boxes in a row or a column, and its label."""
    (x1, y1), (x2, y2) = start.middle, end.middle
    if y1 == y2:
        side = 1 if x2 > x1 else -1
        x1, x2 = x1 + side * start.width / 2, x2 - side * (end.width / 2 + 5)
        at = f'x="{(x1 + x2) / 2:g}" y="{y1 - 8:g}"'
    else:
        side = 1 if y2 > y1 else -1
        y1, y2 = y1 + side * start.height / 2, y2 - side * (end.height / 2 + 5)
        at = f'x="{x1 + 26:g}" y="{(y1 + y2) / 2 + 4:g}"'
    line = (
        f'<line x1="{x1:g}" y1="{y1:g}" x2="{x2:g}" y2="{y2:g}" stroke="{INK}" '
        'stroke-width="1.6" marker-end="url(#head)"/>'
    )
    return (
        f'{line}\n<text {at} font-size="12">{escape(label)}</text>' if label else line
    )


def drawing() -> str:
    """Text of the whole figure."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="system-ui, sans-serif" font-size="14" text-anchor="middle" '
        f'fill="{INK}">',
        "<title>From a spec to values</title>",
        '<defs><marker id="head" viewBox="0 0 8 8" refX="4" refY="4" markerWidth="7" '
        f'markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="{INK}"/>'
        "</marker></defs>",
        *map(drawn_box, BOXES),
        *(drawn_arrow(*arrow) for arrow in ARROWS),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    Path(__file__).with_suffix(".svg").write_text(drawing(), encoding="utf-8")
