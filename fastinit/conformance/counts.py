"""p-values of counts: binomial, Poisson and chi-square, at any size."""

from __future__ import annotations

import bisect
import math
from typing import Any

import numpy as np

__all__ = [
    "at_least_p_value",
    "binomial_p_value",
    "chi_square_of",
    "grouped",
    "poisson_p_value",
    "smallest_of",
]

Float64Array = np.ndarray[Any, np.dtype[np.float64]]

#: Variance from which on a binomial law is normal with its skewness: the next term
#: of the expansion is below 1e-3 at eight sigma.
NORMAL_VARIANCE = 1e7


def smallest_of(p_values: Any) -> float:
    """p-value of the smallest of independent p-values.

    Parameters
    ----------
    p_values : sequence of float
        In [0, 1], not empty.

    Returns
    -------
    p_value : float
        1 - (1 - min)^m, accurate for small ones.

    Examples
    --------
    >>> round(smallest_of([0.5, 0.01]), 4)
    0.0199
    """
    p = np.asarray(p_values, dtype=np.float64)
    smallest = float(p.min())
    if smallest >= 1.0:
        return 1.0
    return -math.expm1(p.size * math.log1p(-smallest))


def at_least_p_value(count: float, n: float, probability: float) -> float:
    """Probability of at least so many successes.

    Parameters
    ----------
    count : float
        Successes, in [0, n].
    n : float
        Trials, up to 10^12 and beyond.
    probability : float
        Of a success, in [0, 1].

    Returns
    -------
    p_value : float
        P(K >= count) for K of Binomial(n, probability).

    Examples
    --------
    >>> at_least_p_value(1, 10, 0.0)
    0.0
    >>> round(at_least_p_value(8, 10, 0.5), 4)
    0.0547
    """
    if count <= 0:
        return 1.0
    if probability <= 0.0:
        return 0.0
    if probability >= 1.0:
        return 1.0
    from scipy.special import betainc, gammainc, ndtr

    variance = n * probability * (1.0 - probability)
    if variance > NORMAL_VARIANCE:
        return float(ndtr(-_corrected_z(count, n, probability, variance)))
    if probability < 1e-6 and n > 1e6:
        return float(gammainc(count, n * probability))
    return float(betainc(count, n - count + 1.0, probability))


def _corrected_z(count: float, n: float, probability: float, variance: float) -> float:
    """Normal quantile of K >= count: continuity and skewness corrected."""
    z = (count - 0.5 - n * probability) / math.sqrt(variance)
    skewness = (1.0 - 2.0 * probability) / math.sqrt(variance)
    # Cornish and Fisher's inverse expansion, first term.
    return z - skewness * (z * z - 1.0) / 6.0


def binomial_p_value(count: float, n: float, probability: float) -> float:
    """Two-sided p-value of a number of successes.

    Parameters
    ----------
    count : float
        Successes, in [0, n].
    n : float
        Trials.
    probability : float
        Of a success, in [0, 1].

    Returns
    -------
    p_value : float
        Twice the smaller tail, at most 1; never too small.

    Examples
    --------
    >>> binomial_p_value(5, 10, 0.5)
    1.0
    """
    upper = at_least_p_value(count, n, probability)
    lower = at_least_p_value(n - count, n, 1.0 - probability)
    return min(1.0, 2.0 * min(upper, lower))


def poisson_p_value(count: float, expected: float) -> float:
    """Probability of at least so many rare events.

    Parameters
    ----------
    count : float
        Events, >= 0.
    expected : float
        Their expected number, >= 0.

    Returns
    -------
    p_value : float
        P(K >= count), in [0, 1].

    Examples
    --------
    >>> round(poisson_p_value(1, 0.01), 5)
    0.00995
    """
    if count <= 0:
        return 1.0
    from scipy.special import gammainc

    return float(gammainc(count, expected))


def grouped(
    counts: Float64Array, probabilities: Float64Array, smallest: float
) -> tuple[Float64Array, Float64Array]:
    """Neighbouring cells joined until each has at least a probability.

    Parameters
    ----------
    counts, probabilities : float64 array, shape (k,)
        Of cells in order.
    smallest : float
        Probability of a group, in (0, 1).

    Returns
    -------
    counts, probabilities : float64 array, shape (m,)
        Of the groups, m >= 1.

    Examples
    --------
    >>> grouped(np.array([1.0, 2.0, 3.0]), np.array([0.2, 0.2, 0.6]), 0.3)
    (array([3., 3.]), array([0.4, 0.6]))
    """
    # A list, because a search in it is ten times as fast as one call of NumPy.
    reached = np.cumsum(probabilities).tolist()
    starts, low = [0], 0.0
    while True:
        stop = bisect.bisect_left(reached, low + smallest * (1.0 - 1e-9)) + 1
        if stop >= len(reached) or reached[-1] - reached[stop - 1] < smallest:
            break
        starts.append(stop)
        low = reached[stop - 1]
    edges = np.array(starts)
    return np.add.reduceat(counts, edges), np.add.reduceat(probabilities, edges)


def chi_square_of(
    counts: Float64Array, probabilities: Float64Array
) -> tuple[float, int, float]:
    """Pearson's statistic of counts against probabilities.

    Parameters
    ----------
    counts : float64 array, shape (k,)
        Elements of each class.
    probabilities : float64 array, shape (k,)
        Probabilities > 0, all of a law.

    Returns
    -------
    statistic : float
        Sum of (observed - expected)^2 / expected.
    dof : int
        k - 1.
    p_value : float
        Two-sided, in [0, 1]: data that fit too well are not random either.

    Examples
    --------
    >>> chi_square_of(np.array([60.0, 40.0]), np.array([0.5, 0.5]))[0]
    4.0
    """
    from scipy.special import gammainc, gammaincc

    expected = probabilities * (counts.sum() / probabilities.sum())
    statistic = float(np.sum(np.square(counts - expected) / expected))
    dof = counts.size - 1
    if dof == 0:
        return statistic, 0, 1.0
    upper = float(gammaincc(dof / 2, statistic / 2))
    lower = float(gammainc(dof / 2, statistic / 2))
    return statistic, dof, min(1.0, 2.0 * min(upper, lower))
