"""Terms that lead from the limit laws of two statistics to those of n elements."""

from __future__ import annotations

import math

__all__ = ["anderson_darling_term", "cramer_von_mises_term"]

#: Terms of the series; it ends where they fall below the last digit of 1 / n.
_TERMS = 60
_SMALLEST = 1e-13


def cramer_von_mises_term(statistic: float) -> float:
    """Coefficient of 1 / n in the distribution function of Cramer-von Mises.

    Parameters
    ----------
    statistic : float
        The statistic, > 0.

    Returns
    -------
    term : float
        n (P(W_n <= statistic) - P(W <= statistic)) as n grows, without the part
        P(W <= statistic) / 12.

    References
    ----------
    Csorgo & Faraway (1996), "The exact and asymptotic distributions of Cramer-von
    Mises statistics", eq. 1.10.

    Examples
    --------
    >>> round(cramer_von_mises_term(0.2), 3)
    -0.084
    """
    total = 0.0
    for k in range(_TERMS):
        term = _term(k, statistic) / (math.pi * math.gamma(k + 1))
        total -= term
        if abs(term) < _SMALLEST:
            break
    return total


def _term(k: int, x: float) -> float:
    """A_k(x) of the paper."""
    odd, root = 2 * k + 1, 2.0 * math.sqrt(x)
    before, at, after = ((4 * k + shift) / root for shift in (1, 3, 5))
    half, whole = math.gamma(k + 0.5), math.gamma(k + 1.5)
    second = half * odd / x**0.75
    second *= _second(at) / 9.0 + 7.0 * (_second(before) + _second(after)) / 144.0
    third = half * _third(before) / 72.0 + whole * (odd + 2) * _third(after) / 6.0
    return float(second + third / x**1.25)


def _second(y: float) -> float:
    """Parabolic cylinder function D_{3/2} with its exponential."""
    from scipy.special import kv

    z = 0.25 * y * y
    bessel = float(kv(0.25, z) + kv(0.75, z))
    return float(math.exp(-z) * (0.5 * y) ** 1.5 * bessel / math.sqrt(math.pi))


def _third(y: float) -> float:
    """Parabolic cylinder function D_{5/2} with its exponential."""
    from scipy.special import kv

    z = 0.25 * y * y
    bessel = float(2.0 * kv(0.25, z) + 3.0 * kv(0.75, z) - kv(1.25, z))
    return float(math.exp(-z) * (0.5 * y) ** 2.5 * bessel / math.sqrt(math.pi))


def anderson_darling_term(below: float, n: int) -> float:
    """What the distribution function of Anderson-Darling has at n beside its limit.

    Parameters
    ----------
    below : float
        The limit function at the statistic, in [0, 1].
    n : int
        Number of elements, >= 2.

    Returns
    -------
    term : float
        P(A_n <= statistic) - P(A <= statistic), within 1e-5 or so from n = 8 on.

    References
    ----------
    Marsaglia & Marsaglia (2004), "Evaluating the Anderson-Darling distribution",
    function errfix.

    Examples
    --------
    >>> round(anderson_darling_term(0.5, 10), 4)
    0.0036
    """
    if below > 0.8:
        powers = (-130.2137, 745.2337, -1705.091, 1950.646, -1116.360, 255.7844)
        return sum(c * below**k for k, c in enumerate(powers)) / n
    edge = 0.01265 + 0.1757 / n
    if below < edge:
        t = below / edge
        shape = math.sqrt(t) * (1.0 - t) * (49.0 * t - 102.0)
        return shape * (0.0037 / n**3 + 0.00078 / n**2 + 0.00006 / n)
    t = (below - edge) / (0.8 - edge)
    powers = (-0.00022633, 6.54034, -14.6538, 14.458, -8.259, 1.91864)
    shape = sum(c * t**k for k, c in enumerate(powers))
    return shape * (0.04213 / n + 0.01365 / n**2)
