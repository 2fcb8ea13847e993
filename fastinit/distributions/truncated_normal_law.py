"""The law of a truncated normal, valid however far out in a tail it lies.

Where both bounds lie on one side of the mean, probabilities are ratios of tails that
may be smaller than any float64, so they are differences of logarithms; where the
interval is narrow, the density is integrated from a bound, so that nothing cancels.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from fastinit.distributions.constant import constant_law
from fastinit.distributions.law import Float64Array, Law
from fastinit.distributions.normal_tails import exact, truncated_moments

__all__ = ["standard_bounds", "truncated_normal_law"]

#: Below this change of -ln(density) over the interval the density is integrated.
NARROW = 4.0
#: Nodes of the Gauss-Legendre rule: exact to a float64 for such an integrand.
NODES = 16
LN_2 = float.fromhex("0x1.62e42fefa39efp-1")


def standard_bounds(
    mean: float, std: float, a: float, b: float
) -> tuple[Decimal, Decimal]:
    """Bounds in units of std, relative to the mean, not rounded to float64.

    Parameters
    ----------
    mean, std : float
        Of the normal law that is truncated; finite, std > 0.
    a, b : float
        Bounds of the values, a < b, either may be infinite.

    Returns
    -------
    lower, upper : Decimal
        (a - mean) / std and (b - mean) / std.

    Examples
    --------
    >>> lower, upper = standard_bounds(1.0, 0.5, 0.0, 2.0)
    >>> int(lower), int(upper)
    (-2, 2)
    """
    with exact():
        centre, unit = Decimal(mean), Decimal(std)
        return (Decimal(a) - centre) / unit, (Decimal(b) - centre) / unit


@dataclass(frozen=True)
class _Standard:
    """Distribution function of a standard normal truncated to [lower, upper].

    Values come as their distances from the lower bound and from the upper one, of
    which the finite ones are exact; lower + upper >= 0.
    """

    lower: float
    upper: float
    width: float

    @property
    def is_narrow(self) -> bool:
        return self.width * (max(abs(self.lower), 1.0) + self.width) < NARROW

    def below(self, x: Float64Array, rise: Float64Array) -> Float64Array:
        """P(X <= x), of x and its distance from the lower bound."""
        if self.is_narrow:
            return _integral(self.lower, rise) / _integral(self.lower, self.width)
        from scipy.special import expm1, log_ndtr, ndtr

        if self.lower <= 0:
            whole = ndtr(self.upper) - ndtr(self.lower)
            return np.asarray((ndtr(x) - ndtr(self.lower)) / whole)
        start = log_ndtr(-self.lower)
        whole = expm1(log_ndtr(-self.upper) - start)
        return np.asarray(expm1(log_ndtr(-x) - start) / whole)

    def above(self, x: Float64Array, rest: Float64Array) -> Float64Array:
        """P(X > x), of x and its distance from the upper bound."""
        if self.is_narrow:
            whole = _integral(-self.upper, self.width)
            return _integral(-self.upper, rest) / whole
        from scipy.special import exp2, expm1, log_ndtr, ndtr

        if self.lower <= 0:
            whole = ndtr(-self.lower) - ndtr(-self.upper)
            return np.asarray((ndtr(-x) - ndtr(-self.upper)) / whole)
        start, end = log_ndtr(-self.lower), log_ndtr(-self.upper)
        at = np.asarray(log_ndtr(-x))
        # exp(at) - exp(end) over exp(start) - exp(end); end may be -inf.
        rest_of = np.subtract(end, at, out=np.zeros_like(at), where=at > end)
        drop = -expm1(rest_of)
        return np.asarray(exp2((at - start) / LN_2) * drop / -expm1(end - start))


def _integral(start: float, length: Any) -> Float64Array:
    """Integral of exp(-start s - s^2 / 2) over s from 0 to length."""
    # The import of numpy.polynomial takes longer than a fill.
    from numpy.polynomial.legendre import leggauss
    from scipy.special import exp2

    half = 0.5 * np.asarray(length, np.float64)
    total = np.zeros_like(half)
    for node, weight in zip(*leggauss(NODES), strict=True):
        s = half * (1.0 + node)
        total += weight * exp2(-s * (start + 0.5 * s) / LN_2)
    return total * half


def truncated_normal_law(parameters: tuple[Any, ...]) -> Law:
    """Law of a normal truncated to [a, b].

    Parameters
    ----------
    parameters : tuple of 4 floats
        mean and std of the normal law, and the bounds a and b of the values.

    Returns
    -------
    law : Law
        Its mean, std and kurtosis are those after the truncation.

    Examples
    --------
    >>> law = truncated_normal_law((0.0, 1.0, -2.0, 2.0))
    >>> law.std, law.support
    (0.8796256610342398, (-2.0, 2.0))
    """
    mean, std, a, b = (float(value) for value in parameters)
    if std == 0 or a == b:
        return constant_law((min(max(mean, a), b),))
    lower, upper = standard_bounds(mean, std, a, b)
    moments = truncated_moments(lower, upper)
    with exact():
        # No sum: both may be infinite.
        is_mirrored = upper < -lower
        ends = (-upper, -lower) if is_mirrored else (lower, upper)
        standard = _Standard(*(float(x) for x in (*ends, upper - lower)))
        centre = float(Decimal(mean) + Decimal(std) * Decimal(moments.mean))

    def standardised(x: Any) -> tuple[Float64Array, Float64Array, Float64Array]:
        inside = np.clip(np.asarray(x, np.float64), a, b)
        # Distances of infinite ends are not used where they would be NaN.
        with np.errstate(invalid="ignore"):
            rise, rest = (inside - a) / std, (b - inside) / std
        z = (inside - mean) / std
        return (-z, rest, rise) if is_mirrored else (z, rise, rest)

    def cdf(x: Float64Array) -> Float64Array:
        z, rise, rest = standardised(x)
        return standard.above(z, rest) if is_mirrored else standard.below(z, rise)

    def sf(x: Float64Array) -> Float64Array:
        z, rise, rest = standardised(x)
        return standard.below(z, rise) if is_mirrored else standard.above(z, rest)

    return Law(
        *("truncated_normal", (mean, std, a, b), cdf, sf),
        *(min(max(centre, a), b), std * moments.std, moments.kurtosis, (a, b)),
        is_closed=True,
    )
