"""Drawings of one tensor from what its scan left: histogram, quantiles and tails."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fastinit.conformance.evidence import Picture
from fastinit.report import Figure
from fastinit.report.drawing import INK, SERIES, SOFT, css, new_figure, to_svg

__all__ = ["LEGEND", "pictures_of"]

#: Colours of the law and of the elements.
_LAW, _DATA = SERIES[0], SERIES[1]
LEGEND = ((css(_DATA), "the tensor"), (css(_LAW), "the law"))
#: Size in inches.
_SIZE = (3.7, 2.6)
#: Standard errors of the band around the law of the tails.
_SIGMA = 4.9


def pictures_of(picture: Picture, name: str) -> tuple[Figure, ...]:
    """Histogram, quantiles and tails beside those of the law.

    Parameters
    ----------
    picture : Picture
        A few hundred numbers, from the scan.
    name : str
        Different for each tensor of a page; letters, digits and hyphens.

    Returns
    -------
    figures : tuple of Figure
        The histogram alone where there are no quantiles.
    """
    figures = [_histogram(picture, name)]
    if picture.quantiles.levels:
        figures.append(_quantiles(picture, name))
    if any(one.expected > 0.0 for one in picture.tails):
        figures.append(_tails(picture, name))
    return tuple(figures)


def _histogram(picture: Picture, name: str) -> Figure:
    edges = np.array(picture.histogram.edges)
    widths = np.maximum(np.diff(edges), np.finfo(np.float64).tiny)
    n = max(sum(picture.histogram.observed), 1.0)
    observed = np.array(picture.histogram.observed) / n / widths
    expected = np.array(picture.histogram.expected) / n / widths
    with new_figure(*_SIZE) as (figure, axes):
        axes.stairs(observed, edges, fill=True, color=_DATA, alpha=0.45)
        axes.stairs(expected, edges, color=_LAW, linewidth=1.8, baseline=None)
        axes.set_ylim(bottom=0.0)
        axes.locator_params(axis="x", nbins=5)
        axes.set_xlabel("value")
        axes.set_ylabel("density")
        svg = to_svg(figure, f"{name}-histogram")
    caption = "Share of the elements by value; the outer bins hold what lies beyond."
    return Figure("Histogram against law", svg, caption)


def _quantiles(picture: Picture, name: str) -> Figure:
    found = picture.quantiles
    expected, observed = np.array(found.expected), np.array(found.observed)
    low, high = float(expected.min()), float(expected.max())
    with new_figure(*_SIZE) as (figure, axes):
        axes.plot([low, high], [low, high], color=_LAW, linewidth=1.4)
        axes.plot(expected, observed, "o", color=_DATA, markersize=3.0)
        axes.locator_params(nbins=5)
        axes.set_xlabel("quantile of the law")
        axes.set_ylabel("of the tensor")
        svg = to_svg(figure, f"{name}-quantiles")
    caption = (
        f"Levels from {found.levels[0]:.2g} to 1 - {1.0 - found.levels[-1]:.2g}; "
        "on the line where both agree."
    )
    return Figure("Quantiles", svg, caption)


def _tails(picture: Picture, name: str) -> Figure:
    tails = [one for one in picture.tails if one.expected > 0.0]
    n = max(one.expected / one.probability for one in tails)
    with new_figure(*_SIZE) as (figure, axes):
        for side in ("lower", "upper"):
            _add_tail(axes, [one for one in tails if one.side == side], n)
        axes.set_yscale("log")
        axes.locator_params(axis="x", nbins=5)
        axes.set_xlabel("threshold")
        axes.set_ylabel("share beyond")
        svg = to_svg(figure, f"{name}-tails")
    caption = (
        f"Band: {_SIGMA} standard errors. Open: no element lies beyond the threshold."
    )
    return Figure("Tails, logarithmic", svg, caption)


def _add_tail(axes: Any, tails: list[Any], n: float) -> None:
    """One tail: the law with its band, and the elements as points."""
    if not tails:
        return
    tails = sorted(tails, key=lambda one: one.threshold)
    places = [one.threshold for one in tails]
    shares = np.array([one.probability for one in tails])
    error = _SIGMA * np.sqrt(shares / n)
    floor = 0.3 / n
    axes.fill_between(
        places,
        np.maximum(shares - error, floor),
        np.maximum(shares + error, floor),
        color=SOFT,
        alpha=0.18,
        linewidth=0.0,
    )
    axes.plot(places, shares, color=_LAW, linewidth=1.4)
    for one in tails:
        is_empty = one.observed == 0
        share = floor if is_empty else one.observed / n
        face = "none" if is_empty else _DATA
        if math.isfinite(one.threshold):
            axes.plot(
                one.threshold,
                share,
                "o",
                markerfacecolor=face,
                markeredgecolor=INK if is_empty else _DATA,
                markersize=4.0,
            )
