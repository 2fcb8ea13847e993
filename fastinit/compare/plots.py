"""The drawings of a report: bars against the roof, curves over sizes and threads.

A library has one colour throughout; its generators differ by marker and dashes.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fastinit.compare.cases import Case
from fastinit.compare.contenders import OURS
from fastinit.compare.processes import ProcessFacts
from fastinit.compare.results import Entrant, Measurement, Results
from fastinit.compare.summary import case_title, digits
from fastinit.report import Figure
from fastinit.report.drawing import (
    INK,
    LINE,
    RAISED,
    SERIES,
    SOFT,
    css,
    new_figure,
    to_svg,
)

__all__ = ["curve_figure", "legend", "small_call_figure", "start_figure", "throughput"]

#: Libraries, in the order of the page's colours.
_NAMES = {
    "fastinit": "fastinit",
    "torch": "torch",
    "numpy": "NumPy",
    "jax": "JAX",
    "mkl_random": "mkl_random",
    "cupy": "CuPy",
}
_COLOURS = dict(zip(_NAMES, SERIES, strict=False))
_ROOF = SERIES[-1]
_MARKERS = ("o", "s", "^", "D")
_DASHES = ("-", (0, (5, 1.5)), (0, (2, 1.2)), (0, (1, 1)))
_BAR = 0.62


def _colour(entrant: Entrant) -> str:
    return _ROOF if entrant.is_roof else _COLOURS.get(entrant.library, _ROOF)


def _variant(results: Results, entrant: Entrant) -> int:
    """Place of a contender among those of its colour."""
    alike = [one.name for one in results.entrants if _colour(one) == _colour(entrant)]
    return alike.index(entrant.name) % len(_MARKERS)


def legend(results: Results) -> tuple[tuple[str, str], ...]:
    """Colours of the libraries that were measured.

    Parameters
    ----------
    results : Results
        A run.

    Returns
    -------
    legend : tuple of (str, str)
        CSS colour and name, roofs last.
    """
    there = {one.contender for one in results.measurements}
    found: dict[str, str] = {}
    for entrant in results.entrants:
        if entrant.name in there:
            name = (
                "memory alone"
                if entrant.is_roof
                else _NAMES.get(entrant.library, entrant.library)
            )
            found.setdefault(css(_colour(entrant)), name)
    return tuple(found.items())


def _finish_bars(
    axes: Any, labels: Sequence[str], ends: Sequence[float], texts: Sequence[str]
) -> None:
    """Names to the left of bars, values behind their ends, room for both."""
    axes.set_yticks(range(len(labels)), labels)
    axes.tick_params(left=False)
    axes.invert_yaxis()
    axes.grid(axis="y", visible=False)
    for place, (end, text) in enumerate(zip(ends, texts, strict=True)):
        axes.annotate(
            text,
            (end, place),
            (6, 0),
            textcoords="offset points",
            va="center",
            fontsize=9,
            color=INK,
            # The roof's line must not run through a number.
            bbox={"facecolor": RAISED, "edgecolor": "none", "pad": 1.5},
        )


def throughput(results: Results, case: Case) -> Figure:
    """Bars of bandwidth of one case, against the plain fill and memset.

    Parameters
    ----------
    results : Results
        A run with that case.
    case : Case
        Which one.

    Returns
    -------
    figure : Figure
        Longer is faster.
    """
    found = [
        one
        for one in results.of_case(case)
        if not results.entrant[one.contender].is_roof
    ]
    entrants = [results.entrant[one.contender] for one in found]
    with new_figure(4.6, 0.95 + 0.36 * len(found)) as (figure, axes):
        speeds = [one.bandwidth for one in found]
        colours = [_colour(one) for one in entrants]
        bars = axes.barh(range(len(found)), speeds, _BAR, color=colours)
        for bar, one in zip(bars, found, strict=True):
            bar.set_alpha(1.0 if one.counts else 0.35)
        ends = _add_whiskers(axes, case, found)
        texts = [_bar_text(results, one) for one in found]
        _finish_bars(axes, [one.label for one in entrants], ends, texts)
        roof = results.roof(case, "cpu")
        if roof is not None:
            axes.axvline(roof, color=_ROOF, linewidth=1.4, linestyle=(0, (4, 2)))
            axes.set_xlim(0, max(1.08 * roof, 1.3 * max(ends)))
        else:
            axes.set_xlim(0, 1.3 * max(ends))
        axes.set_xlabel("GB/s written")
        svg = to_svg(figure, f"throughput-{case.id}")
    return Figure(case_title(case), svg, _throughput_caption(results, case))


def _add_whiskers(axes: Any, case: Case, found: Sequence[Measurement]) -> list[float]:
    """Intervals of the medians, as bandwidths; returns their upper ends."""
    tops = []
    for place, one in enumerate(found):
        ends = (one.interval.high, one.interval.low)
        speeds = [case.n_bytes / seconds / 1e9 for seconds in ends]
        axes.plot(speeds, [place, place], color=INK, linewidth=1.0, alpha=0.7)
        tops.append(speeds[-1])
    return tops


def _bar_text(results: Results, one: Measurement) -> str:
    if not one.counts:
        return f"{digits(one.bandwidth)}  {one.verdict}"
    ratio = results.ratio(one)
    if one.contender == OURS or ratio is None:
        return digits(one.bandwidth)
    return f"{digits(one.bandwidth)}  (1/{ratio:.1f})"


def _throughput_caption(results: Results, case: Case) -> str:
    fill, memset = results.roof(case, "cpu"), results.roof(case, "cpu", ["memset"])
    parts = []
    if fill is not None:
        parts.append(f"Dashed: the fastest plain fill, {digits(fill)} GB/s.")
    if memset is not None:
        parts.append(f"memset, which writes zeros: {digits(memset)} GB/s.")
    return " ".join(parts)


@dataclass(frozen=True)
class _Axis:
    """What a curve runs over."""

    label: str
    of: Callable[[Case], int]
    ticks: Callable[[Case], str]


_OVER = {
    "size": _Axis("elements", lambda c: c.size.elements, lambda c: c.size.name),
    "threads": _Axis("threads", lambda c: c.threads, lambda c: str(c.threads)),
}


def curve_figure(results: Results, cases: Sequence[Case], over: str) -> Figure:
    """Bandwidth of every contender over sizes or threads, both axes logarithmic.

    Parameters
    ----------
    results : Results
        A run with these cases.
    cases : sequence of Case
        Which differ in nothing else.
    over : {'size', 'threads'}
        What they differ in.

    Returns
    -------
    figure : Figure
        Higher is faster.
    """
    axis = _OVER[over]
    ordered = sorted(cases, key=axis.of)
    with new_figure(4.6, 3.7) as (figure, axes):
        for entrant in results.entrants:
            _add_curve(axes, results, entrant, ordered, axis)
        axes.set_xscale("log", base=2)
        axes.set_yscale("log")
        axes.minorticks_off()
        axes.set_xticks([axis.of(one) for one in ordered], map(axis.ticks, ordered))
        axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
        axes.set_xlabel(axis.label)
        axes.set_ylabel("GB/s written")
        axes.legend(
            loc="upper center",
            bbox_to_anchor=(0.5, -0.16),
            ncols=3,
            frameon=False,
            fontsize=8,
            labelcolor=SOFT,
            handlelength=2.4,
            columnspacing=1.2,
        )
        svg = to_svg(figure, f"{over}-{ordered[0].id}")
    has_size = over != "size"
    return Figure(f"{case_title(ordered[0], has_size=has_size)} over {axis.label}", svg)


def _add_curve(
    axes: Any, results: Results, entrant: Entrant, cases: Sequence[Case], axis: _Axis
) -> None:
    points = [
        (axis.of(case), one.bandwidth)
        for case in cases
        if (one := results.table.get((case.id, entrant.name))) is not None
        and one.counts
    ]
    if not points:
        return
    variant = _variant(results, entrant)
    axes.plot(
        *zip(*points, strict=True),
        color=_colour(entrant),
        marker=_MARKERS[variant],
        linestyle=_DASHES[variant],
        linewidth=2.4 if entrant.name == OURS else 1.3,
        label=entrant.label,
        zorder=3 if entrant.name == OURS else 2,
    )


def small_call_figure(results: Results, case: Case) -> Figure:
    """Bars of the time of one small call.

    Parameters
    ----------
    results : Results
        A run with that case.
    case : Case
        Of few elements.

    Returns
    -------
    figure : Figure
        Shorter is faster.
    """
    found = [one for one in results.of_case(case) if one.counts]
    entrants = [results.entrant[one.contender] for one in found]
    with new_figure(4.6, 0.95 + 0.3 * len(found)) as (figure, axes):
        times = [one.interval.median * 1e6 for one in found]
        axes.barh(range(len(found)), times, _BAR, color=[_colour(e) for e in entrants])
        labels = [one.label for one in entrants]
        _finish_bars(axes, labels, times, [digits(time) for time in times])
        axes.set_xlim(0, 1.2 * max(times))
        axes.set_xlabel("microseconds per call")
        svg = to_svg(figure, f"call-{case.id}")
    return Figure(case_title(case), svg)


def start_figure(results: Results, facts: Sequence[ProcessFacts]) -> Figure:
    """Bars of import and first fill, one behind the other.

    Parameters
    ----------
    results : Results
        A run.
    facts : sequence of ProcessFacts
        Those with a start.

    Returns
    -------
    figure : Figure
        Shorter is faster.
    """
    entrants = [results.entrant[one.contender] for one in facts]
    with new_figure(4.6, 1.0 + 0.36 * len(facts)) as (figure, axes):
        imports = [statistics.median(one.import_seconds) for one in facts]
        fills = [statistics.median(one.first_seconds) for one in facts]
        colours = [_colour(one) for one in entrants]
        places = range(len(facts))
        axes.barh(places, fills, _BAR, left=imports, color=colours)
        axes.barh(places, imports, _BAR, color=colours, alpha=0.4)
        both = [one + two for one, two in zip(imports, fills, strict=True)]
        labels = [one.label for one in entrants]
        _finish_bars(axes, labels, both, [digits(one) for one in both])
        axes.set_xlim(0, 1.2 * max(both))
        axes.set_xlabel("seconds")
        axes.spines["left"].set_color(LINE)
        svg = to_svg(figure, "start")
    caption = (
        "Pale: importing NumPy and the library. Full: the first fill, 2^16 normals."
    )
    return Figure("Start of a process", svg, caption)
