"""Laws with finitely many values: rounded ones, and fine stand-ins for smooth ones.

A 16- or 8-bit array is compared with the law of the rounded value, never with the
smooth law: a continuous test rejects correct bfloat16 data from a few million elements
on.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from fastinit.distributions.law import Law
from fastinit.dtypes import Dtype, numpy_dtype

__all__ = [
    "Cells",
    "Grid",
    "fine_cells",
    "grid_of",
    "law_on_values",
    "quantised_law",
    "rounded_ends",
]

Float64Array = np.ndarray[Any, np.dtype[np.float64]]
IntArray = np.ndarray[Any, np.dtype[np.int64]]
Tail = Callable[[Float64Array], Float64Array]

#: Number of cells that stand in for a smooth law in a bound. Their midpoints change
#: the variance by h^2 / 12, at most 8e-6 of it for a range of 80 std.
FINE_CELLS = 8192

#: Longest panel in std, and nodes, of the quadrature of a distribution function: its
#: error stays below 1e-12 of the function.
MEAN_STEP, MEAN_NODES = 0.25, 8

#: Range of the fine cells in std. Mass beyond it, below 1e-17 for every law whose
#: tails fall like an exponential or faster, joins the outermost cells.
FINE_REACH = 40.0


@dataclass(frozen=True)
class Grid:
    """The finite values of a 16- or 8-bit dtype, -0 and +0 taken as one.

    Attributes
    ----------
    values : float64 array, shape (k,)
        The values, ascending.
    rank : int64 array, shape (2^bits,)
        Position in `values` of each bit pattern; 0 where it is not finite.
    is_finite, is_nan : bool array, shape (2^bits,)
        What each bit pattern stands for.
    """

    values: Float64Array
    rank: IntArray
    is_finite: np.ndarray[Any, np.dtype[np.bool_]]
    is_nan: np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Cells:
    """A law on finitely many values.

    Attributes
    ----------
    values : float64 array, shape (k,)
        The values, ascending.
    probabilities : float64 array, shape (k,)
        Their probabilities, >= 0, of sum 1.
    cdf : float64 array, shape (k,)
        P(X <= value), in [0, 1].
    """

    values: Float64Array
    probabilities: Float64Array
    cdf: Float64Array


@functools.cache
def grid_of(name: str) -> Grid:
    """Values of a 16- or 8-bit dtype, by bit pattern.

    Parameters
    ----------
    name : str
        A low-precision one, such as 'bfloat16'.

    Returns
    -------
    grid : Grid
        The grid; its arrays are shared, so they cannot be written.

    Examples
    --------
    >>> grid_of("bfloat16").values.size
    65279
    """
    held = numpy_dtype(name)
    count = 1 << (8 * held.itemsize)
    patterns = np.arange(count).astype(f"u{held.itemsize}").view(held)
    # Signalling NaNs among the patterns raise the invalid flag when they are cast.
    with np.errstate(invalid="ignore"):
        values = patterns.astype(np.float64)
    is_finite = np.isfinite(values)
    ordered, inverse = np.unique(values[is_finite], return_inverse=True)
    rank = np.zeros(count, dtype=np.int64)
    rank[is_finite] = inverse
    grid = Grid(ordered, rank, is_finite, np.isnan(values))
    for array in (grid.values, grid.rank, grid.is_finite, grid.is_nan):
        array.setflags(write=False)
    return grid


def rounded_ends(support: tuple[float, float], dtype: Dtype) -> tuple[float, float]:
    """Round the ends of a support to nearest, saturating, infinite ones kept.

    Parameters
    ----------
    support : tuple of float
        Smallest and largest value of the law.
    dtype : Dtype
        A floating dtype.

    Returns
    -------
    lower, upper : float
        Closed interval that holds every correctly rounded value.

    Examples
    --------
    >>> from fastinit.dtypes import dtype_of
    >>> rounded_ends((-1.0, 0.999), dtype_of("bfloat16"))
    (-1.0, 1.0)
    """
    ends = np.asarray(support, dtype=np.float64)
    held = np.clip(ends, -dtype.max_finite, dtype.max_finite)
    rounded = held.astype(numpy_dtype(dtype.name)).astype(np.float64)
    lower, upper = np.where(np.isinf(ends), ends, rounded).tolist()
    return lower, upper


def quantised_law(
    law: Law, dtype: Dtype, observed: tuple[float, float] = (np.nan, np.nan)
) -> Cells:
    """Law of a value after one rounding to a 16- or 8-bit dtype.

    Parameters
    ----------
    law : Law
        The smooth law.
    dtype : Dtype
        A low-precision one, such as 'bfloat16'.
    observed : tuple of float, optional
        Smallest and largest value of the data, which tell the convention at a finite
        end of the support (see Notes).

    Returns
    -------
    cells : Cells
        On all finite values of the dtype, most of them with probability 0.

    Notes
    -----
    P(X <= v) = F((v + successor(v)) / 2), saturating at the largest finite value;
    rounded by chance, it is the mean of F between v and its successor.
    A support [a, b) that ends is clamped to the smallest value >= a and the largest
    < b, or b itself where the law is closed. A generator that only rounds can return
    the rounded end itself: data that hold it are compared with the law without the
    clamp.

    Examples
    --------
    >>> from fastinit.dtypes import dtype_of
    >>> law = Law("uniform", (0.0, 1.0), lambda x: np.clip(x, 0, 1),
    ...           lambda x: np.clip(1 - x, 0, 1), 0.5, 12 ** -0.5, 1.8, (0.0, 1.0))
    >>> cells = quantised_law(law, dtype_of("bfloat16"))
    >>> float(cells.values[cells.probabilities > 0].max())
    0.99609375
    """
    values = grid_of(dtype.name).values
    edges = 0.5 * (values[1:] + values[:-1])
    if dtype.is_stochastic:
        below, above = (_means(law, tail, values) for tail in (law.cdf, law.sf))
        law = replace(law, cdf=lambda _: below, sf=lambda _: above)
    return law_on_values(law, dtype, (values, edges), observed)


def law_on_values(
    law: Law,
    dtype: Dtype,
    places: tuple[Float64Array, Float64Array],
    observed: tuple[float, float],
) -> Cells:
    """Law of a value after one rounding, on given values of a dtype.

    Parameters
    ----------
    law : Law
        The smooth law.
    dtype : Dtype
        A floating dtype.
    places : tuple of 2 float64 arrays, shapes (k,) and (k - 1,)
        Values of the dtype, ascending and with none left out where the law lies, and
        where rounding turns from one to the next.
    observed : tuple of float
        Smallest and largest value of the data (see `quantised_law`).

    Returns
    -------
    cells : Cells
        On these values.

    Examples
    --------
    >>> law = Law("uniform", (0.0, 1.0), lambda x: np.clip(x, 0, 1),
    ...           lambda x: np.clip(1 - x, 0, 1), 0.5, 12 ** -0.5, 1.8, (0.0, 1.0))
    >>> from fastinit.dtypes import dtype_of
    >>> places = np.array([0.0, 0.5, 1.0]), np.array([0.25, 0.75])
    >>> law_on_values(law, dtype_of("float32"), places, (0.0, 0.5)).probabilities
    array([0.25, 0.75, 0.  ])
    """
    values, edges = places
    first, last = _clamped_ends(values, law)
    lower, upper = rounded_ends(law.support, dtype)
    if observed[0] == lower:
        first = min(first, lower)
    if observed[1] == upper:
        last = max(last, upper)
    return _cells(law, values, edges, (first, last))


def fine_cells(law: Law) -> Cells:
    """Replace a smooth law by the midpoints of many cells of equal width.

    Parameters
    ----------
    law : Law
        A law with std > 0.

    Returns
    -------
    cells : Cells
        Over the support, cut at 40 std from the mean.

    Examples
    --------
    >>> law = Law("uniform", (0.0, 1.0), lambda x: np.clip(x, 0, 1),
    ...           lambda x: np.clip(1 - x, 0, 1), 0.5, 12 ** -0.5, 1.8, (0.0, 1.0))
    >>> fine_cells(law).values.size
    8192
    """
    reach = FINE_REACH * law.std
    bounds = np.linspace(
        max(law.support[0], law.mean - reach),
        min(law.support[1], law.mean + reach),
        FINE_CELLS + 1,
    )
    return _cells(
        law, 0.5 * (bounds[1:] + bounds[:-1]), bounds[1:-1], (-np.inf, np.inf)
    )


def _means(law: Law, tail: Tail, values: Float64Array) -> Float64Array:
    """Means of a distribution function of a law between neighbouring values."""
    steps = law.mean + law.std * np.arange(-FINE_REACH, FINE_REACH, MEAN_STEP)
    # The function has kinks where the support ends.
    breaks = np.append(steps, law.support)
    breaks = breaks[(breaks > values[0]) & (breaks < values[-1])]
    points = np.unique(np.append(values, breaks))
    half = 0.5 * np.diff(points)
    nodes, weights = np.polynomial.legendre.leggauss(MEAN_NODES)
    places = points[:-1] + half + nodes[:, np.newaxis] * half
    areas = weights @ tail(places.reshape(-1)).reshape(places.shape) * half
    starts = np.searchsorted(points, values[:-1])
    return np.asarray(np.add.reduceat(areas, starts) / np.diff(values))


def _clamped_ends(values: Float64Array, law: Law) -> tuple[float, float]:
    """Smallest and largest value within the support, where both exist."""
    side: Literal["left", "right"] = "right" if law.is_closed else "left"
    start = int(np.searchsorted(values, law.support[0], side="left"))
    stop = int(np.searchsorted(values, law.support[1], side=side)) - 1
    if start > stop:
        # No value lies inside: rounding leaves the two neighbours only.
        start, stop = max(stop, 0), min(start, values.size - 1)
    return float(values[start]), float(values[stop])


def _cells(
    law: Law, values: Float64Array, edges: Float64Array, ends: tuple[float, float]
) -> Cells:
    """Cells with the given edges between them, none outside the ends."""
    before, after = edges < ends[0], edges >= ends[1]
    # An edge near 3e38 overflows when a law divides it by its std, as it should.
    with np.errstate(over="ignore"):
        below = np.where(before, 0.0, np.where(after, 1.0, law.cdf(edges)))
        above = np.where(before, 1.0, np.where(after, 0.0, law.sf(edges)))
    below = np.concatenate(([0.0], below, [1.0]))
    above = np.concatenate(([1.0], above, [0.0]))
    # In the upper half differences of sf keep the accuracy that 1 - F has lost.
    probabilities = np.where(below[1:] < 0.5, np.diff(below), -np.diff(above))
    return Cells(values, np.maximum(probabilities, 0.0), below[1:])
