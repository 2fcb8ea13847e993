"""Tests of moments: mean, variance, and components of asymmetry and of tails."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from fastinit.conformance.effects import scale_half_width, shift_half_width
from fastinit.conformance.evidence import Omitted
from fastinit.conformance.moments import mean_p_value, variance_p_value
from fastinit.conformance.reading import Reading
from fastinit.conformance.sums import sum_p_value
from fastinit.conformance.trials.outcomes import by_chance, found_sigma
from fastinit.conformance.verdict import TestResult

__all__ = ["COMPONENTS", "MOMENTS"]

Float64Array = np.ndarray[Any, np.dtype[np.float64]]

#: Points that stand in for a uniform score.
_POINTS = 4096


def _mean(reading: Reading) -> TestResult:
    """Mean against the specified one."""
    n, (shift, square, _, _) = reading.n, reading.moments
    z = shift * math.sqrt(n)
    p_value = mean_p_value(z, n, reading.target) if n else 1.0
    half_width = shift_half_width(reading.alpha, n, math.sqrt(square))
    found = found_sigma(reading.alpha) / math.sqrt(n) if n else math.inf
    return by_chance(
        "mean",
        z,
        p_value,
        (shift, half_width),
        f"z = {z:.4g}",
        power=(found, "a shift in std"),
    )


def _variance(reading: Reading) -> TestResult:
    """Mean square about the specified mean against the specified variance."""
    n, target, square = reading.n, reading.target, reading.moments[1]
    scale = math.sqrt(square)
    # A law on two values of equal weight has no spread of its squares: z is then 0.
    spread = math.sqrt(max(target.kurtosis - 1.0, 0.0))
    z = (square - 1.0) * math.sqrt(n) / (spread or math.inf) if n else 0.0
    p_value = variance_p_value(square, n, target) if n else 1.0
    half_width = scale_half_width(reading.alpha, n, scale, target.kurtosis)
    found = found_sigma(reading.alpha) * 0.5 * spread / math.sqrt(n) if n else math.inf
    return by_chance(
        "variance",
        z,
        p_value,
        (scale - 1.0 if n else 0.0, half_width),
        f"z = {z:.4g}",
        power=(found, "a std error"),
    )


def _skewness(reading: Reading) -> TestResult | Omitted:
    """Third component of the scores: one side wider than the other."""
    return _component("skewness", reading, 3)


def _kurtosis(reading: Reading) -> TestResult | Omitted:
    """Fourth component of the scores: middle and tails against the shoulders."""
    return _component("kurtosis", reading, 4)


def _component(name: str, reading: Reading, order: int) -> TestResult | Omitted:
    """Mean of a Legendre polynomial of the scores, of mean 0 and variance 1.

    Bounded, so its law is near normal where that of a third or fourth power of a
    normal element still has a tail that no sample of that size shows.
    """
    n = reading.n
    if not n:
        return Omitted(name, "no finite element")
    if reading.is_scored:
        is_finite = np.isfinite(reading.elements)
        effect = float(np.mean(_legendre(order, reading.scores.below[is_finite])))
        values, weights = _uniform_points(order)
    else:
        probabilities = reading.cells.probabilities
        occurs = probabilities > 0.0
        values = _cell_means(order, reading.cells.below, probabilities)
        effect = float(np.sum(reading.counts * values)) / n
        values, weights = values[occurs], probabilities[occurs]
    p_value = sum_p_value(effect, values, weights, n)
    observed = _standardised_moment(reading, order)
    half_width = found_sigma(reading.alpha) / math.sqrt(n)
    return by_chance(
        name,
        effect * math.sqrt(n),
        p_value,
        (effect, half_width),
        f"component {effect:.4g}, standardised moment {observed:.4g}",
        power=(half_width, f"a component of {name}"),
    )


def _standardised_moment(reading: Reading, order: int) -> float:
    """Third or fourth moment about the specified mean, by the observed square."""
    square = reading.moments[1]
    if not 1e-100 < square < 1e100:
        return math.nan
    return float(reading.moments[order - 1] / square ** (order / 2))


def _legendre(order: int, u: Float64Array) -> Float64Array:
    """Shifted Legendre polynomial of unit variance on (0, 1)."""
    x = 2.0 * u - 1.0
    if order == 3:
        return math.sqrt(7.0) * 0.5 * x * (5.0 * x * x - 3.0)
    square = x * x
    return 3.0 * 0.125 * ((35.0 * square - 30.0) * square + 3.0)


@functools.cache
def _uniform_points(order: int) -> tuple[Float64Array, Float64Array]:
    """What the polynomial of a uniform score can be, with weights."""
    u = (np.arange(_POINTS) + 0.5) / _POINTS
    return _legendre(order, u), np.full(_POINTS, 1.0 / _POINTS)


def _cell_means(
    order: int, below: Float64Array, probabilities: Float64Array
) -> Float64Array:
    """Mean of the polynomial over the scores of each cell: Simpson, exact to order 3.

    Cells that are wide are cut in 64 pieces first, which leaves an error of 1e-9.
    """
    low, high = below[:-1], below[1:]
    pieces = np.linspace(0.0, 1.0, 65)
    middle = 0.5 * (low + high)
    means = (
        _legendre(order, low) + 4.0 * _legendre(order, middle) + _legendre(order, high)
    ) / 6.0
    for at in np.flatnonzero(probabilities > 0.01):
        edges = low[at] + pieces * (high[at] - low[at])
        a, b = edges[:-1], edges[1:]
        values = _legendre(order, a) + _legendre(order, b)
        values += 4.0 * _legendre(order, 0.5 * (a + b))
        means[at] = float(values.mean()) / 6.0
    return means


#: The moments that a verdict is drawn from.
MOMENTS = (_mean, _variance)
#: Further components of the distribution.
COMPONENTS = (_skewness, _kurtosis)
