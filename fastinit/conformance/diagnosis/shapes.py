"""Laws of other shapes with a given mean and std, which a mistake may draw from."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from fastinit.distributions import DISTRIBUTIONS
from fastinit.distributions.law import Law

__all__ = ["SHAPES", "half_range_law", "truncated_law"]

Float64Array = np.ndarray[Any, np.dtype[np.float64]]

#: Std of a standard normal element that is truncated to (-2, 2).
TRUNCATED_STD = 0.87962566103423978


def normal_law(mean: float, std: float) -> Law:
    """Normal law."""
    return DISTRIBUTIONS["normal"].law((mean, std))


def uniform_law(mean: float, std: float) -> Law:
    """Uniform law of a mean and std."""
    half = math.sqrt(3.0) * std
    return DISTRIBUTIONS["uniform"].law((mean - half, mean + half))


def truncated_law(mean: float, std: float, reach: float) -> Law:
    """Normal law of a mean and std before it is cut symmetrically.

    Parameters
    ----------
    mean, std : float
        Of the normal law, std > 0.
    reach : float
        Where it is cut, in std, > 0.

    Returns
    -------
    law : Law
        With a std that is smaller than `std`.

    Examples
    --------
    >>> round(truncated_law(0.0, 1.0, 2.0).std, 6)
    0.879626
    """
    from scipy.special import ndtr

    outside = float(ndtr(-reach))
    mass = 1.0 - 2.0 * outside
    density = math.exp(-0.5 * reach * reach) / math.sqrt(2.0 * math.pi)
    variance = 1.0 - 2.0 * reach * density / mass
    fourth = 3.0 * variance - 2.0 * reach**3 * density / mass

    def cdf(x: Float64Array) -> Float64Array:
        below = ndtr((np.asarray(x) - mean) / std) - outside
        return np.asarray(np.clip(below / mass, 0.0, 1.0))

    def sf(x: Float64Array) -> Float64Array:
        above = ndtr((mean - np.asarray(x)) / std) - outside
        return np.asarray(np.clip(above / mass, 0.0, 1.0))

    ends = (mean - reach * std, mean + reach * std)
    return Law(
        "truncated_normal",
        (mean, std, *ends),
        cdf,
        sf,
        mean,
        std * math.sqrt(variance),
        fourth / variance**2,
        ends,
    )


def truncated_shape(mean: float, std: float) -> Law:
    """Normal law cut at 2 std before the cut, of a given std after it."""
    return truncated_law(mean, std / TRUNCATED_STD, 2.0)


def half_range_law(mean: float, std: float) -> Law:
    """Uniform law on one side of a point.

    Parameters
    ----------
    mean, std : float
        The point, and the std that sqrt(3) std would be the bound for.

    Returns
    -------
    law : Law
        On [mean, mean + sqrt(3) std).

    Examples
    --------
    >>> round(half_range_law(0.0, 1.0).support[1], 4)
    1.7321
    """
    return DISTRIBUTIONS["uniform"].law((mean, mean + math.sqrt(3.0) * std))


def _by_formula(
    name: str, below: Callable[[Float64Array], Float64Array], kurtosis: float
) -> Callable[[float, float], Law]:
    """Maker of laws from a distribution function of mean 0 and std 1."""

    def make(mean: float, std: float) -> Law:
        def cdf(x: Float64Array) -> Float64Array:
            return below((np.asarray(x, dtype=np.float64) - mean) / std)

        def sf(x: Float64Array) -> Float64Array:
            return below((mean - np.asarray(x, dtype=np.float64)) / std)

        ends = (-math.inf, math.inf)
        return Law(name, (mean, std), cdf, sf, mean, std, kurtosis, ends)

    return make


def _laplace(z: Float64Array) -> Float64Array:
    half = 0.5 * np.exp(-math.sqrt(2.0) * np.abs(z))
    return np.where(z < 0.0, half, 1.0 - half)


def _logistic(z: Float64Array) -> Float64Array:
    from scipy.special import expit

    return np.asarray(expit(math.pi / math.sqrt(3.0) * z))


def _triangular(z: Float64Array) -> Float64Array:
    part = np.clip(1.0 - np.abs(z) / math.sqrt(6.0), 0.0, 1.0)
    half = 0.5 * part * part
    return np.where(z < 0.0, half, 1.0 - half)


def _folded(mean: float, std: float) -> Law:
    """Absolute values of a normal law of that std about that mean."""
    from scipy.special import ndtr

    def cdf(x: Float64Array) -> Float64Array:
        z = (np.asarray(x, dtype=np.float64) - mean) / std
        return np.where(z < 0.0, 0.0, 1.0 - 2.0 * ndtr(-np.abs(z)))

    def sf(x: Float64Array) -> Float64Array:
        return 1.0 - cdf(x)

    centre = mean + std * math.sqrt(2.0 / math.pi)
    spread = std * math.sqrt(1.0 - 2.0 / math.pi)
    return Law(
        "half_normal", (mean, std), cdf, sf, centre, spread, 3.87, (mean, math.inf)
    )


#: Shapes by name: make(mean, std) -> Law, and what to call one that was not asked for.
SHAPES: dict[str, tuple[Callable[[float, float], Law], str]] = {
    "normal": (normal_law, "a normal law"),
    "uniform": (uniform_law, "a uniform law"),
    "truncated_normal": (truncated_shape, "a normal law truncated at 2 std"),
    "half_range": (half_range_law, "a uniform law on one side, [0, b)"),
    "half_normal": (_folded, "absolute values"),
    "laplace": (_by_formula("laplace", _laplace, 6.0), "a Laplace law"),
    "logistic": (_by_formula("logistic", _logistic, 4.2), "a logistic law"),
    "triangular": (_by_formula("triangular", _triangular, 2.4), "a triangular law"),
}
