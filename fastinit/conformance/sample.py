"""What one pass over an array keeps: its facts, its sums and its distance.

Wide dtypes are sorted once in their own dtype and read in chunks; 16-bit dtypes are
counted by bit pattern, which loses nothing. No float64 copy of the array is made.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit.conformance.quantised import Cells, grid_of
from fastinit.conformance.verdict import Facts
from fastinit.distributions.law import Law

__all__ = [
    "CHUNK",
    "Sample",
    "chunks",
    "count_patterns",
    "facts_of",
    "observed_ends",
    "sample_counted",
    "sample_sorted",
]

#: Elements handled at a time: 1 MiB of float64, so that the temporaries stay in cache.
CHUNK = 1 << 17

Float64Array = np.ndarray[Any, np.dtype[np.float64]]
IntArray = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Sample:
    """The finite elements of an array against a law.

    Attributes
    ----------
    n : int
        Number of finite elements.
    facts : Facts
        What the array holds.
    shift : float
        Mean of (x - mean) / std, both of the law; 0 for n = 0.
    square : float
        Mean of ((x - mean) / std)^2; 0 for n = 0.
    distance : float
        Two-sided Kolmogorov-Smirnov distance, in [0, 1]; 0 for n = 0.
    """

    n: int
    facts: Facts
    shift: float
    square: float
    distance: float


def chunks(flat: np.ndarray[Any, Any]) -> Iterator[np.ndarray[Any, Any]]:
    """Consecutive parts of a flat array.

    Parameters
    ----------
    flat : array, shape (n,)
        Any dtype.

    Yields
    ------
    chunk : array, shape (<= CHUNK,)
        Views, in order; none for n = 0.

    Examples
    --------
    >>> [part.size for part in chunks(np.zeros(CHUNK + 1))]
    [131072, 1]
    """
    for start in range(0, flat.size, CHUNK):
        yield flat[start : start + CHUNK]


def sample_sorted(values: np.ndarray[Any, Any], law: Law) -> Sample:
    """Sample of a float32 or float64 array.

    Parameters
    ----------
    values : float32 or float64 array, any shape
        The elements; read only.
    law : Law
        The law, with std > 0.

    Returns
    -------
    sample : Sample
        With the distance to the continuous cdf: the largest of i / n - F(x_i) and
        F(x_i) - (i - 1) / n over the sorted elements.

    Examples
    --------
    >>> from scipy import special
    >>> law = Law("normal", (0.0, 1.0), special.ndtr, lambda x: special.ndtr(-x),
    ...           0.0, 1.0, 3.0, (-np.inf, np.inf))
    >>> sample_sorted(np.array([0.0, np.nan]), law).distance
    0.5
    """
    ordered = np.sort(values, axis=None)
    # A limit of another dtype would make searchsorted copy the whole array.
    infinity = ordered.dtype.type(np.inf)
    start = int(np.searchsorted(ordered, -infinity, side="right"))
    stop = int(np.searchsorted(ordered, infinity, side="left"))
    n_nan = ordered.size - int(np.searchsorted(ordered, ordered.dtype.type(np.nan)))
    finite = ordered[start:stop]
    n_inf = ordered.size - n_nan - finite.size
    ends = (float(finite[0]), float(finite[-1])) if finite.size else (np.nan, np.nan)
    shift, square, distance = _read_sorted(finite, law)
    unit = (law.mean, law.std)
    facts = facts_of(ends, (n_nan, n_inf), unit, (shift, square))
    return Sample(finite.size, facts, shift, square, distance)


def _read_sorted(finite: np.ndarray[Any, Any], law: Law) -> tuple[float, float, float]:
    """Mean of the deviation in std, of its square, and the distance, by chunks."""
    n, start, distance = finite.size, 0, 0.0
    sums: list[tuple[float, float]] = []
    # Garbage near the largest float64 overflows to inf, and inf fails every test.
    with np.errstate(over="ignore", invalid="ignore"):
        for part in chunks(finite):
            chunk = part.astype(np.float64)
            rank = np.arange(start, start + chunk.size, dtype=np.float64)
            below = law.cdf(chunk)
            distance = max(distance, float(np.max(below - rank / n)))
            distance = max(distance, float(np.max((rank + 1.0) / n - below)))
            chunk -= law.mean
            chunk /= law.std
            sums.append((float(np.sum(chunk)), float(np.sum(np.square(chunk)))))
            start += chunk.size
        shift, square = np.sum(sums, axis=0).tolist() if sums else (0.0, 0.0)
    return shift / max(n, 1), square / max(n, 1), distance


def count_patterns(values: np.ndarray[Any, Any]) -> IntArray:
    """Count the elements with each bit pattern of a 16-bit dtype.

    Parameters
    ----------
    values : float16 or bfloat16 array, any shape
        The elements; read only.

    Returns
    -------
    counts : int64 array, shape (65536,)
        Indexed by the bit pattern read as an unsigned integer.

    Examples
    --------
    >>> int(count_patterns(np.ones(3, np.float16))[0x3C00])
    3
    """
    counts = np.zeros(1 << 16, dtype=np.int64)
    # In memory order and by chunks: bincount widens what it counts to 8 bytes.
    for chunk in chunks(values.ravel(order="K")):
        counts += np.bincount(chunk.view(np.uint16), minlength=1 << 16)
    return counts


def observed_ends(counts: IntArray, name: str) -> tuple[float, float]:
    """Smallest and largest finite value among counted elements.

    Parameters
    ----------
    counts : int64 array, shape (65536,)
        Number of elements with each bit pattern.
    name : str
        'float16' or 'bfloat16'.

    Returns
    -------
    smallest, largest : float
        NaN where no element is finite.

    Examples
    --------
    >>> observed_ends(count_patterns(np.array([2, np.inf], np.float16)), "float16")
    (2.0, 2.0)
    """
    grid = grid_of(name)
    ranks = grid.rank[grid.is_finite & (counts > 0)]
    if not ranks.size:
        return math.nan, math.nan
    return float(grid.values[ranks.min()]), float(grid.values[ranks.max()])


def sample_counted(
    counts: IntArray, name: str, cells: Cells, unit: tuple[float, float]
) -> Sample:
    """Sample of a 16-bit array from its counts.

    Parameters
    ----------
    counts : int64 array, shape (65536,)
        Number of elements with each bit pattern.
    name : str
        'float16' or 'bfloat16'.
    cells : Cells
        The rounded law, on all finite values of the dtype.
    unit : tuple of float
        Its mean and its std > 0.

    Returns
    -------
    sample : Sample
        With the distance to the cdf of the rounded law.

    Examples
    --------
    >>> grid = grid_of("float16")
    >>> point = Cells(grid.values, (grid.values == 0) * 1.0, (grid.values >= 0) * 1.0)
    >>> counts = count_patterns(np.array([0, 0, 0, 1], np.float16))
    >>> sample_counted(counts, "float16", point, (0.0, 1.0)).distance
    0.25
    """
    grid = grid_of(name)
    finite = counts[grid.is_finite]
    n = int(finite.sum())
    # Sums of counts in float64 are exact below 2^53 elements.
    sums = np.bincount(grid.rank[grid.is_finite], weights=finite)
    weights = sums / max(n, 1)
    present = weights > 0.0
    deviations = (grid.values[present] - unit[0]) / unit[1]
    shift = float(np.sum(weights[present] * deviations))
    square = float(np.sum(weights[present] * np.square(deviations)))
    distance = float(np.max(np.abs(np.cumsum(weights) - cells.cdf))) if n else 0.0
    n_nan = int(counts[grid.is_nan].sum())
    nonfinite = (n_nan, int(counts.sum()) - n - n_nan)
    facts = facts_of(observed_ends(counts, name), nonfinite, unit, (shift, square))
    return Sample(n, facts, shift, square, distance)


def facts_of(
    ends: tuple[float, float],
    n_nonfinite: tuple[int, int],
    unit: tuple[float, float],
    moments: tuple[float, float],
) -> Facts:
    """Facts from extremes, counts and moments in any unit.

    Parameters
    ----------
    ends : tuple of float
        Smallest and largest finite element; NaN where there is none.
    n_nonfinite : tuple of int
        Number of NaN and of infinite elements.
    unit : tuple of float
        Any centre and scale > 0.
    moments : tuple of float
        Mean of (x - centre) / scale, and of its square.

    Returns
    -------
    facts : Facts
        With mean and std NaN where `ends` are.

    Examples
    --------
    >>> facts_of((1.0, 3.0), (0, 0), (2.0, 1.0), (0.0, 1.0)).std
    1.0
    """
    if math.isnan(ends[0]):
        return Facts(*ends, *n_nonfinite, math.nan, math.nan)
    shift, square = moments
    variance = square - shift * shift
    # max() alone would turn the NaN of an overflow into 0.
    root = variance if math.isnan(variance) else math.sqrt(max(variance, 0.0))
    centre, scale = unit
    return Facts(*ends, *n_nonfinite, centre + scale * shift, scale * root)
