"""Exact distances of arrays that are too large to be scored one by one.

A copy that fits is sorted. Otherwise the counts of the scan bound the distance: its
largest value at a boundary of cells is a lower bound, and only cells inside which it
can be larger are looked at again. Their elements are brought and ranked, or, where
there are too many, counted in finer cells first. Nothing is sorted but these.
"""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from fastinit.conformance.distances import Distances, distances_of_cells
from fastinit.conformance.streaming import Source, loops
from fastinit.conformance.streaming.bit_patterns import BitFormat
from fastinit.conformance.streaming.cells import CellMap, cut_cells
from fastinit.conformance.streaming.compiling import compiled
from fastinit.conformance.streaming.measure import run_pass
from fastinit.conformance.streaming.tally import loop_form
from fastinit.distributions.law import Law

if TYPE_CHECKING:
    from fastinit.conformance.reading import Reading

__all__ = ["exact_distance", "exact_distances"]

Float64Array = np.ndarray[Any, np.dtype[np.float64]]

#: Bytes of a copy that may be sorted.
SORTED_BYTES = 96 << 20
#: Elements of a chunk of a sorted copy: 1 MiB of float64.
CHUNK = 1 << 17
#: Elements that are brought and ranked.
RANKED = 1 << 22
#: Cells of a finer count.
FINER_CELLS = 1 << 21


def exact_distances(reading: Reading) -> Distances:
    """Distances of a large array, as exact as its size allows.

    Parameters
    ----------
    reading : Reading
        The array.

    Returns
    -------
    distances : Distances
        All exact where a copy was sorted; else Kolmogorov-Smirnov exact and the
        others by cells. A law that rounding has made coarse has no exact distances
        but those of its cells.

    Examples
    --------
    >>> from fastinit.conformance.reading import read_elements
    >>> from fastinit.conformance.streaming import open_source
    >>> from fastinit.distributions import DISTRIBUTIONS
    >>> law = DISTRIBUTIONS["normal"].law((0.0, 1.0))
    >>> reading = read_elements(open_source(np.zeros(4)), law, alpha=1e-6)
    >>> exact_distances(reading).kolmogorov_smirnov
    0.5
    """
    by_cells = distances_of_cells(*reading.split)
    if reading.cells.is_coarse(reading.n):
        return by_cells
    if reading.source.n * reading.source.dtype.itemsize <= SORTED_BYTES:
        return _of_sorted(reading.source, reading.law)
    distance = exact_distance(
        reading.source, reading.law, reading.plan.cells, reading.counts
    )
    return dataclasses.replace(by_cells, kolmogorov_smirnov=distance, at_most=distance)


def _of_sorted(source: Source, law: Law) -> Distances:
    """Distances from a sorted copy, read in chunks."""
    flat = np.asarray(source.read(0, source.n))
    ordered = flat[np.isfinite(flat)] if not np.isfinite(flat).all() else flat.copy()
    ordered.sort()
    n, largest, squares, logs = ordered.size, 0.0, [], []
    for start in range(0, n, CHUNK):
        chunk = ordered[start : start + CHUNK].astype(np.float64)
        rank = np.arange(start, start + chunk.size, dtype=np.float64)
        below, above = law.cdf(chunk), law.sf(chunk)
        largest = max(largest, float(np.max(below - rank / n)))
        largest = max(largest, float(np.max((rank + 1.0) / n - below)))
        squares.append(float(np.sum(np.square(below - (2.0 * rank + 1.0) / (2.0 * n)))))
        with np.errstate(divide="ignore"):
            low = (2.0 * rank + 1.0) * np.log(below)
            high = (2.0 * (n - rank) - 1.0) * np.log(above)
        logs.append(float(np.sum(low) + np.sum(high)))
    return Distances(
        largest, largest, 1.0 / (12.0 * n) + float(np.sum(squares)), -n - sum(logs) / n
    )


def exact_distance(
    source: Source, law: Law, cells: CellMap, counts: Float64Array
) -> float:
    """Kolmogorov-Smirnov distance by a second look at few cells.

    Parameters
    ----------
    source : Source
        The elements.
    law : Law
        The specified law.
    cells : CellMap
        Cells in which they were counted.
    counts : float64 array, shape (k,)
        Finite elements of each cell.

    Returns
    -------
    distance : float
        Largest of i / n - F(x_i) and F(x_i) - (i - 1) / n, in [0, 1].

    Examples
    --------
    >>> from fastinit.conformance.streaming import open_source
    >>> from fastinit.conformance.streaming.cells import law_cells
    >>> from fastinit.distributions import DISTRIBUTIONS
    >>> law = DISTRIBUTIONS["normal"].law((0.0, 1.0))
    >>> source = open_source(np.zeros(4))
    >>> cells = law_cells(law, source.dtype)
    >>> counts = 4.0 * (cells.order == cells.number_of(0))
    >>> exact_distance(source, law, cells, counts)
    0.5
    """
    n = float(counts.sum())
    known, eligible = 0.0, np.ones(counts.size, dtype=bool)
    while True:
        after = np.cumsum(counts) / n
        before = after - counts / n
        with np.errstate(over="ignore"):
            edges = law.cdf(cells.boundaries)
        known = max(known, float(np.max(np.abs(after[:-1] - edges), initial=0.0)))
        reach = np.maximum(after - law.cdf(cells.first), law.cdf(cells.last) - before)
        may_exceed = eligible & (counts > 0.0) & (reach > known)
        n_held = int(counts[may_exceed].sum())
        if n_held <= RANKED or _is_single(cells, may_exceed):
            break
        cells = _finer(cells, may_exceed)
        counts = _count(source, cells)
        eligible = cells.parts[_top_of(cells)] > 1
    if _is_single(cells, may_exceed):
        return max(known, float(np.max(reach[may_exceed], initial=0.0)))
    kept = np.sort(_values(_bring(source, cells, may_exceed, n_held), cells.form))
    held = counts[may_exceed].astype(np.int64)
    first_rank = np.cumsum(counts)[may_exceed] - counts[may_exceed]
    within = np.arange(kept.size) - np.repeat(np.cumsum(held) - held, held)
    rank = np.repeat(first_rank, held) + within
    below = law.cdf(kept)
    largest = np.maximum((rank + 1.0) / n - below, below - rank / n)
    return max(known, float(np.max(largest, initial=0.0)))


def _is_single(cells: CellMap, chosen: Any) -> bool:
    """Whether every chosen cell holds one value, so that its bound is exact."""
    return bool(np.all(cells.first[chosen] == cells.last[chosen]))


def _top_of(cells: CellMap) -> Any:
    """Entry of the table that each finite cell belongs to."""
    return np.searchsorted(cells.base, cells.order, side="right") - 1


def _finer(cells: CellMap, chosen: Any) -> CellMap:
    """Cells of the entries that hold chosen ones, as fine as memory allows."""
    entries = np.unique(_top_of(cells)[chosen])
    form = cells.form
    finest = min(FINER_CELLS // entries.size, 1 << min(form.low_bits, 31))
    parts = np.ones(1 << 16, dtype=np.uint32)
    parts[entries] = np.maximum(finest, cells.parts[entries])
    return cut_cells(form, parts)


class _Counter:
    """Counts of cells, and nothing else."""

    def __init__(self, cells: CellMap) -> None:
        self._cells = cells
        self._recent = np.zeros(cells.n_numbers, dtype=np.uint32)
        self._n_recent = 0
        self._groups = np.zeros(0, dtype=np.uint8)
        self._group = np.zeros(cells.n_numbers, dtype=np.uint8)
        self.counts = np.zeros(cells.n_numbers, dtype=np.int64)

    def add(self, values: Any, start: int, n_own: int) -> None:  # noqa: ARG002
        cells = self._cells
        flags = np.zeros((n_own + 1023) >> 10, dtype=np.bool_)
        patterns = values[:n_own].view(cells.form.storage)
        compiled(loops.count_cells)(
            patterns,
            patterns.view(cells.form.storage[1:]),
            (cells.base, cells.parts, self._group),
            loop_form(cells.form),
            (self._recent, self._groups),
            flags,
        )
        self._n_recent += n_own
        if self._n_recent >= 1 << 31:
            self.flush()

    def flush(self) -> None:
        self.counts += self._recent
        self._recent[:] = 0
        self._n_recent = 0


def _count(source: Source, cells: CellMap) -> Float64Array:
    """Finite elements of each cell."""
    workers = run_pass(source, functools.partial(_Counter, cells))
    for worker in workers:
        worker.flush()
    total = np.sum([worker.counts for worker in workers], axis=0)
    return np.asarray(total[cells.order], dtype=np.float64)


class _Keeper:
    """Patterns of the elements in some cells."""

    def __init__(self, cells: CellMap, marks: Any) -> None:
        self._cells, self._marks = cells, marks
        self._room = np.empty(1 << 18, dtype=cells.form.storage)
        self.kept: list[Any] = []

    def add(self, values: Any, start: int, n_own: int) -> None:  # noqa: ARG002
        cells = self._cells
        n_kept = compiled(loops.keep_cells)(
            values[:n_own].view(cells.form.storage),
            (cells.base, cells.parts, self._marks),
            loop_form(cells.form),
            self._room,
        )
        self.kept.append(self._room[:n_kept].copy())


def _bring(source: Source, cells: CellMap, chosen: Any, n_held: int) -> Any:
    """Patterns of the elements in chosen cells, in no order."""
    marks = np.zeros(cells.n_numbers, dtype=np.bool_)
    marks[cells.order[chosen]] = True
    workers = run_pass(source, functools.partial(_Keeper, cells, marks))
    parts = [part for worker in workers for part in worker.kept]
    kept = np.concatenate(parts)
    assert kept.size == n_held
    return kept


def _values(patterns: Any, form: BitFormat) -> Float64Array:
    """Values of patterns."""
    return form.values(patterns)
