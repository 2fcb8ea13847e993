"""The laws of complex numbers: of the real part, and of modulus and angle.

A disc makes the parts dependent, so modulus and angle are what tells it from a law
with the same parts. Both laws are exact functions; that of a part is a semicircle for
the uniform disc, and for the truncated normal one an integral without singularities.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from fastinit.distributions.constant import constant_law
from fastinit.distributions.law import Float64Array, Law
from fastinit.distributions.normal import NORMAL
from fastinit.distributions.uniform import UNIFORM

__all__ = [
    "complex_normal_law",
    "disc_law",
    "square_law",
    "truncated_disc_law",
]

#: Probability of a modulus beyond 2 std of a complex normal law.
BEYOND = math.exp(-4.0)
#: Nodes of the integral over the density of a part: its error is below a rounding.
NODES = 40


def complex_normal_law(parameters: tuple[Any, ...]) -> Law:
    """Law of the real part of a complex normal number.

    Parameters
    ----------
    parameters : tuple
        Mean, a number, and std, >= 0.

    Returns
    -------
    law : Law
        Normal with the std divided by sqrt(2).

    Examples
    --------
    >>> complex_normal_law((1 + 2j, 2.0)).std
    1.414213562373095
    """
    mean, std = complex(parameters[0]), float(parameters[1])
    return NORMAL.law((mean.real, std / math.sqrt(2.0)))


def square_law(parameters: tuple[Any, ...]) -> Law:
    """Law of either part of a number of a square.

    Parameters
    ----------
    parameters : tuple of float
        Ends of the interval of the parts.

    Returns
    -------
    law : Law
        Uniform.

    Examples
    --------
    >>> square_law((0.0, 2.0)).mean
    1.0
    """
    return UNIFORM.law(parameters)


def _symmetric(lower: Callable[[Float64Array], Float64Array]) -> tuple[Any, Any]:
    """Distribution function and complement from the lower half of a symmetric law."""

    def cdf(x: Float64Array) -> Float64Array:
        given = np.asarray(x, np.float64)
        half = lower(-np.abs(given))
        return np.where(given < 0.0, half, 1.0 - half)

    def sf(x: Float64Array) -> Float64Array:
        return cdf(-np.asarray(x, np.float64))

    return cdf, sf


def disc_law(parameters: tuple[Any, ...]) -> Law:
    """Law of either part of a number uniform on a disc: a semicircle.

    Parameters
    ----------
    parameters : tuple of 1 float
        Radius, >= 0.

    Returns
    -------
    law : Law
        With a density proportional to sqrt(radius^2 - x^2).

    Examples
    --------
    >>> law = disc_law((2.0,))
    >>> law.std, round(float(law.cdf(0.0)), 12)
    (1.0, 0.5)
    """
    radius = float(parameters[0])
    if radius == 0:
        return constant_law((0.0,))

    def lower(x: Float64Array) -> Float64Array:
        # The segment left of x spans an angle t at the centre: its share of the disc
        # is (t - sin t) / (2 pi).
        share = np.clip(0.5 * (1.0 + x / radius), 0.0, 1.0)
        angle = 4.0 * np.arcsin(np.sqrt(share))
        square = angle * angle
        series = 1.0 - square / 72.0 * (1.0 - square / 110.0 * (1.0 - square / 156.0))
        series = 1.0 - square / 20.0 * (1.0 - square / 42.0 * series)
        small = angle * square / 6.0 * series
        return np.where(angle < 0.5, small, angle - np.sin(angle)) / (2.0 * math.pi)

    return Law(
        *("disc", (radius,), *_symmetric(lower)),
        *(0.0, 0.5 * radius, 2.0, (-radius, radius)),
        is_closed=True,
    )


def truncated_disc_law(parameters: tuple[Any, ...]) -> Law:
    """Law of either part of a complex normal number with a modulus within 2 std.

    Parameters
    ----------
    parameters : tuple of 1 float
        Std before the truncation, >= 0.

    Returns
    -------
    law : Law
        With the density of a normal law of std / sqrt(2) times the probability that
        the other part leaves the number in the disc.

    Examples
    --------
    >>> law = truncated_disc_law((1.0,))
    >>> round(law.std * 2**0.5, 10)
    0.961961828
    """
    std = float(parameters[0])
    if std == 0:
        return constant_law((0.0,))
    bound = 2.0 * std
    nodes, weights = np.polynomial.legendre.leggauss(NODES)

    def lower(x: Float64Array) -> Float64Array:
        # scipy.special costs 0.1 s to import, so only a check pays.
        from scipy.special import erf

        # Over the angle at which a point of the rim has the real part x, the density
        # is a smooth function, and positive: no digit is lost at the rim.
        share = np.clip(0.5 * (1.0 + x / bound), 0.0, 1.0)
        end = 2.0 * np.arcsin(np.sqrt(share))
        total = np.zeros_like(end)
        for node, weight in zip(nodes.tolist(), weights.tolist(), strict=True):
            sine, cosine = (f(0.5 * (1.0 + node) * end) for f in (np.sin, np.cos))
            density = np.exp(-4.0 * cosine * cosine) * erf(2.0 * sine)
            total += weight * density * sine
        scale = 2.0 / math.sqrt(math.pi) / (1.0 - BEYOND)
        return np.minimum(0.5 * end * scale * total, 0.5)

    # Moments of w = |z|^2 / std^2, exponential and cut at 4.
    first = (1.0 - 5.0 * BEYOND) / (1.0 - BEYOND)
    second = (2.0 - 26.0 * BEYOND) / (1.0 - BEYOND)
    return Law(
        *("truncated_disc", (std,), *_symmetric(lower)),
        *(0.0, std * math.sqrt(0.5 * first), 1.5 * second / first**2),
        support=(-bound, bound),
        is_closed=True,
    )
