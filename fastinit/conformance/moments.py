"""p-values of the mean and of the variance that hold at every n.

A normal law has exact answers; what every other law gets is told in `sums`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit.conformance.quantised import Cells, fine_cells
from fastinit.conformance.sums import normal_p_value, sum_p_value
from fastinit.distributions.law import Law

__all__ = [
    "EXACT_CHI_SQUARE_LIMIT",
    "Target",
    "chi_square_p_value",
    "mean_p_value",
    "rounded_target",
    "smooth_target",
    "variance_p_value",
]

Float64Array = np.ndarray[Any, np.dtype[np.float64]]

#: SciPy's lower incomplete gamma loses digits in the tail from n = 1e6 on (a factor of
#: 20 at 1e11), so from here the cube root takes over: 1e-4 off at five sigma.
EXACT_CHI_SQUARE_LIMIT = 100_000

#: Rounding can collapse a law to one value: of 1e12 elements none would differ with
#: probability 1 - 1e-6.
ATOM_RESIDUE = 1e-18


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
    return sum_p_value(z / math.sqrt(n), values, weights, n)


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
    return sum_p_value(ratio, np.square(values), weights, n)


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


def _standardised(target: Target, cells: Cells) -> tuple[Float64Array, Float64Array]:
    """Values in std from the mean, and probabilities, where these are not 0."""
    occurs = cells.probabilities > 0.0
    values = (cells.values[occurs] - target.mean) / target.std
    return values, cells.probabilities[occurs]
