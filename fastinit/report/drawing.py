"""Drawings of matplotlib as parts of a page, in its colours and its fonts.

A drawing is made with the colours of this module, each of which stands for a variable
of the page's style; so one drawing follows the reader's choice of light or dark.
"""

from __future__ import annotations

import importlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["INK", "LINE", "RAISED", "SERIES", "SOFT", "css", "new_figure", "to_svg"]

#: Colours that a drawing may use, each a place holder that no one would choose.
INK, SOFT, LINE, RAISED = "#010201", "#010202", "#010203", "#010204"
#: Colours of series, in the order of the page's style; the last is a grey.
SERIES = tuple(f"#01030{number}" for number in range(1, 9))
_VARIABLES = {
    INK: "var(--ink)",
    SOFT: "var(--soft)",
    LINE: "var(--line)",
    RAISED: "var(--raised)",
    **{one: f"var(--series-{at})" for at, one in enumerate(SERIES, 1)},
}
_SETTINGS: dict[str, Any] = {
    "svg.fonttype": "none",
    # Names of parts are then the same in each run.
    "svg.hashsalt": "fastinit",
    "font.size": 10.0,
    "axes.edgecolor": LINE,
    "axes.labelcolor": SOFT,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": SOFT,
    "ytick.labelcolor": INK,
    "lines.linewidth": 1.8,
    "lines.markersize": 4.5,
    "lines.solid_capstyle": "round",
}


def css(colour: str) -> str:
    """Value in the page's style that a colour of a drawing stands for.

    Parameters
    ----------
    colour : str
        One of this module's colours.

    Returns
    -------
    value : str
        For the style of an element.

    Examples
    --------
    >>> css(SERIES[0])
    'var(--series-1)'
    """
    return _VARIABLES[colour]


@contextmanager
def new_figure(width: float = 4.6, height: float = 3.0) -> Iterator[tuple[Any, Any]]:
    """Figure with one pair of axes in the style of the page.

    Parameters
    ----------
    width, height : float
        Size in inches, > 0; 4.6 inches fill a phone held upright.

    Yields
    ------
    figure : matplotlib.figure.Figure
        Without a window, and unknown to pyplot.
    axes : matplotlib.axes.Axes
        Its axes.

    Examples
    --------
    >>> with new_figure() as (figure, axes):
    ...     _ = axes.plot([0, 1], [0, 1], color=SERIES[0])
    ...     "var(--series-1)" in to_svg(figure, "line")
    True
    """
    mpl: Any = importlib.import_module("matplotlib")
    figures: Any = importlib.import_module("matplotlib.figure")
    with mpl.rc_context(_SETTINGS):
        figure = figures.Figure(figsize=(width, height), layout="constrained")
        yield figure, figure.add_subplot()


def to_svg(figure: Any, name: str) -> str:
    """Drawing as an svg element for a page.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Made by `new_figure`, whose block must not have ended.
    name : str
        Different for each drawing of a page; letters, digits and hyphens.

    Returns
    -------
    svg : str
        One element: it scales with its place, and follows the page's style.
    """
    written = io.StringIO()
    figure.savefig(written, format="svg", transparent=True, metadata={"Date": None})
    svg = written.getvalue()
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    # The page decides about fonts; matplotlib lists those that it measured with.
    svg = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font-size: \1", svg)
    svg = re.sub(r"font-family: [^;\"]*;? ?", "", svg)
    # Parts are referred to by name, and a page holds many drawings.
    svg = re.sub(r'\bid="', f'id="{name}-', svg)
    svg = re.sub(r"url\(#", f"url(#{name}-", svg)
    svg = re.sub(r'href="#', f'href="#{name}-', svg)
    return re.sub(r"#0[0-9a-f]{5}", _replaced, svg)


def _replaced(found: re.Match[str]) -> str:
    return _VARIABLES.get(found[0], found[0])
