"""p-values of sums of independent terms with a known law, in the tails too.

The normal approximation is used only where its error at six sigma is below 5 %. Below
that, the saddlepoint approximation keeps its relative accuracy however far out; for a
handful of terms, or terms of few values, Chernoff's bound holds whatever the law.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

__all__ = [
    "chernoff_p_value",
    "normal_p_value",
    "saddlepoint_p_value",
    "sum_p_value",
]

Float64Array = np.ndarray[Any, np.dtype[np.float64]]

#: Where the error of the normal approximation is looked at: p = 2e-9, well below a
#: family-wise 1e-6 shared by hundreds of tests.
EDGE_SIGMA = 6.0
EDGE_ERROR = 0.05

#: Terms from which on the saddlepoint is within a few percent, and the largest atom of
#: a term for which sums have no steps to speak of.
SADDLEPOINT_TERMS = 32
DENSE_ATOM = 0.02

#: Newton steps of the Chernoff bound; stopping early leaves a valid, weaker bound.
NEWTON_STEPS = 100


def normal_p_value(z: float) -> float:
    """Two-sided p-value of a standard normal statistic.

    Parameters
    ----------
    z : float
        The statistic, dimensionless.

    Returns
    -------
    p_value : float
        P(|Z| >= |z|), in [0, 1]; 0 for a NaN, which only an overflow makes.

    Examples
    --------
    >>> round(normal_p_value(-4.891638), 9)
    1e-06
    """
    from scipy.special import ndtr

    return 0.0 if math.isnan(z) else 2.0 * float(ndtr(-abs(z)))


def chernoff_p_value(
    observed: float, values: Float64Array, weights: Float64Array, n: int
) -> float:
    """Upper bound of the two-sided p-value of a mean of n independent values.

    Parameters
    ----------
    observed : float
        The mean that was observed.
    values : float64 array, shape (k,)
        What one term can be.
    weights : float64 array, shape (k,)
        Their probabilities, > 0.
    n : int
        Number of terms, >= 1.

    Returns
    -------
    p_value : float
        min(1, 2 exp(-n I)), I = sup_s (s * observed - ln E exp(s Y)), in [0, 1].

    Notes
    -----
    Every s gives a valid bound, so the search for the best one may stop anywhere.

    References
    ----------
    Chernoff (1952), "A measure of asymptotic efficiency for tests of a hypothesis
    based on the sum of observations".

    Examples
    --------
    >>> fair = np.array([0.0, 1.0]), np.array([0.5, 0.5])
    >>> chernoff_p_value(1.0, *fair, n=20) < 2 * 0.5**20 * 1.01
    True
    """
    rate, _, _ = _saddlepoint(observed, values, weights, n)
    return min(1.0, 2.0 * math.exp(-n * max(rate, 0.0)))


def saddlepoint_p_value(
    observed: float, values: Float64Array, weights: Float64Array, n: int
) -> float:
    """Two-sided p-value of a mean of n independent values, by its saddlepoint.

    Parameters
    ----------
    observed : float
        The mean that was observed.
    values : float64 array, shape (k,)
        What one term can be; many values, so that their sums have no steps.
    weights : float64 array, shape (k,)
        Their probabilities, > 0.
    n : int
        Number of terms; the relative error falls as 1 / n, in the tails too.

    Returns
    -------
    p_value : float
        In [0, 1].

    References
    ----------
    Lugannani & Rice (1980), "Saddle point approximation for the distribution of the
    sum of independent random variables".

    Examples
    --------
    >>> grid = (np.arange(1000) + 0.5) / 1000
    >>> round(saddlepoint_p_value(0.5, grid, np.full(1000, 0.001), n=30), 3)
    1.0
    """
    from scipy.special import ndtr

    rate, tilt, curvature = _saddlepoint(observed, values, weights, n)
    root = math.copysign(math.sqrt(2.0 * n * max(rate, 0.0)), tilt)
    if abs(root) < 1e-3 or curvature <= 0.0:
        # Both terms of the correction are infinite here, and their difference small.
        return chernoff_p_value(observed, values, weights, n) if curvature <= 0 else 1.0
    density = math.exp(-0.5 * root * root) / math.sqrt(2.0 * math.pi)
    excess = density * (1.0 / (tilt * math.sqrt(n * curvature)) - 1.0 / root)
    upper, lower = float(ndtr(-root)) + excess, float(ndtr(root)) - excess
    return min(1.0, max(0.0, 2.0 * min(upper, lower)))


def _saddlepoint(
    observed: float, values: Float64Array, weights: Float64Array, n: int
) -> tuple[float, float, float]:
    """Largest rate s t - K(s), where it is, and the curvature of K there."""
    inside = min(max(observed, float(values.min())), float(values.max()))
    best = -math.inf
    tilt = base = step = found = 0.0
    for _ in range(NEWTON_STEPS):
        rate, slope, curvature = _tilted(tilt, inside, values, weights)
        if rate < best:
            # The rate is concave, so an overshoot needs only a shorter step.
            step /= 2.0
        else:
            best, base, found = rate, tilt, curvature
            step = slope / curvature if curvature > 0.0 else 0.0
            # Far out the curvature vanishes, and a whole step would never return.
            if tilt != 0.0:
                step = min(max(step, -2.0 * abs(tilt)), 2.0 * abs(tilt))
        if n * abs(step * slope) < 1e-6:
            break
        tilt = base + step
    return best, base, found


def _tilted(
    tilt: float, observed: float, values: Float64Array, weights: Float64Array
) -> tuple[float, float, float]:
    """Rate s * t - K(s), its first derivative, and minus its second."""
    exponents = tilt * (values - observed)
    largest = float(exponents.max())
    tilted = weights * np.exp(exponents - largest)
    total = float(tilted.sum())
    mean = float(np.sum(tilted * (values - observed))) / total
    square = float(np.sum(tilted * np.square(values - observed - mean))) / total
    return -(largest + math.log(total)), -mean, square


def sum_p_value(
    observed: float, values: Float64Array, weights: Float64Array, n: int
) -> float:
    """Two-sided p-value of a mean of n independent terms.

    Parameters
    ----------
    observed : float
        The mean that was observed.
    values : float64 array, shape (k,)
        What one term can be.
    weights : float64 array, shape (k,)
        Their probabilities, > 0.
    n : int
        Number of terms, >= 1.

    Returns
    -------
    p_value : float
        In [0, 1]: normal where that is within 5 % at six sigma, else by the
        saddlepoint, and for few terms or few values Chernoff's bound.

    Examples
    --------
    >>> fair = np.array([-1.0, 1.0]), np.array([0.5, 0.5])
    >>> round(sum_p_value(0.01, *fair, n=10**6), 25) < 1e-22
    True
    """
    if math.isnan(observed) or math.isinf(observed):
        return 0.0
    mean = float(np.sum(weights * values))
    deviations = values - mean
    variance = float(np.sum(weights * np.square(deviations)))
    if variance < 1e-24:
        # All terms are equal, as the squares of a fair coin are.
        return 1.0 if abs(observed - mean) < 1e-9 else 0.0
    if _normal_error(deviations / math.sqrt(variance), weights, n) < EDGE_ERROR:
        return normal_p_value((observed - mean) * math.sqrt(n / variance))
    is_dense = float(weights.max()) <= DENSE_ATOM
    if is_dense and n >= SADDLEPOINT_TERMS:
        return saddlepoint_p_value(observed, values, weights, n)
    return chernoff_p_value(observed, values, weights, n)


def _normal_error(standard: Float64Array, weights: Float64Array, n: int) -> float:
    """Relative error of the normal tail at six sigma: Edgeworth's leading terms."""
    # Overflow means a law of extreme skewness, and infinity is the right answer.
    with np.errstate(over="ignore", invalid="ignore"):
        squares = np.square(standard)
        skewness = float(np.sum(weights * squares * standard))
        excess = float(np.sum(weights * np.square(squares))) - 3.0
    return abs(skewness) * EDGE_SIGMA**3 / (6.0 * math.sqrt(n)) + abs(
        excess
    ) * EDGE_SIGMA**4 / (24.0 * n)
