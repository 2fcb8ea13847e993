"""Medians with intervals that need no law of the times: order statistics."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from fastinit.errors import ArgumentError

__all__ = ["Interval", "median_interval"]


@dataclass(frozen=True)
class Interval:
    """A median and where the true one lies.

    Attributes
    ----------
    median : float
        Of the sample.
    low, high : float
        Two of the sample's values, low <= median <= high.
    coverage : float
        Probability in [0, 1) that independent measurements enclose the true median.
    """

    median: float
    low: float
    high: float
    coverage: float

    @property
    def spread(self) -> float:
        """Half the width over the median, dimensionless; 0 for a median of 0."""
        return (self.high - self.low) / (2 * self.median) if self.median else 0.0


def median_interval(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """Median with its narrowest symmetric interval of order statistics.

    Parameters
    ----------
    values : sequence of float
        At least one; independent of each other.
    confidence : float
        Least coverage, in (0, 1). Where so few values cannot have it, the interval is
        from the smallest to the largest, and `coverage` says what that is worth.

    Returns
    -------
    interval : Interval
        x(k) to x(n + 1 - k), with coverage 1 - 2 P(Binomial(n, 1/2) < k).

    Raises
    ------
    ArgumentError
        If there is no value.

    References
    ----------
    David & Nagaraja (2003), "Order Statistics", section 7.1.

    Examples
    --------
    >>> median_interval([3.0, 1.0, 2.0, 5.0, 4.0, 6.0])
    Interval(median=3.5, low=1.0, high=6.0, coverage=0.96875)
    """
    if not values:
        raise ArgumentError("no value", "a median needs one", "measure at least once")
    ordered, n = sorted(values), len(values)
    below, best = 0.0, (1, 1.0 - 2.0 * 0.5**n)
    for k in range(1, n // 2 + 1):
        # P(fewer than k of n values lie below the median)
        below += math.comb(n, k - 1) * 0.5**n
        if k > 1 and 1.0 - 2.0 * below < confidence:
            break
        best = (k, 1.0 - 2.0 * below)
    k, coverage = best
    return Interval(
        statistics.median(ordered), ordered[k - 1], ordered[n - k], max(coverage, 0.0)
    )
