"""What a scan leaves: counts and exact sums, which merge to those of the whole.

Sums of products are rounded once per span to multiples of 2^-12 and are integers
from there on; sums of powers stay exact. So the state of the whole is the merge of
the states of its parts, bit by bit, in any order and grouping, wherever the parts
were cut between spans and whoever counted them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit.conformance.streaming.exact_sum import ExactSum

__all__ = ["FIXED_POINT", "Extreme", "StreamState", "merge_states"]

#: Sums of products are kept in units of its inverse: far below the standard error
#: of any sum of a span, and 2^63 of them are more than 10^12 elements can reach.
FIXED_POINT = 1 << 12

IntArray = np.ndarray[Any, np.dtype[np.int64]]
Uint64Array = np.ndarray[Any, np.dtype[np.uint64]]


@dataclass(frozen=True)
class Extreme:
    """A smallest or largest element.

    Attributes
    ----------
    value : float
        Its value.
    position : int
        The first flat index (C order) that has it.
    """

    value: float
    position: int


@dataclass(frozen=True, eq=False)
class StreamState:
    """The small state of a scan.

    Attributes
    ----------
    n : int
        Elements seen.
    counts : int64 array, shape (n_numbers,)
        Elements in each cell of the plan's map, by cell number.
    n_infinite : int
        Infinite elements; those in cells that are not finite and not infinite are
        NaN.
    pairs : int64 array, shape (2, 64)
        Neighbours by 8 times the group of the first plus that of the second: row 0
        where the first has an even index, row 1 where it has an odd one.
    smallest, largest : Extreme or None
        Of the finite elements.
    used_bits : int
        Bits that are set in any pattern.
    powers : tuple of 4 ExactSum
        Sums of (x - mean) / std of the plan, to the powers of 1 to 4; zeros for a
        narrow dtype, whose counts say them.
    lags, magnitude_lags : int64 array
        Sums of products of elements a lag apart, in 1 / FIXED_POINT, by the lags of
        the plan.
    rows, columns : int64 array
        Sums of the standardised elements of each row (or group of rows) and column,
        in 1 / FIXED_POINT; empty where the plan asks for none.
    anchors : uint64 array, shape (2, k)
        Digests of runs and their positions.
    n_anchors_lost : int
        Anchors that found no room.
    """

    n: int
    counts: IntArray
    n_infinite: int
    pairs: IntArray
    smallest: Extreme | None
    largest: Extreme | None
    used_bits: int
    powers: tuple[ExactSum, ExactSum, ExactSum, ExactSum]
    lags: IntArray
    magnitude_lags: IntArray
    rows: IntArray
    columns: IntArray
    anchors: Uint64Array
    n_anchors_lost: int

    def __eq__(self, other: object) -> bool:
        """Whether two states say the same, anchors in any order."""
        if not isinstance(other, StreamState):
            return NotImplemented
        return all(map(_equal, self._compared(), other._compared()))

    __hash__ = None  # type: ignore[assignment]

    def _compared(self) -> tuple[Any, ...]:
        anchors = self.anchors[:, np.lexsort(self.anchors)]
        fields = {**vars(self), "anchors": anchors}
        return tuple(fields.values())


def _equal(a: Any, b: Any) -> bool:
    return np.array_equal(a, b) if isinstance(a, np.ndarray) else bool(a == b)


def merge_states(a: StreamState, b: StreamState) -> StreamState:
    """State of two parts of one array, scanned by one plan.

    Parameters
    ----------
    a, b : StreamState
        States of different parts.

    Returns
    -------
    state : StreamState
        The state of both; in any order and grouping the same.

    Examples
    --------
    >>> from fastinit.conformance.streaming import measure, open_source, plan_scan
    >>> from fastinit.distributions import DISTRIBUTIONS
    >>> source = open_source(np.random.default_rng(0).random(600_000))
    >>> plan = plan_scan(DISTRIBUTIONS["uniform"].law((0.0, 1.0)), source)
    >>> parts = [measure(source, plan, part) for part in ((0, 1), (1, 3))]
    >>> merge_states(*parts) == measure(source, plan)
    True
    """
    return StreamState(
        n=a.n + b.n,
        counts=a.counts + b.counts,
        n_infinite=a.n_infinite + b.n_infinite,
        pairs=a.pairs + b.pairs,
        smallest=_chosen(a.smallest, b.smallest, lambda e: (e.value, e.position)),
        largest=_chosen(a.largest, b.largest, lambda e: (-e.value, e.position)),
        used_bits=a.used_bits | b.used_bits,
        powers=tuple(  # type: ignore[arg-type]
            x.merged(y) for x, y in zip(a.powers, b.powers, strict=True)
        ),
        lags=a.lags + b.lags,
        magnitude_lags=a.magnitude_lags + b.magnitude_lags,
        rows=a.rows + b.rows,
        columns=a.columns + b.columns,
        anchors=np.concatenate((a.anchors, b.anchors), axis=1),
        n_anchors_lost=a.n_anchors_lost + b.n_anchors_lost,
    )


def _chosen(
    a: Extreme | None, b: Extreme | None, key: Callable[[Extreme], Any]
) -> Extreme | None:
    """The one that comes first by a key."""
    present = [extreme for extreme in (a, b) if extreme is not None]
    return min(present, key=key, default=None)


def to_fixed_point(sums: np.ndarray[Any, np.dtype[np.float64]]) -> IntArray:
    """Sums in units of 1 / FIXED_POINT."""
    return np.asarray(np.rint(sums * FIXED_POINT), dtype=np.int64)
