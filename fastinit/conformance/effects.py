"""Half-widths of the intervals around the effects, and the sizes they ask for."""

from __future__ import annotations

import math

from fastinit.conformance.kolmogorov import band_half_width
from fastinit.conformance.verdict import EFFECT_LIMITS

__all__ = ["needed_elements", "scale_half_width", "shift_half_width", "two_sided_sigma"]


def two_sided_sigma(alpha: float) -> float:
    """Quantile of the standard normal law that leaves alpha / 2 on each side.

    Parameters
    ----------
    alpha : float
        Probability, in (0, 1).

    Returns
    -------
    sigma : float
        Dimensionless, > 0.

    Examples
    --------
    >>> round(two_sided_sigma(1e-6), 4)
    4.8916
    """
    from scipy.special import ndtri

    return -float(ndtri(alpha / 2.0))


def shift_half_width(alpha: float, n: int, scale: float) -> float:
    """Half-width of the interval around (sample mean - mean) / std.

    Parameters
    ----------
    alpha : float
        Probability, in (0, 1), that the interval misses.
    n : int
        Number of elements, >= 0.
    scale : float
        Observed std / std, >= 0; a wider sample has a less certain mean.

    Returns
    -------
    half_width : float
        In std, >= 0; infinite for n = 0.

    Examples
    --------
    >>> round(shift_half_width(1e-6, 1_000_000, 1.0), 6)
    0.004892
    """
    if n == 0:
        return math.inf
    return two_sided_sigma(alpha) * max(scale, 1.0) / math.sqrt(n)


def scale_half_width(alpha: float, n: int, scale: float, kurtosis: float) -> float:
    """Half-width of the interval around observed std / std - 1.

    Parameters
    ----------
    alpha : float
        Probability, in (0, 1), that the interval misses.
    n : int
        Number of elements, >= 0.
    scale : float
        Observed std / std, >= 0.
    kurtosis : float
        Fourth central moment of the law / std^4, >= 1.

    Returns
    -------
    half_width : float
        scale * ((1 - e)^(-1/2) - 1) with e = sigma sqrt((kurtosis - 1) / n), >= 0;
        infinite where e >= 1. It is the longer of the two arms of the interval.

    Examples
    --------
    >>> round(scale_half_width(1e-6, 1_000_000, 1.0, 3.0), 5)
    0.00348
    """
    error = two_sided_sigma(alpha) * math.sqrt((kurtosis - 1.0) / n) if n else math.inf
    return scale * (1.0 / math.sqrt(1.0 - error) - 1.0) if error < 1.0 else math.inf


def needed_elements(alpha: float, margin: float, kurtosis: float) -> int:
    """Elements with which a correct array usually conforms.

    Parameters
    ----------
    alpha : float
        False-alarm rate, in (0, 1).
    margin : float
        Tolerated relative error, dimensionless, > 0.
    kurtosis : float
        Fourth central moment of the law / std^4, >= 1.

    Returns
    -------
    n : int
        Two significant digits, >= 1. All half-widths fit with one more standard error
        to spare (for the KS distance 1 / sqrt(n), exceeded once in four times).

    Examples
    --------
    >>> needed_elements(1e-6, 0.1, 3.0)
    5500
    """
    sigma = two_sided_sigma(alpha) + 1.0
    error = 1.0 - 1.0 / (1.0 + margin) ** 2
    n = max(
        ((band_half_width(alpha, 1) + 1.0) / _limit("kolmogorov_smirnov", margin)) ** 2,
        (sigma / _limit("mean", margin)) ** 2,
        (kurtosis - 1.0) * (sigma / error) ** 2,
        1.0,
    )
    unit = int(10 ** max(math.floor(math.log10(n)) - 1, 0))
    return math.ceil(n / unit) * unit


def _limit(test: str, margin: float) -> float:
    return EFFECT_LIMITS[test] * margin
