"""What a run measures: the cases, the contenders and how long."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fastinit.compare.cases import DTYPE_NAMES, INITIALIZERS, SIZES, Case, Size
from fastinit.compare.contenders import CONTENDERS, Contender
from fastinit.compare.timing import Effort

__all__ = [
    "HEADLINES",
    "LARGE",
    "Workload",
    "chosen_cases",
    "default_cases",
    "default_workload",
    "quick_cases",
    "thread_counts",
]

#: Schemes that are drawn over sizes and threads.
_CURVES = ("uniform", "normal")
#: Rows of the headline: what is compared with the speed goals, at 2^26 elements.
HEADLINES = (
    ("constant", "float32"),
    ("uniform", "float32"),
    ("normal", "float32"),
    ("normal", "bfloat16"),
    ("normal", "float64"),
    ("trunc_normal", "float32"),
)
LARGE, MIDDLE = SIZES["64Mi"], SIZES["16Mi"]
_CURVE_SIZES = ("4Ki", "64Ki", "1Mi", "16Mi")
_EFFORT = Effort(repetitions=6, turn=0.06, pause=0.02, settle=0.15)
_QUICK_EFFORT = Effort(repetitions=6, turn=0.005, pause=0.002, settle=0.01)


@dataclass(frozen=True)
class Workload:
    """One run.

    Attributes
    ----------
    cases : tuple of Case
        What is measured, in order.
    contenders : tuple of Contender
        Who is asked.
    effort : Effort
        How long.
    threads : int
        Threads that a call uses by default, >= 1.
    starts : int
        Processes whose start counts, for each contender; 0 for no processes at all.
    is_quick : bool
        True for a run that only shows that everything works.
    """

    cases: tuple[Case, ...]
    contenders: tuple[Contender, ...]
    effort: Effort
    threads: int
    starts: int
    is_quick: bool


def thread_counts(threads: int) -> tuple[int, ...]:
    """Powers of two below a number of threads, and that number.

    Parameters
    ----------
    threads : int
        >= 1.

    Returns
    -------
    counts : tuple of int
        Ascending.

    Examples
    --------
    >>> thread_counts(12)
    (1, 2, 4, 8, 12)
    """
    powers = [1 << k for k in range(threads.bit_length()) if 1 << k < threads]
    return (*powers, threads)


def _unique(cases: Iterable[Case]) -> tuple[Case, ...]:
    return tuple({case.id: case for case in cases}.values())


def default_cases(threads: int) -> tuple[Case, ...]:
    """Cases of a run without options.

    Parameters
    ----------
    threads : int
        Threads of a call that was told nothing, >= 1.

    Returns
    -------
    cases : tuple of Case
        The headlines at 2^26 elements; every scheme and dtype at 2^24; sizes, threads,
        layouts and first touch for uniform and normal in float32.

    Examples
    --------
    >>> cases = default_cases(2)
    >>> len({case.id for case in cases}) == len(cases)
    True
    """
    headlines = [
        Case(scheme, dtype, LARGE, threads)
        for scheme, dtype in HEADLINES
        if scheme in INITIALIZERS
    ]
    # A scheme with fans is the law of another one with other parameters.
    by_fans = ("xavier_uniform", "kaiming_normal")
    grid = [
        Case(scheme, dtype, MIDDLE, threads)
        for scheme in INITIALIZERS
        for dtype in DTYPE_NAMES
        if dtype == "float32" or scheme not in by_fans
    ]
    curves = [
        Case(scheme, "float32", SIZES[size], threads)
        for size in _CURVE_SIZES
        for scheme in _CURVES
    ]
    return _unique([*headlines, *grid, *curves, *_variations(MIDDLE, threads)])


def _variations(size: Size, threads: int) -> list[Case]:
    """Threads, layouts and first touch."""
    counts = thread_counts(threads)
    return [
        variation
        for scheme in _CURVES
        for variation in (
            *(Case(scheme, "float32", size, count) for count in counts),
            Case(scheme, "float32", size, threads, touch="first"),
            Case(scheme, "float32", size, threads, layout="transposed"),
        )
    ]


def quick_cases(threads: int) -> tuple[Case, ...]:
    """Cases of a quick run: every kind of case, in arrays that take no time.

    Parameters
    ----------
    threads : int
        Threads of a call that was told nothing, >= 1.

    Returns
    -------
    cases : tuple of Case
        Of at most 2^20 elements.

    Examples
    --------
    >>> max(case.size.elements for case in quick_cases(2)) == 2**20
    True
    """
    small, size = SIZES["4Ki"], SIZES["1Mi"]
    return _unique(
        [
            *(Case(scheme, "float32", size, threads) for scheme in INITIALIZERS),
            *(Case("normal", dtype, size, threads) for dtype in DTYPE_NAMES),
            *(Case(scheme, "float32", small, threads) for scheme in _CURVES),
            *(one for one in _variations(size, threads) if one.initializer == "normal"),
        ]
    )


def chosen_cases(
    schemes: Iterable[str],
    dtypes: Iterable[str],
    sizes: Iterable[Size],
    threads: Iterable[int],
) -> tuple[Case, ...]:
    """Cases of a run that names what it wants: all combinations.

    Parameters
    ----------
    schemes, dtypes : iterable of str
        Names in the tables.
    sizes : iterable of Size
        Sizes.
    threads : iterable of int
        Numbers of threads, >= 1.

    Returns
    -------
    cases : tuple of Case
        In the order of the arguments, the first changing slowest.

    Examples
    --------
    >>> sizes = [SIZES["4Ki"], SIZES["1Mi"]]
    >>> len(chosen_cases(["normal"], ["float32", "bfloat16"], sizes, [1, 2]))
    8
    """
    threads, sizes, dtypes = list(threads), list(sizes), list(dtypes)
    return _unique(
        Case(scheme, dtype, size, count)
        for scheme in schemes
        for dtype in dtypes
        for size in sizes
        for count in threads
    )


def default_workload(threads: int, *, is_quick: bool) -> Workload:
    """Run without further options.

    Parameters
    ----------
    threads : int
        Threads of a call that was told nothing, >= 1.
    is_quick : bool
        True for less than a minute.

    Returns
    -------
    workload : Workload
        With every contender.

    Examples
    --------
    >>> default_workload(2, is_quick=True).starts
    1
    """
    cases = quick_cases(threads) if is_quick else default_cases(threads)
    effort = _QUICK_EFFORT if is_quick else _EFFORT
    contenders = tuple(CONTENDERS.values())
    return Workload(cases, contenders, effort, threads, 1 if is_quick else 4, is_quick)
