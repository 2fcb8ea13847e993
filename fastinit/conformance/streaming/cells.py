"""Intervals of values that are told apart by integer arithmetic on bit patterns.

The upper 16 bits of a pattern select an entry of a table, which is cut into as many
cells as its probability under the law asks for. So counts are exact for cells whose
edges are values of the dtype, a narrow dtype is counted without loss, and a cell of
a wide dtype holds about 2^-16 of the law wherever the law lies.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit.conformance.kept import kept_property
from fastinit.conformance.streaming.bit_patterns import BitFormat, bit_format
from fastinit.distributions.law import Law
from fastinit.dtypes import Dtype

__all__ = ["CellMap", "cut_cells", "law_cells", "law_key"]

Float64Array = np.ndarray[Any, np.dtype[np.float64]]
IntArray = np.ndarray[Any, np.dtype[np.int64]]
Uint32Array = np.ndarray[Any, np.dtype[np.uint32]]

#: Cells that a law is cut into, beside one for every entry of the table.
LAW_CELLS = 1 << 15
#: Entries of the table that a law lies in whose rounding may show: more of them hold
#: so many values that no sample tells it from one without rounding.
NARROW = 2


@dataclass(frozen=True, eq=False)
class CellMap:
    """A partition of the finite values of a dtype into intervals.

    Attributes
    ----------
    form : BitFormat
        The dtype as integers.
    base : uint32 array, shape (entries,)
        Number of the first cell of every entry.
    parts : uint32 array, shape (entries,)
        Cells that an entry is cut into, >= 1.
    n_numbers : int
        Numbers of cells, those of values that are not finite included.
    order : int64 array, shape (k,)
        Numbers of the finite cells, ascending by value.
    first, last : float64 array, shape (k,)
        Smallest and largest value of each cell, in that order.
    """

    form: BitFormat
    base: Uint32Array
    parts: Uint32Array
    n_numbers: int
    order: IntArray
    first: Float64Array
    last: Float64Array

    @kept_property
    def boundaries(self) -> Float64Array:
        """Where rounding turns between neighbouring cells, shape (k - 1,)."""
        return 0.5 * self.last[:-1] + 0.5 * self.first[1:]

    def number_of(self, pattern: int) -> int:
        """Number of the cell of a bit pattern.

        Parameters
        ----------
        pattern : int
            Of a value of the dtype; not that of -0, which counts as 0.

        Returns
        -------
        number : int
            In [0, n_numbers).

        Examples
        --------
        >>> from fastinit.dtypes import dtype_of
        >>> form = bit_format(dtype_of("bfloat16"))
        >>> cut_cells(form, np.ones(1 << 16, np.uint32)).number_of(0x3F80)
        16256
        """
        top = pattern >> self.form.top_shift
        low = pattern >> (self.form.top_shift - self.form.low_bits)
        low &= (1 << self.form.low_bits) - 1
        part = (low * int(self.parts[top])) >> self.form.low_bits
        return int(self.base[top]) + part


def cut_cells(form: BitFormat, parts: Uint32Array) -> CellMap:
    """Cells of entries that are cut into given numbers of parts.

    Parameters
    ----------
    form : BitFormat
        The dtype as integers.
    parts : uint32 array, shape (entries,)
        Cells of every entry, in [1, 2^low_bits].

    Returns
    -------
    cells : CellMap
        The partition.

    Examples
    --------
    >>> from fastinit.dtypes import dtype_of
    >>> form = bit_format(dtype_of("bfloat16"))
    >>> cut_cells(form, np.ones(1 << 16, np.uint32)).order.size
    65279
    """
    counts = parts.astype(np.int64)
    base = np.concatenate(([0], np.cumsum(counts)[:-1]))
    n_numbers = int(counts.sum())
    top = np.repeat(np.arange(form.entries, dtype=np.int64), counts)
    part = np.arange(n_numbers, dtype=np.int64) - base[top]
    low, high = _pattern_ends(form, top, part, counts[top])
    is_kept = form.is_finite[top] & (low <= high)
    number = np.flatnonzero(is_kept)
    is_negative = top[number] >= form.entries >> 1
    order = np.concatenate((number[is_negative][::-1], number[~is_negative]))
    flipped = top[order] >= form.entries >> 1
    first = form.values(np.where(flipped, high[order], low[order]))
    last = form.values(np.where(flipped, low[order], high[order]))
    return CellMap(form, base.astype(np.uint32), parts, n_numbers, order, first, last)


def _pattern_ends(
    form: BitFormat, top: IntArray, part: IntArray, parts: IntArray
) -> tuple[Any, Any]:
    """Smallest and largest pattern of every cell, -0 left out."""
    size = 1 << form.low_bits
    # part = low * parts >> low_bits, so a cell begins at the ceiling of the quotient.
    start = -((-part * size) // parts)
    stop = -((-(part + 1) * size) // parts)
    rest = form.top_shift - form.low_bits
    wide = top.astype(np.uint64) << np.uint64(form.top_shift)
    low = wide + (start.astype(np.uint64) << np.uint64(rest))
    high = wide + (stop.astype(np.uint64) << np.uint64(rest)) - np.uint64(1)
    if form.top_shift == 0:
        high = low.copy()
    low[low == np.uint64(form.sign)] += np.uint64(1)
    return low, high


def law_key(law: Law) -> Hashable:
    """What two laws share that are the same.

    Parameters
    ----------
    law : Law
        Any law; its functions may be made anew for each.

    Returns
    -------
    key : hashable
        Name, parameters and text of the distribution function.

    Examples
    --------
    >>> from fastinit.distributions import DISTRIBUTIONS
    >>> make = DISTRIBUTIONS["normal"].law
    >>> law_key(make((0.0, 1.0))) == law_key(make((0.0, 1.0)))
    True
    """
    return law.name, law.parameters, getattr(law.cdf, "__code__", law.cdf)


def law_cells(law: Law, dtype: Dtype, target: int = LAW_CELLS) -> CellMap:
    """Cells of about equal probability under a law.

    Parameters
    ----------
    law : Law
        A law with std > 0.
    dtype : Dtype
        A floating dtype.
    target : int, optional
        Cells that the law is cut into, at most 2^16.

    Returns
    -------
    cells : CellMap
        At most `target` + 2^16 of them; one for every value of a narrow dtype.

    Examples
    --------
    >>> from fastinit.distributions import DISTRIBUTIONS
    >>> from fastinit.dtypes import dtype_of
    >>> law = DISTRIBUTIONS["normal"].law((0.0, 1.0))
    >>> law_cells(law, dtype_of("float32")).order.size > 65536
    True
    """
    form = bit_format(dtype)
    parts = np.ones(form.entries, dtype=np.uint32)
    if form.low_bits == 0:
        return cut_cells(form, parts)
    coarse = cut_cells(form, parts)
    with np.errstate(over="ignore"):
        below = np.concatenate(([0.0], law.cdf(coarse.boundaries), [1.0]))
    mass = np.diff(below)
    parts[coarse.order] = np.clip(np.ceil(mass * target), 1, 1 << 16)
    # A narrow law, in one entry or around a boundary: a cell for every value where a
    # cell can be that small.
    is_occupied = mass > 0.0
    if is_occupied.sum() <= NARROW:
        parts[coarse.order[is_occupied]] = min(1 << form.low_bits, 1 << 16)
    return cut_cells(form, parts)
