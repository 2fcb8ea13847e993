"""Constants: every element equals one value, to the last bit of its meaning."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from fastinit.conformance.facts import CHUNK, facts_of
from fastinit.conformance.streaming import Source, open_source
from fastinit.conformance.verdict import Facts, TestResult
from fastinit.dtypes import Dtype, numpy_dtype
from fastinit.errors import ArgumentError

__all__ = ["compare_constant", "rounded_constant"]


def rounded_constant(value: float, dtype: Dtype) -> np.ndarray[Any, Any]:
    """Round a constant as a fill of the dtype does.

    Parameters
    ----------
    value : float
        The constant, not NaN.
    dtype : Dtype
        Any dtype.

    Returns
    -------
    constant : array, shape ()
        Rounded to nearest even, through float32 for the dtypes whose arithmetic is
        float32, saturating at the largest finite value; True where a bool gets
        anything but 0.

    Raises
    ------
    ArgumentError
        If `value` is NaN, or is not a value of an integer dtype.

    Examples
    --------
    >>> from fastinit.dtypes import dtype_of
    >>> float(rounded_constant(0.1, dtype_of("bfloat16")))
    0.10009765625
    """
    target = numpy_dtype(dtype.name)
    if math.isnan(value) or (dtype.kind == "integer" and not _fits(value, target)):
        raise ArgumentError(
            f"constant {value!r} was given for {dtype.name}",
            "a constant is a value of the dtype of the array",
            "give a value of that dtype, or check against another law",
        )
    if not dtype.is_float:
        return np.asarray(
            int(value) if dtype.kind == "integer" else value, dtype=target
        )
    if math.isfinite(value):
        value = min(max(value, -dtype.max_finite), dtype.max_finite)
    wide = np.float64 if dtype.precision == 64 else np.float32
    return np.asarray(wide(value)).astype(target)


def compare_constant(
    values: Any, constant: np.ndarray[Any, Any]
) -> tuple[TestResult, Facts]:
    """Compare every element with one value.

    Parameters
    ----------
    values : array or Source, any shape
        The elements; read only.
    constant : array, shape ()
        The value, of the same dtype; -0 equals +0.

    Returns
    -------
    test : TestResult
        Failed with p = 0 if any element differs; the statistic is their number.
    facts : Facts
        What the array holds.

    Examples
    --------
    >>> test, facts = compare_constant(np.array([1, 1, 3]), np.array(1))
    >>> test.detail
    '1 of 3 elements differ from 1; the first, at flat index 2, is 3'
    """
    source = open_source(values)
    n_wrong, first, found = 0, -1, None
    for position, chunk in enumerate(_chunks(source)):
        wrong = np.flatnonzero(chunk != constant)
        if wrong.size and first < 0:
            first, found = position * CHUNK + int(wrong[0]), chunk[wrong[0]]
        n_wrong += wrong.size
    detail = f"all {source.n:,} elements equal {constant}"
    if n_wrong:
        detail = (
            f"{n_wrong:,} of {source.n:,} elements differ from {constant}; the first, "
            f"at flat index {first:,}, is {found}"
        )
    p_value = 0.0 if n_wrong else 1.0
    share = n_wrong / max(source.n, 1)
    test = TestResult(
        "constant", float(n_wrong), p_value, p_value, share, 0.0, not n_wrong, detail
    )
    return test, _facts(source, float(constant))


def _fits(value: float, dtype: np.dtype[Any]) -> bool:
    """Whether an integer dtype has this value."""
    limits = np.iinfo(dtype)
    # An int is compared as it is: float64 has no integers of its own beyond 2^53.
    whole = isinstance(value, int) or value.is_integer()
    return whole and limits.min <= int(value) <= limits.max


def _chunks(source: Source) -> Iterator[Any]:
    """Consecutive parts of all elements."""
    for start in range(0, source.n, CHUNK):
        stop = min(start + CHUNK, source.n)
        source.prepare(stop, min(stop + CHUNK, source.n))
        yield source.read(start, stop)
        source.release(start, stop)


def _facts(source: Source, centre: float) -> Facts:
    """Facts of the elements of any dtype, in one pass."""
    centre = centre if math.isfinite(centre) else 0.0
    n, n_nan, low, high = 0, 0, math.inf, -math.inf
    shift = square = 0.0
    # Garbage near the largest float64 overflows; the facts then say inf.
    with np.errstate(over="ignore", invalid="ignore"):
        for part in _chunks(source):
            chunk = part.astype(np.float64)
            n_nan += int(np.count_nonzero(np.isnan(chunk)))
            finite = chunk[np.isfinite(chunk)]
            if finite.size:
                n += finite.size
                low = min(low, float(finite.min()))
                high = max(high, float(finite.max()))
                finite -= centre
                shift += float(np.sum(finite))
                square += float(np.sum(np.square(finite)))
    ends = (low, high) if n else (math.nan, math.nan)
    moments = (shift / max(n, 1), square / max(n, 1))
    return facts_of(ends, (n_nan, source.n - n - n_nan), (centre, 1.0), moments)
