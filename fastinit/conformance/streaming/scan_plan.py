"""What a scan looks for: fixed by the law, the dtype and the shape before it starts."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from fastinit.conformance.quantised import quantised_law
from fastinit.conformance.streaming.cells import CellMap, law_cells, law_key
from fastinit.conformance.streaming.sources import Source
from fastinit.distributions.law import Law
from fastinit.dtypes import Dtype

__all__ = ["GROUPS", "LEAST_SPREAD", "SPAN", "ScanPlan", "in_units", "plan_scan"]

Float32Array = np.ndarray[Any, np.dtype[np.float32]]

#: Elements of a span: what one call of a loop works on, and where parts may be cut.
SPAN = 1 << 18
#: Groups of about equal probability that neighbours are sorted into.
GROUPS = 8
#: Every lag up to here is looked at.
ALL_LAGS = 64
#: And powers of two up to here: warps, vectors, blocks and chunks are of these sizes.
FAR_LAGS = 1 << 16
#: Lags at which the magnitudes are looked at.
MAGNITUDE_LAGS = (1, 2, 3, 4, 5, 6, 7, 8, 16, 32, 64)
#: Std of the magnitude of an element below which it says nothing.
LEAST_SPREAD = 0.05
#: Sums of rows and of columns that are kept, at most.
MOST_SUMS = 1 << 20
#: Anchors that are expected in a whole array; twice as many are kept.
ANCHORS = 1 << 17
#: Elements from which on order is looked at in one span of four: products and pairs
#: then cost a quarter, and a correlation of 0.4 % is still found for sure.
THINNED, THINNING = 1 << 24, 4
#: Chance that any two equal runs are found in a correct array.
CHANCE_OF_COPY = 1e-13


@dataclass(frozen=True, eq=False)
class ScanPlan:
    """What a scan counts and sums.

    Attributes
    ----------
    n : int
        Elements of the whole array.
    cells : CellMap
        The partition that is counted.
    group : uint8 array, shape (n_numbers,)
        Group of each cell, in [0, 8).
    mean, std : float
        What elements are standardised by.
    magnitude : tuple of float
        Mean and std of |x - mean| / std under the law.
    lags, magnitude_lags : int64 array
        Distances of the products, ascending, < n.
    row_length : int
        Elements of a sum of rows: a multiple of the row; 0 for none.
    n_columns : int
        Columns that are summed; 0 for none.
    run_length : int
        Elements of a run that has an anchor; 0 where equal runs are not rare.
    threshold : int
        Hashes up to it, of 2^32, are anchors.
    thinning : int
        Products and pairs are taken of one span in so many, >= 1.
    """

    n: int
    cells: CellMap
    group: np.ndarray[Any, np.dtype[np.uint8]]
    mean: float
    std: float
    magnitude: tuple[float, float]
    lags: np.ndarray[Any, np.dtype[np.int64]]
    magnitude_lags: np.ndarray[Any, np.dtype[np.int64]]
    row_length: int
    n_columns: int
    run_length: int
    threshold: int
    thinning: int

    @property
    def reach(self) -> int:
        """Elements beyond a span that belong to its products, pairs and runs."""
        furthest = int(self.lags[-1]) if self.lags.size else 1
        return max(furthest, self.run_length, 1)

    def takes(self, start: int) -> bool:
        """Whether products and pairs are taken of the span at an index."""
        return (start // SPAN) % self.thinning == 0

    def n_products(self, lags: Any) -> Any:
        """How many products of each lag the whole array has.

        Parameters
        ----------
        lags : int64 array, shape (m,)
            Distances, >= 1.

        Returns
        -------
        counts : float64 array, shape (m,)
            Of the spans that are taken.
        """
        starts = np.arange(0, self.n_spans, self.thinning, dtype=np.int64) * SPAN
        left = self.n - starts[:, None] - np.asarray(lags)[None, :]
        return np.clip(left, 0, SPAN).sum(axis=0).astype(np.float64)

    @property
    def n_spans(self) -> int:
        """Spans of the whole array."""
        return -(-self.n // SPAN)


def plan_scan(law: Law, source: Source) -> ScanPlan:
    """Plan the scan of a source against a law.

    Parameters
    ----------
    law : Law
        A law with std > 0.
    source : Source
        The elements; only its shape and dtype are looked at.

    Returns
    -------
    plan : ScanPlan
        What to count and sum, in units of the mean and std of the law.

    Examples
    --------
    >>> from fastinit.conformance.streaming import open_source
    >>> from fastinit.distributions import DISTRIBUTIONS
    >>> law = DISTRIBUTIONS["normal"].law((0.0, 1.0))
    >>> int(plan_scan(law, open_source(np.zeros((4, 100)))).lags.max())
    256
    """
    tables = _tables(law, source.dtype)
    n, row = source.n, source.shape[-1] if len(source.shape) > 1 else 0
    run_length = _run_length(tables.agreement, n)
    return ScanPlan(
        n=n,
        cells=tables.cells,
        group=tables.group,
        mean=law.mean,
        std=law.std,
        magnitude=tables.magnitude,
        lags=_lags(n, source.shape),
        magnitude_lags=np.array([k for k in MAGNITUDE_LAGS if k < n], dtype=np.int64),
        row_length=_row_length(n, source.shape),
        n_columns=row if 1 < row <= SPAN and n > row else 0,
        run_length=run_length if run_length < n else 0,
        threshold=min((ANCHORS << 32) // max(n, 1), (1 << 32) - 1),
        thinning=THINNING if n > THINNED else 1,
    )


class _Tables(NamedTuple):
    """What depends on law and dtype alone."""

    cells: CellMap
    group: np.ndarray[Any, np.dtype[np.uint8]]
    agreement: float
    magnitude: tuple[float, float]


#: Tables of recent laws: a model has many tensors and few laws.
_recent: dict[Any, _Tables] = {}
_MOST_RECENT = 8


def _tables(law: Law, dtype: Dtype) -> _Tables:
    """Tables of a law, made once for all that share its text and parameters."""
    key = (law_key(law), dtype)
    held = _recent.get(key)
    if held is None:
        if len(_recent) >= _MOST_RECENT:
            _recent.clear()
        held = _recent[key] = _make_tables(law, dtype)
    return held


def _make_tables(law: Law, dtype: Dtype) -> _Tables:
    cells = law_cells(law, dtype)
    if dtype.is_stochastic:
        below = np.concatenate(([0.0], quantised_law(law, dtype).cdf))
    else:
        with np.errstate(over="ignore"):
            below = np.concatenate(([0.0], law.cdf(cells.boundaries), [1.0]))
    probabilities = np.maximum(np.diff(below), 0.0)
    group = np.zeros(cells.n_numbers, dtype=np.uint8)
    middle = 0.5 * (below[1:] + below[:-1])
    group[cells.order] = np.minimum(middle * GROUPS, GROUPS - 1).astype(np.uint8)
    agreement = float(np.sum(np.square(probabilities)))
    magnitude = _magnitude(cells, probabilities, (law.mean, law.std))
    return _Tables(cells, group, agreement, magnitude)


def _lags(n: int, shape: tuple[int, ...]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Distances that mean something in memory or in the array."""
    chosen = set(range(1, ALL_LAGS + 1))
    chosen |= {1 << k for k in range(ALL_LAGS.bit_length(), FAR_LAGS.bit_length())}
    rows = [math.prod(shape[axis:]) for axis in range(1, len(shape))]
    chosen |= {k * row for row in rows for k in (1, 2)}
    return np.array(
        sorted(k for k in chosen if 0 < k < n and k <= SPAN), dtype=np.int64
    )


def _row_length(n: int, shape: tuple[int, ...]) -> int:
    """Elements of a row, or of as many rows as leave few enough sums."""
    row = math.prod(shape[1:]) if len(shape) > 1 else 0
    if row <= 1 or row >= n:
        return 0
    return row * max(1, -(-n // (row * MOST_SUMS)))


def _run_length(agreement: float, n: int) -> int:
    """Elements that two runs of a correct array do not share by chance."""
    if n < 8 or agreement >= 0.5:
        return 0
    pairs = 2.0 * math.log(n) - math.log(CHANCE_OF_COPY)
    length = math.ceil(pairs / -math.log(agreement))
    return max(length, 4) if length <= 256 else 0


def in_units(
    plan: ScanPlan,
    probabilities: np.ndarray[Any, np.dtype[np.float64]],
    unit: tuple[float, float],
) -> ScanPlan:
    """Plan that standardises by the moments of the rounded law.

    Parameters
    ----------
    plan : ScanPlan
        Of the smooth law.
    probabilities : float64 array, shape (k,)
        Of the plan's cells after rounding.
    unit : tuple of 2 floats
        Mean and std, > 0, of the rounded values.

    Returns
    -------
    plan : ScanPlan
        With these units.

    Examples
    --------
    >>> from fastinit.conformance.streaming import open_source
    >>> from fastinit.distributions import DISTRIBUTIONS
    >>> law = DISTRIBUTIONS["uniform"].law((-1.0, 1.0))
    >>> plan = plan_scan(law, open_source(np.zeros(100, np.float16)))
    >>> even = np.full(plan.cells.order.size, 1 / plan.cells.order.size)
    >>> in_units(plan, even, (0.0, 2.0)).std
    2.0
    """
    magnitude = _magnitude(plan.cells, probabilities, unit)
    return replace(plan, mean=unit[0], std=unit[1], magnitude=magnitude)


def _magnitude(
    cells: CellMap,
    probabilities: np.ndarray[Any, np.dtype[np.float64]],
    unit: tuple[float, float],
) -> tuple[float, float]:
    """Mean and std of the distance from the mean, in std."""
    occurs = probabilities > 0.0
    middle = 0.5 * cells.first[occurs] + 0.5 * cells.last[occurs]
    distance = np.minimum(np.abs(middle - unit[0]) / unit[1], 32.0)
    weights = probabilities[occurs]
    mean = float(np.sum(weights * distance))
    spread = float(np.sum(weights * np.square(distance - mean)))
    return mean, math.sqrt(spread)
