"""Intervals of medians: their coverage is what is said, by counting all orders."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastinit.compare.intervals import median_interval
from fastinit.errors import ArgumentError


def coverage(n: int, k: int) -> float:
    """Share of all sides of the median on which x(k) to x(n + 1 - k) enclose it."""
    sides = itertools.product((False, True), repeat=n)
    inside = sum(k <= sum(above) <= n - k for above in sides)
    return inside / 2**n


@pytest.mark.parametrize("n", range(1, 15))
def test_coverage_is_that_of_all_orders(n):
    found = median_interval([float(x) for x in range(1, n + 1)])
    k = int(found.low)
    assert found.high == n + 1 - k
    assert found.coverage == pytest.approx(coverage(n, k) if n > 1 else 0.0)
    if n >= 6:
        assert found.coverage >= 0.95
        assert coverage(n, k + 1) < 0.95


@pytest.mark.parametrize(("n", "k"), [(5, 1), (6, 1), (8, 1), (9, 2), (11, 2), (12, 3)])
def test_ranks_of_the_tables(n, k):
    # Conover (1999), "Practical Nonparametric Statistics", table A3, at 95 %.
    assert median_interval(range(1, n + 1)).low == k


@given(st.lists(st.floats(1e-9, 1e9), min_size=1, max_size=40), st.floats(0.5, 0.999))
def test_the_interval_holds_the_median_and_values_of_the_sample(values, confidence):
    found = median_interval(values, confidence)
    assert found.low <= found.median <= found.high
    assert {found.low, found.high} <= set(values)
    assert 0.0 <= found.coverage < 1.0


def test_order_does_not_matter():
    values = [5.0, 1.0, 4.0, 2.0, 3.0, 6.0, 7.0]
    assert median_interval(values) == median_interval(sorted(values))


def test_no_value_is_refused():
    with pytest.raises(ArgumentError, match="needs one"):
        median_interval([])
