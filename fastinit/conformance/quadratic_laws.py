"""Laws of the Cramer-von Mises and Anderson-Darling statistics, tails included.

Both limits are sums of weighted chi-squares whose characteristic functions are
elementary, so Smirnov's formula gives the tail as a short series of integrals over
the gaps between their poles, each with full relative accuracy.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["anderson_darling_p_value", "cramer_von_mises_p_value"]

Float64Array = np.ndarray[Any, np.dtype[np.float64]]

#: Gaps that are summed; a statistic whose series needs more has p = 1.
GAPS = 60
#: Nodes of a gap: both ends are inverse square roots, which these nodes integrate.
NODES = 48
#: Below, the statistic is smaller than any series of GAPS gaps resolves, and
#: P(statistic <= it) is under 1e-9.
SMALLEST = {"cramer_von_mises": 0.0125, "anderson_darling": 0.09}
#: From here down the correction for finite n is left out: the limit is heavier.
TAIL = 1e-5


def _cramer_von_mises_poles(k: Float64Array) -> Float64Array:
    return np.square(math.pi * k)


def _cramer_von_mises_transform(u: Float64Array) -> Float64Array:
    root = np.sqrt(u)
    return np.asarray(np.sin(root) / root)


def _anderson_darling_poles(k: Float64Array) -> Float64Array:
    return k * (k + 1.0)


def _anderson_darling_transform(u: Float64Array) -> Float64Array:
    return np.asarray(-np.cos(0.5 * math.pi * np.sqrt(1.0 + 4.0 * u)) / (math.pi * u))


_LAWS: dict[str, tuple[Callable[..., Float64Array], Callable[..., Float64Array]]] = {
    "cramer_von_mises": (_cramer_von_mises_poles, _cramer_von_mises_transform),
    "anderson_darling": (_anderson_darling_poles, _anderson_darling_transform),
}


@functools.cache
def _series(name: str) -> tuple[Float64Array, Float64Array]:
    """Points of all gaps and weights, such that p = sum of weight exp(-point z / 2)."""
    poles, transform = _LAWS[name]
    k = np.arange(1, GAPS + 1, dtype=np.float64)
    low, high = poles(2.0 * k - 1.0)[:, None], poles(2.0 * k)[:, None]
    angle = math.pi * (np.arange(NODES) + 0.5) / NODES
    u = 0.5 * (low + high) - 0.5 * (high - low) * np.cos(angle)
    # The integrand is smooth but for 1 / sqrt((u - low)(high - u)), which is the
    # weight of these nodes.
    smooth = np.sqrt((u - low) * (high - u) / np.abs(transform(u))) / u
    sign = np.where(k % 2 == 1, 1.0, -1.0)[:, None]
    return u.ravel(), (sign * smooth / NODES).ravel()


def _limit(name: str, statistic: float) -> float:
    """P(limit >= statistic)."""
    if statistic < SMALLEST[name]:
        return 1.0
    points, weights = _series(name)
    tail = float(np.sum(weights * np.exp(-0.5 * statistic * points)))
    return min(max(tail, 0.0), 1.0)


def cramer_von_mises_p_value(statistic: float, n: int) -> float:
    """Probability of a Cramer-von Mises statistic at least as large.

    Parameters
    ----------
    statistic : float
        n times the integral of (F_n - F)^2 dF, >= 1 / (12 n).
    n : int
        Number of elements, >= 0.

    Returns
    -------
    p_value : float
        In [0, 1]; 1 for n = 0; exact for n = 1.

    References
    ----------
    Smirnov (1937), "On the distribution of the omega-squared criterion"; Csorgo &
    Faraway (1996), "The exact and asymptotic distributions of Cramer-von Mises
    statistics", eq. 1.8, for the term in 1 / n.

    Examples
    --------
    >>> round(cramer_von_mises_p_value(0.46136, 10**9), 4)
    0.05
    """
    if n == 0:
        return 1.0
    if n == 1:
        # 1/12 + (u - 1/2)^2.
        return max(0.0, 1.0 - 2.0 * math.sqrt(max(statistic - 1.0 / 12.0, 0.0)))
    p = _limit("cramer_von_mises", statistic)
    if p < TAIL:
        return p
    from fastinit.conformance.finite_corrections import cramer_von_mises_term

    term = cramer_von_mises_term(statistic) + (1.0 - p) / 12.0
    return _corrected(p, term / n)


def anderson_darling_p_value(statistic: float, n: int) -> float:
    """Probability of an Anderson-Darling statistic at least as large.

    Parameters
    ----------
    statistic : float
        n times the integral of (F_n - F)^2 / (F (1 - F)) dF, all parameters known.
    n : int
        Number of elements, >= 0.

    Returns
    -------
    p_value : float
        In [0, 1]; 1 for n = 0; exact for n = 1; elsewhere within 1e-4 of the truth
        from n = 8 on.

    References
    ----------
    Anderson & Darling (1952), "Asymptotic theory of certain goodness of fit
    criteria"; Marsaglia & Marsaglia (2004), "Evaluating the Anderson-Darling
    distribution", for the term of finite n.

    Examples
    --------
    >>> round(anderson_darling_p_value(2.492, 10**9), 3)
    0.05
    """
    if n == 0:
        return 1.0
    if n == 1:
        # -1 - log(u (1 - u)) with a u on either side of the middle.
        product = math.exp(-1.0 - statistic)
        root = math.sqrt(max(1.0 - 4.0 * product, 0.0))
        return 4.0 * product / (1.0 + root) if root < 1.0 else 2.0 * product
    p = _limit("anderson_darling", statistic)
    if p < TAIL:
        # A few elements have a heavier tail: by 2.3 for 2, by 1.4 for 8 (sampled
        # with importance weights down to 1e-9).
        return p * (1.0 + 3.0 / n)
    from fastinit.conformance.finite_corrections import anderson_darling_term

    return _corrected(p, anderson_darling_term(1.0 - p, n))


def _corrected(p: float, term: float) -> float:
    """Tail without a term that must stay a correction, however small n is."""
    return min(max(p - term, 0.1 * p), 1.0)
