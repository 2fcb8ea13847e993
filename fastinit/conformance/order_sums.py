"""Sums that depend on the order of the elements: from a scan, or from scores."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit.conformance.reading import Reading
from fastinit.conformance.streaming import sum_loops
from fastinit.conformance.streaming.compiling import compiled
from fastinit.conformance.streaming.state import FIXED_POINT

__all__ = ["OrderSums", "order_sums"]

Float64Array = np.ndarray[Any, np.dtype[np.float64]]

#: Mean and std of the magnitude of a standard normal element.
_MAGNITUDE = (math.sqrt(2.0 / math.pi), math.sqrt(1.0 - 2.0 / math.pi))


@dataclass(frozen=True, eq=False)
class OrderSums:
    """Sums of elements of mean 0 and variance 1.

    Attributes
    ----------
    lags, magnitude_lags : float64 array
        Sums of products, by the lags of the plan.
    rows, columns : float64 array
        Sums of rows and of columns.
    row_sizes, column_sizes : float64 array
        Elements of each.
    kurtosis : float
        Of one element.
    """

    lags: Float64Array
    magnitude_lags: Float64Array
    rows: Float64Array
    columns: Float64Array
    row_sizes: Float64Array
    column_sizes: Float64Array
    kurtosis: float


def order_sums(reading: Reading) -> OrderSums:
    """Sums of an array, of its normal scores where it is scored.

    Parameters
    ----------
    reading : Reading
        The array.

    Returns
    -------
    sums : OrderSums
        Made once for a reading, as several tests look at them.

    Examples
    --------
    >>> from fastinit.conformance.reading import read_elements
    >>> from fastinit.conformance.streaming import open_source
    >>> from fastinit.distributions import DISTRIBUTIONS
    >>> law = DISTRIBUTIONS["normal"].law((0.0, 1.0))
    >>> reading = read_elements(open_source(np.ones((2, 3))), law, alpha=1e-6)
    >>> order_sums(reading).rows.round(3).tolist()
    [3.0, 3.0]
    """
    if "order_sums" not in reading.held:
        make = _of_scores if reading.is_scored else _of_state
        reading.held["order_sums"] = make(reading)
    sums: OrderSums = reading.held["order_sums"]
    return sums


def _of_state(reading: Reading) -> OrderSums:
    """Sums of a scan."""
    state = reading.state
    lags, magnitudes, rows, columns = (
        sums / FIXED_POINT
        for sums in (state.lags, state.magnitude_lags, state.rows, state.columns)
    )
    return OrderSums(
        lags, magnitudes, rows, columns, *_sizes(reading), reading.target.kurtosis
    )


def _of_scores(reading: Reading) -> OrderSums:
    """Sums of normal scores."""
    plan, standard = reading.plan, reading.normal_scores
    n = standard.size
    multiply = compiled(sum_loops.multiply_lags, reorders_sums=True)
    lags = np.zeros(plan.lags.size)
    multiply(standard, n, plan.lags, lags)
    distances = (np.abs(standard) - np.float32(_MAGNITUDE[0])) / np.float32(
        _MAGNITUDE[1]
    )
    magnitudes = np.zeros(plan.magnitude_lags.size)
    multiply(distances, n, plan.magnitude_lags, magnitudes)
    row_sizes, column_sizes = _sizes(reading)
    rows, columns = np.zeros(row_sizes.size), np.zeros(column_sizes.size)
    if rows.size:
        loop = compiled(sum_loops.sum_rows, reorders_sums=True)
        loop(standard, 0, plan.row_length, rows)
    if columns.size:
        compiled(sum_loops.sum_columns)(standard, 0, columns)
    return OrderSums(lags, magnitudes, rows, columns, row_sizes, column_sizes, 3.0)


def _sizes(reading: Reading) -> tuple[Float64Array, Float64Array]:
    """Elements of every row and column of the plan."""
    plan, n = reading.plan, reading.source.n
    rows = np.zeros(0)
    if plan.row_length:
        rows = np.full(-(-n // plan.row_length), float(plan.row_length))
        rows[-1] = n - plan.row_length * (rows.size - 1)
    columns = np.zeros(0)
    if plan.n_columns:
        columns = np.full(plan.n_columns, float(n // plan.n_columns))
    return rows, columns
