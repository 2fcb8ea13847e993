"""What a reader should take away of a run: shared by the terminal and the page."""

from __future__ import annotations

import statistics
from dataclasses import dataclass

from fastinit.compare.cases import LAYOUTS, Case
from fastinit.compare.contenders import OURS
from fastinit.compare.results import Entrant, Measurement, Results

__all__ = [
    "SURVIVAL",
    "case_title",
    "digits",
    "grids",
    "missing",
    "noise",
    "seconds_text",
    "violations",
]

#: Ways in which bits may survive, by the key in results, with a title and a meaning.
SURVIVAL = {
    "threads": ("threads", "one thread and all threads give the same bits"),
    "in_order": (
        "parts in order",
        "two calls, one after the other, give the same bits",
    ),
    "alone": ("parts alone", "a part made without the other has the same bits"),
    "layout": ("layout", "transposed storage holds the same values"),
}


def digits(value: float) -> str:
    """Three significant digits.

    Parameters
    ----------
    value : float
        >= 0.

    Returns
    -------
    text : str
        Without an exponent.

    Examples
    --------
    >>> digits(0.012345), digits(3.14159), digits(12345.6)
    ('0.0123', '3.14', '12346')
    """
    if value >= 1000 or value == 0:
        return f"{value:.0f}"
    text = f"{value:#.3g}".rstrip(".")
    return f"{value:.6f}" if "e" in text else text


def seconds_text(seconds: float) -> str:
    """Duration in the unit that suits it.

    Parameters
    ----------
    seconds : float
        >= 0.

    Returns
    -------
    text : str
        In s, ms or us.

    Examples
    --------
    >>> seconds_text(1.5), seconds_text(0.012), seconds_text(7e-6)
    ('1.50 s', '12.0 ms', '7.00 us')
    """
    for factor, unit in ((1.0, "s"), (1e3, "ms")):
        if seconds * factor >= 1.0:
            return f"{digits(seconds * factor)} {unit}"
    return f"{digits(seconds * 1e6)} us"


def case_title(case: Case, *, has_size: bool = True) -> str:
    """Words for a case.

    Parameters
    ----------
    case : Case
        The case.
    has_size : bool
        False where the size stands elsewhere.

    Returns
    -------
    text : str
        Scheme, dtype, size, and what is out of the ordinary.

    Examples
    --------
    >>> from fastinit.compare.cases import SIZES
    >>> case_title(Case("normal", "float32", SIZES["1Mi"], layout="transposed"))
    'normal float32 1Mi transposed'
    """
    words = [case.initializer, case.dtype, *([case.size.name] if has_size else [])]
    words += [] if case.layout == next(iter(LAYOUTS)) else [case.layout]
    return " ".join([*words, *([] if case.touch == "warm" else ["first touch"])])


@dataclass(frozen=True)
class Grid:
    """Cases and contenders of one table.

    Attributes
    ----------
    cases : tuple of Case
        Its rows.
    entrants : tuple of Entrant
        Its columns: those with a measurement.
    """

    cases: tuple[Case, ...]
    entrants: tuple[Entrant, ...]


def grids(results: Results) -> tuple[Grid, ...]:
    """Measurements by size, the largest first.

    Parameters
    ----------
    results : Results
        A run.

    Returns
    -------
    grids : tuple of Grid
        One for each size.
    """
    by_size: dict[int, list[Case]] = {}
    for case in results.cases:
        by_size.setdefault(case.size.elements, []).append(case)
    found = []
    for elements in sorted(by_size, reverse=True):
        cases = by_size[elements]
        there = {one.contender for case in cases for one in results.of_case(case)}
        entrants = tuple(one for one in results.entrants if one.name in there)
        found.append(Grid(tuple(cases), entrants))
    return tuple(found)


def missing(results: Results) -> list[tuple[str, str]]:
    """Contenders that could not run at all, with the reason.

    Parameters
    ----------
    results : Results
        A run.

    Returns
    -------
    pairs : list of (str, str)
        Label and reason.
    """
    failed = [(one.contender, one.failure) for one in results.processes if one.failure]
    absent = [(one.label, one.reason) for one in results.entrants if one.reason]
    return absent + [
        (results.entrant[name].label, f"its process failed: {failure}")
        for name, failure in failed
    ]


def violations(results: Results) -> list[Measurement]:
    """Measurements whose time does not count.

    Parameters
    ----------
    results : Results
        A run.

    Returns
    -------
    measurements : list of Measurement
        In the order of the run.
    """
    return [one for one in results.measurements if not one.counts]


def noise(results: Results) -> str:
    """Sentence about how quiet the machine was.

    Parameters
    ----------
    results : Results
        A run.

    Returns
    -------
    text : str
        The load of other processes, and the spread of our own times.
    """
    shares = [one.others for one in results.measurements if one.others is not None]
    ours = [
        one.interval.spread for one in results.measurements if one.contender == OURS
    ]
    parts = []
    if shares:
        parts.append(
            f"other processes took {statistics.median(shares):.0%} of the processors "
            f"in the median turn, {max(shares):.0%} at most"
        )
    if ours:
        parts.append(
            f"times of fastinit are known to {statistics.median(ours):.0%} in the "
            f"median, {max(ours):.0%} at worst"
        )
    return "; ".join(parts) or "nothing is known about the load of the machine"
