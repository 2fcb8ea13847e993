"""p-values of the mean and of the variance that hold at every n.

The normal approximation is used only where its error at six sigma is below 5 %. Below
that, a normal law has exact answers, and every other law gets a Chernoff bound.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit.conformance.quantised import Cells, fine_cells
from fastinit.distributions.law import Law

__all__ = [
    "EXACT_CHI_SQUARE_LIMIT",
    "Target",
    "chernoff_p_value",
    "chi_square_p_value",
    "mean_p_value",
    "normal_p_value",
    "rounded_target",
    "smooth_target",
    "variance_p_value",
]

Float64Array = np.ndarray[Any, np.dtype[np.float64]]

#: SciPy's lower incomplete gamma loses digits in the tail from n = 1e6 on (a factor of
#: 20 at 1e11), so from here the cube root takes over: 1e-4 off at five sigma.
EXACT_CHI_SQUARE_LIMIT = 100_000

#: Where the error of the normal approximation is looked at: p = 2e-9, well below a
#: family-wise 1e-6 shared by hundreds of tests.
EDGE_SIGMA = 6.0
EDGE_ERROR = 0.05

#: Rounding can collapse a law to one value: of 1e12 elements none would differ with
#: probability 1 - 1e-6.
ATOM_RESIDUE = 1e-18

#: Newton steps of the Chernoff bound; stopping early leaves a valid, weaker bound.
NEWTON_STEPS = 100


@dataclass(frozen=True)
class Target:
    """Moments that the sums of a sample are held against.

    Attributes
    ----------
    mean : float
        Mean of one element.
    std : float
        Its standard deviation, > 0.
    kurtosis : float
        Its fourth central moment / std^4, >= 1.
    cells : Cells or None
        The law on finitely many values; None for an exactly normal one.
    """

    mean: float
    std: float
    kurtosis: float
    cells: Cells | None


def smooth_target(law: Law) -> Target:
    """Target of elements that follow a law without rounding.

    Parameters
    ----------
    law : Law
        A law with std > 0.

    Returns
    -------
    target : Target
        With the moments of the law.

    Examples
    --------
    >>> law = Law("normal", (1.0, 2.0), np.sin, np.sin, 1.0, 2.0, 3.0, (-9, 9))
    >>> smooth_target(law)
    Target(mean=1.0, std=2.0, kurtosis=3.0, cells=None)
    """
    cells = None if law.name == "normal" else fine_cells(law)
    return Target(law.mean, law.std, law.kurtosis, cells)


def rounded_target(cells: Cells, centre: float) -> Target:
    """Target of elements that follow a law on finitely many values.

    Parameters
    ----------
    cells : Cells
        The law.
    centre : float
        A point near its mean, about which sums lose no digits.

    Returns
    -------
    target : Target
        With the moments of the cells; std 0 and kurtosis 0 where one value takes all
        but 1e-18 of the probability.

    Examples
    --------
    >>> fair = Cells(np.array([-1.0, 1.0]), np.array([0.5, 0.5]), np.array([0.5, 1.0]))
    >>> rounded_target(fair, 0.0).std
    1.0
    """
    weights = cells.probabilities
    likeliest = int(np.argmax(weights))
    if float(np.sum(np.delete(weights, likeliest))) < ATOM_RESIDUE:
        return Target(float(cells.values[likeliest]), 0.0, 0.0, cells)
    mean = centre + float(np.sum(weights * (cells.values - centre)))
    # Only what can occur: squares of the largest bfloat16 would swamp the rest.
    occurs = weights > 0.0
    squares = np.square(cells.values[occurs] - mean)
    variance = float(np.sum(weights[occurs] * squares))
    kurtosis = float(np.sum(weights[occurs] * np.square(squares / variance)))
    return Target(mean, math.sqrt(variance), kurtosis, cells)


def mean_p_value(z: float, n: int, target: Target) -> float:
    """Two-sided p-value of a sample mean.

    Parameters
    ----------
    z : float
        (sample mean - mean) sqrt(n) / std.
    n : int
        Number of elements, >= 1.
    target : Target
        The law of one element.

    Returns
    -------
    p_value : float
        In [0, 1]; exact for a normal law, an upper bound or within 5 % elsewhere.

    Examples
    --------
    >>> round(mean_p_value(1.96, 5, Target(0.0, 1.0, 3.0, None)), 3)
    0.05
    """
    if target.cells is None:
        return normal_p_value(z)
    values, weights = _standardised(target, target.cells)
    return _sum_p_value(z / math.sqrt(n), values, weights, n)


def variance_p_value(ratio: float, n: int, target: Target) -> float:
    """Two-sided p-value of a sample variance about the specified mean.

    Parameters
    ----------
    ratio : float
        Mean of (x - mean)^2 / std^2, >= 0.
    n : int
        Number of elements, >= 1.
    target : Target
        The law of one element.

    Returns
    -------
    p_value : float
        In [0, 1]; exact for a normal law, an upper bound or within 5 % elsewhere.

    Examples
    --------
    >>> round(variance_p_value(0.004, 1, Target(0.0, 1.0, 3.0, None)), 2)
    0.1
    """
    if target.cells is None:
        return chi_square_p_value(ratio, n)
    values, weights = _standardised(target, target.cells)
    return _sum_p_value(ratio, np.square(values), weights, n)


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


def chi_square_p_value(ratio: float, n: int) -> float:
    """Two-sided p-value of a mean of n squared standard normals.

    Parameters
    ----------
    ratio : float
        The mean of squares, >= 0.
    n : int
        Degrees of freedom, >= 1.

    Returns
    -------
    p_value : float
        Twice the smaller tail of chi-square / n, in [0, 1]; 0 for a NaN.

    References
    ----------
    Wilson & Hilferty (1931), "The distribution of chi-square", for n > 100,000.

    Examples
    --------
    >>> round(chi_square_p_value(3.841459, 1), 6)
    0.1
    """
    from scipy.special import gammainc, gammaincc

    if math.isnan(ratio):
        return 0.0
    if n > EXACT_CHI_SQUARE_LIMIT:
        c = 2.0 / (9.0 * n)
        return normal_p_value((math.cbrt(ratio) - 1.0 + c) / math.sqrt(c))
    lower, upper = gammainc(n / 2, n * ratio / 2), gammaincc(n / 2, n * ratio / 2)
    return min(1.0, 2.0 * float(min(lower, upper)))


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
    inside = min(max(observed, float(values.min())), float(values.max()))
    best = -math.inf
    tilt = base = step = 0.0
    for _ in range(NEWTON_STEPS):
        rate, slope, curvature = _tilted(tilt, inside, values, weights)
        if rate < best:
            # The rate is concave, so an overshoot needs only a shorter step.
            step /= 2.0
        else:
            best, base = rate, tilt
            step = slope / curvature if curvature > 0.0 else 0.0
            # Far out the curvature vanishes, and a whole step would never return.
            if tilt != 0.0:
                step = min(max(step, -2.0 * abs(tilt)), 2.0 * abs(tilt))
        if n * abs(step * slope) < 1e-6:
            break
        tilt = base + step
    return min(1.0, 2.0 * math.exp(-n * max(best, 0.0)))


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


def _standardised(target: Target, cells: Cells) -> tuple[Float64Array, Float64Array]:
    """Values in std from the mean, and probabilities, where these are not 0."""
    occurs = cells.probabilities > 0.0
    values = (cells.values[occurs] - target.mean) / target.std
    return values, cells.probabilities[occurs]


def _sum_p_value(
    observed: float, values: Float64Array, weights: Float64Array, n: int
) -> float:
    """p-value of a mean of n terms: normal where that is accurate, else a bound."""
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
