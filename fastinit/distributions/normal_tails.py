"""Exact tails of the normal law, and moments of its truncations.

Everything that a plan computes for a truncated law becomes part of the stream, so it
may not depend on a C library's exp or erfc. Decimal arithmetic is correctly rounded by
its specification; with 140 digits a result rounded to float64 is the nearest one.
"""

from __future__ import annotations

import math
from contextlib import AbstractContextManager
from dataclasses import dataclass
from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal, localcontext

__all__ = [
    "Moments",
    "centred_probability",
    "exact",
    "truncated_moments",
    "truncated_std",
    "upper_tail",
]

#: Arithmetic of this module: digits enough for the cancellation in fourth moments.
EXACT = Context(prec=140, Emax=MAX_EMAX, Emin=MIN_EMIN)
#: More digits than `EXACT` has.
PI = Decimal(
    "3.1415926535897932384626433832795028841971693993751058209749"
    "445923078164062862089986280348253421170679821480865132823066"
    "47093844609550582231725359408128481117450284102701"
)
#: Up to here a power series gives the integral, beyond it a continued fraction.
SERIES_END = 6
#: Narrower laws than this, in units of std and of the scale of the tail, are uniform
#: to the last digit of a float64.
UNIFORM_WIDTH = Decimal("1e-15")


def exact() -> AbstractContextManager[Context]:
    """Context manager in which Decimal has the digits that this module needs.

    Returns
    -------
    context : context manager
        Decimal arithmetic of 140 digits.

    Examples
    --------
    >>> with exact():
    ...     print(f"{Decimal(1) / 3:.3f}")
    0.333
    """
    return localcontext(EXACT)


def _density(x: Decimal) -> Decimal:
    """exp(-x^2 / 2) / sqrt(2 pi); 0 at infinity."""
    return Decimal(0) if x.is_infinite() else (-x * x / 2).exp() / (2 * PI).sqrt()


def _integral(x: Decimal) -> Decimal:
    """Integral of the density from 0 to x, |x| <= SERIES_END.

    The density times x + x^3 / 3 + x^5 / (3 5) + ...: terms of one sign.
    """
    term, total, k = x, Decimal(0), 1
    while total + term != total:
        total += term
        k += 2
        term *= x * x / k
    return _density(x) * total


def _far_tail(x: Decimal) -> Decimal:
    """Upper tail for x >= SERIES_END, by Laplace's continued fraction."""
    # n steps leave an error of about exp(-2 x sqrt(2 n)), more where n < x^2: for 100
    # digits, checked against mpmath (tests/distributions/test_normal_tails.py).
    steps = int((Decimal(170) / x) ** 2 / 2) + 120
    fraction = x
    for k in range(steps, 0, -1):
        fraction = x + k / fraction
    return _density(x) / fraction


def centred_probability(x: Decimal) -> Decimal:
    """Probability of a standard normal to lie below x, less 1/2.

    Parameters
    ----------
    x : Decimal
        Any number or infinity, within `exact`.

    Returns
    -------
    probability : Decimal
        In [-1/2, 1/2], odd in x, relatively accurate near 0.

    Examples
    --------
    >>> with exact():
    ...     print(f"{centred_probability(Decimal(1)):.6f}")
    0.341345
    """
    if abs(x) <= SERIES_END:
        return _integral(x)
    return (Decimal(1) / 2 - upper_tail(abs(x))).copy_sign(x)


def upper_tail(x: Decimal) -> Decimal:
    """Probability of a standard normal to lie above x.

    Parameters
    ----------
    x : Decimal
        Any number or infinity, within `exact`.

    Returns
    -------
    probability : Decimal
        In [0, 1], relatively accurate: to 100 digits where it is small.

    Examples
    --------
    >>> with exact():
    ...     print(f"{upper_tail(Decimal(38)):.4e}")
    2.8854e-316
    """
    if x.is_infinite():
        return Decimal(0 if x > 0 else 1)
    if abs(x) <= SERIES_END:
        return Decimal(1) / 2 - _integral(x)
    return _far_tail(x) if x > 0 else 1 - _far_tail(-x)


@dataclass(frozen=True)
class Moments:
    """Moments of a truncated standard normal law.

    Attributes
    ----------
    mean : float
        Mean, in units of the std of the law that was truncated.
    std : float
        Standard deviation, in the same unit.
    kurtosis : float
        Fourth central moment over the squared variance, dimensionless.
    """

    mean: float
    std: float
    kurtosis: float


def truncated_moments(lower: Decimal, upper: Decimal) -> Moments:
    """Moments of a standard normal truncated to [lower, upper].

    Parameters
    ----------
    lower, upper : Decimal
        Bounds in units of std, lower < upper; either may be infinite.

    Returns
    -------
    moments : Moments
        The float64 numbers nearest to the exact ones.

    Examples
    --------
    >>> truncated_moments(Decimal(0), Decimal("Infinity")).mean
    0.7978845608028654
    """
    with exact():
        if lower.is_infinite() and upper.is_infinite():
            return Moments(0.0, 1.0, 3.0)
        if (upper - lower) * (1 + min(abs(lower), abs(upper))) < UNIFORM_WIDTH:
            width = float(upper - lower)
            return Moments(float((lower + upper) / 2), width / math.sqrt(12), 1.8)
        return _central(_raw_moments(lower, upper))


def _raw_moments(lower: Decimal, upper: Decimal) -> list[Decimal]:
    """Moments about 0 of order 0 to 4."""
    # Both tails from the side where they are small.
    if lower > 0 or upper < 0:
        mass = abs(upper_tail(abs(lower)) - upper_tail(abs(upper)))
    else:
        mass = centred_probability(upper) - centred_probability(lower)
    # Densities at the bounds times the bounds to the power k - 1; 0 at infinity.
    left, right = (_density(x) for x in (lower, upper))
    moments = [Decimal(0), Decimal(1)]
    for k in range(1, 5):
        moments.append((k - 1) * moments[-2] + (left - right) / mass)
        left *= lower if left else 0
        right *= upper if right else 0
    return moments[1:]


def _central(raw: list[Decimal]) -> Moments:
    """Mean, std and kurtosis of moments about 0."""
    _, m1, m2, m3, m4 = raw
    variance = m2 - m1 * m1
    fourth = m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4
    return Moments(float(m1), float(variance.sqrt()), float(fourth / variance**2))


def truncated_std(lower: float, upper: float) -> float:
    """Standard deviation of a standard normal truncated to [lower, upper].

    A law of std s truncated at `lower` s and `upper` s has `truncated_std` times s;
    divide by it for a variance that is right after the truncation.

    Parameters
    ----------
    lower, upper : float
        Bounds in units of std, lower < upper; either may be infinite.

    Returns
    -------
    std : float
        The float64 nearest to it, on every machine; in (0, 1] where the bounds are on
        both sides of 0.

    Examples
    --------
    >>> truncated_std(-2.0, 2.0)
    0.8796256610342398
    """
    return truncated_moments(Decimal(lower), Decimal(upper)).std
