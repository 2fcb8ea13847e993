"""What one thread of a scan has counted so far."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinit.conformance.streaming import loops, sum_loops
from fastinit.conformance.streaming.bit_patterns import BitFormat
from fastinit.conformance.streaming.compiling import compiled
from fastinit.conformance.streaming.exact_sum import ExactSum
from fastinit.conformance.streaming.scan_plan import (
    ANCHORS,
    LEAST_SPREAD,
    SPAN,
    ScanPlan,
)
from fastinit.conformance.streaming.state import Extreme, StreamState, to_fixed_point

__all__ = ["Tally", "loop_form"]

_NO_SUMS = np.zeros(0, dtype=np.int64)


def loop_form(form: BitFormat) -> Any:
    """Format of a dtype as loops take it.

    Parameters
    ----------
    form : BitFormat
        The format.

    Returns
    -------
    numbers : uint64 array, shape (4,)
        top_shift, low_bits, sign and exponent.

    Examples
    --------
    >>> from fastinit.conformance.streaming.bit_patterns import bit_format
    >>> from fastinit.dtypes import dtype_of
    >>> loop_form(bit_format(dtype_of("float32"))).tolist()[:2]
    [16, 16]
    """
    # No tuple: its type would depend on the sizes of the numbers.
    return np.array(
        [form.top_shift, form.low_bits, form.sign, form.exponent], dtype=np.uint64
    )


class Tally:
    """Counts and sums of some spans of one array.

    Parameters
    ----------
    plan : ScanPlan
        What to count and sum.
    """

    def __init__(self, plan: ScanPlan) -> None:
        self._plan = plan
        self._form = plan.cells.form
        self._counts = np.zeros(plan.cells.n_numbers, dtype=np.int64)
        # Half as wide as the totals, so that more of them stay in the cache.
        self._recent = np.zeros(plan.cells.n_numbers, dtype=np.uint32)
        self._n_recent = self._n = self._n_infinite = self._used = 0
        self._pairs = np.zeros((8, 64), dtype=np.int64)
        self._groups = np.empty(SPAN + 1, dtype=np.uint8)
        self._smallest: Extreme | None = None
        self._largest: Extreme | None = None
        self._powers = [ExactSum()] * 4
        self._lags = np.zeros(plan.lags.size, dtype=np.int64)
        self._magnitude_lags = np.zeros(plan.magnitude_lags.size, dtype=np.int64)
        n_rows = -(-plan.n // plan.row_length) if plan.row_length else 0
        self._rows = np.zeros(n_rows, dtype=np.int64)
        self._columns = np.zeros(plan.n_columns, dtype=np.int64)
        self._anchors: list[Any] = []
        self._n_anchors = self._n_lost = 0
        self._standard = np.empty(SPAN + plan.reach, dtype=np.float32)
        self._table = self._standard_table()

    def add(self, values: Any, start: int, n_own: int) -> None:
        """Count a span.

        Parameters
        ----------
        values : array, shape (>= n_own,)
            Its elements and those within the reach beyond.
        start : int
            Flat index of the first.
        n_own : int
            Elements of the span itself.
        """
        is_taken = self._plan.takes(start)
        patterns = values.view(self._form.storage)
        self._n += n_own
        self._count(patterns, start, n_own, is_taken=is_taken)
        self._find_anchors(patterns, start, n_own)
        if not is_taken:
            values, patterns = values[:n_own], patterns[:n_own]
        standard = self._standard[: values.size]
        if self._table is None:
            self._standardise(values, n_own, standard)
        else:
            compiled(sum_loops.look_up)(patterns, self._table, standard)
        self._add_lines(standard[:n_own], start)
        if is_taken:
            self._add_products(standard, n_own)

    def _standardise(self, values: Any, n_own: int, standard: Any) -> None:
        """Deviations in std, and the sums of their powers."""
        plan, sums = self._plan, np.zeros(4)
        scale = 1.0 / plan.std
        compiled(sum_loops.standardise)(values, plan.mean, scale, standard)
        loop = compiled(sum_loops.sum_powers, reorders_sums=True)
        loop(values[:n_own], plan.mean, scale, sums)
        self._powers = [
            held.plus(float(term))
            for held, term in zip(self._powers, sums, strict=True)
        ]

    def _count(self, patterns: Any, start: int, n_own: int, *, is_taken: bool) -> None:
        """Cells, pairs, extremes and bits."""
        plan, cells = self._plan, self._plan.cells
        own, form = patterns[:n_own], loop_form(self._form)
        flags = np.zeros((n_own + 1023) >> 10, dtype=np.bool_)
        self._used |= int(
            compiled(loops.count_cells)(
                own,
                own.view(self._form.storage[1:]),
                (cells.base, cells.parts, plan.group),
                form,
                (self._recent, self._groups[: n_own * is_taken]),
                flags,
            )
        )
        found = np.zeros(5, dtype=np.uint64)
        found[0] = np.uint64(2**64 - 1)
        compiled(loops.find_extremes)(own, flags, form, found)
        self._keep_extremes(found.tolist(), start)
        if is_taken:
            self._count_pairs(patterns, n_own)
        self._n_recent += n_own
        if self._n_recent >= 1 << 31:
            self._flush()

    def _keep_extremes(self, found: list[int], start: int) -> None:
        """Keep extremes of a span that go beyond those so far."""
        smallest, at_smallest, largest, at_largest, infinite = found
        # Where the dtype has none, what was counted is NaN.
        self._n_infinite += infinite * self._form.has_infinity
        if smallest > largest:
            return
        low = Extreme(self._value(smallest), start + at_smallest)
        high = Extreme(self._value(largest), start + at_largest)
        if self._smallest is None or _before(low, self._smallest, 1.0):
            self._smallest = low
        if self._largest is None or _before(high, self._largest, -1.0):
            self._largest = high

    def _count_pairs(self, patterns: Any, n_own: int) -> None:
        """Neighbours, the last element and the first of the next span among them."""
        plan, known = self._plan, n_own
        if patterns.size > n_own:
            pattern = int(patterns[n_own])
            pattern = 0 if pattern == self._form.sign else pattern
            self._groups[n_own] = plan.group[plan.cells.number_of(pattern)]
            known += 1
        compiled(loops.count_pairs)(self._groups[:known], n_own, self._pairs)

    def _value(self, key: int) -> float:
        """Value of an order-preserving key."""
        sign = self._form.sign
        pattern = key ^ sign if key & sign else key ^ (2 * sign - 1)
        return float(self._form.values(np.array([pattern], dtype=np.uint64))[0])

    def _flush(self) -> None:
        self._counts += self._recent
        self._recent[:] = 0
        self._n_recent = 0

    def _find_anchors(self, patterns: Any, start: int, n_own: int) -> None:
        """Digests of runs that may have a copy elsewhere."""
        plan = self._plan
        if plan.run_length == 0:
            return
        room = min(2 * ANCHORS - self._n_anchors, n_own)
        kept = np.empty((2, room), dtype=np.uint64)
        loop = compiled(loops.find_anchors)
        n_found = loop(
            patterns, n_own, plan.run_length, np.uint32(plan.threshold), kept
        )
        n_kept = min(n_found, room)
        kept[1, :n_kept] += np.uint64(start)
        self._anchors.append(kept[:, :n_kept].copy())
        self._n_anchors += n_kept
        self._n_lost += n_found - n_kept

    def _add_lines(self, standard: Any, start: int) -> None:
        """Sums of rows and of columns."""
        plan = self._plan
        if plan.row_length:
            row, offset = divmod(start, plan.row_length)
            sums = np.zeros(-(-(offset + standard.size) // plan.row_length))
            loop = compiled(sum_loops.sum_rows, reorders_sums=True)
            loop(standard, offset, plan.row_length, sums)
            self._rows[row : row + sums.size] += to_fixed_point(sums)
        if plan.n_columns:
            sums = np.zeros(plan.n_columns)
            loop = compiled(sum_loops.sum_columns)
            loop(standard, start % plan.n_columns, sums)
            self._columns += to_fixed_point(sums)

    def _add_products(self, standard: Any, n_own: int) -> None:
        """Products at lags; overwrites the standardised elements."""
        plan = self._plan
        multiply = compiled(sum_loops.multiply_lags, reorders_sums=True)
        sums = np.zeros(plan.lags.size)
        multiply(standard, n_own, plan.lags, sums)
        self._lags += to_fixed_point(sums)
        mean, std = plan.magnitude
        if std >= LEAST_SPREAD and plan.magnitude_lags.size:
            np.abs(standard, out=standard)
            standard -= np.float32(mean)
            standard *= np.float32(1.0 / std)
            sums = np.zeros(plan.magnitude_lags.size)
            multiply(standard, n_own, plan.magnitude_lags, sums)
            self._magnitude_lags += to_fixed_point(sums)

    def _standard_table(self) -> Any:
        """Standardised value of every pattern of a narrow dtype; None for wide ones."""
        if self._form.low_bits:
            return None
        values = self._form.values(np.arange(self._form.entries, dtype=np.uint64))
        with np.errstate(over="ignore", invalid="ignore"):
            standard = np.clip((values - self._plan.mean) / self._plan.std, -32, 32)
        standard[np.isnan(values)] = 0.0
        return standard.astype(np.float32)

    def state(self) -> StreamState:
        """State of the spans that were added."""
        self._flush()
        anchors = self._anchors or [np.zeros((2, 0), dtype=np.uint64)]
        return StreamState(
            n=self._n,
            counts=self._counts,
            n_infinite=self._n_infinite,
            pairs=self._pairs.reshape(4, 2, 64).sum(axis=0),
            smallest=self._smallest,
            largest=self._largest,
            used_bits=self._used,
            powers=self._power_sums(),
            lags=self._lags,
            magnitude_lags=self._magnitude_lags,
            rows=self._rows,
            columns=self._columns,
            anchors=np.concatenate(anchors, axis=1),
            n_anchors_lost=self._n_lost,
        )

    def _power_sums(self) -> tuple[ExactSum, ExactSum, ExactSum, ExactSum]:
        """Sums of powers; zeros for a narrow dtype."""
        first, second, third, fourth = self._powers
        return first, second, third, fourth


def _before(a: Extreme, b: Extreme, sign: float) -> bool:
    """Whether an extreme replaces another: further out, or as far and earlier."""
    return (sign * a.value, a.position) < (sign * b.value, b.position)
