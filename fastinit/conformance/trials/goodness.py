"""Tests of the whole distribution: distances, and counts of bins."""

from __future__ import annotations

import math

from fastinit.conformance.counts import chi_square_of, grouped
from fastinit.conformance.effects import two_sided_sigma
from fastinit.conformance.evidence import Omitted
from fastinit.conformance.kolmogorov import band_half_width, distance_p_value
from fastinit.conformance.quadratic_laws import (
    anderson_darling_p_value,
    cramer_von_mises_p_value,
)
from fastinit.conformance.reading import Reading
from fastinit.conformance.trials.outcomes import N_TESTS, by_chance
from fastinit.conformance.verdict import TestResult

__all__ = ["DISTANCE", "GOODNESS"]

#: Elements that each bin of a chi-square test should have.
PER_BIN = 64
MOST_BINS = 1 << 15
FEWEST_BINS = 8


def _kolmogorov_smirnov(reading: Reading) -> TestResult:
    """Largest distance of the distribution function from the specified one."""
    n, alpha = reading.n, reading.alpha
    half_width = band_half_width(alpha, n)
    found = band_half_width(alpha / N_TESTS, n) + (1.0 / math.sqrt(n) if n else 0.0)
    power = (found, "a distance")
    if not n:
        return by_chance(
            "kolmogorov_smirnov", 0.0, 1.0, (0.0, half_width), "D = 0", power=power
        )
    distance, at_most = (
        reading.distances.kolmogorov_smirnov,
        reading.distances.at_most,
    )
    p_value = distance_p_value(distance, n)
    detail = f"D = {distance:.4g}"
    if at_most > distance:
        detail += f" at the boundaries of cells, at most {at_most:.4g} inside"
    return by_chance(
        "kolmogorov_smirnov",
        distance,
        p_value,
        (distance, half_width),
        detail,
        power=power,
    )


def _anderson_darling(reading: Reading) -> TestResult | Omitted:
    """Distance that weighs the tails as much as the middle."""
    n = reading.n
    if not n:
        return Omitted("anderson_darling", "no finite element")
    statistic = reading.distances.anderson_darling
    effect = math.sqrt(max(statistic, 0.0) / n)
    return by_chance(
        "anderson_darling",
        statistic,
        anderson_darling_p_value(statistic, n),
        (effect, math.inf),
        f"A^2 = {statistic:.4g}",
    )


def _cramer_von_mises(reading: Reading) -> TestResult | Omitted:
    """Mean square distance."""
    n = reading.n
    if not n:
        return Omitted("cramer_von_mises", "no finite element")
    statistic = reading.distances.cramer_von_mises
    effect = math.sqrt(max(statistic, 0.0) / n)
    return by_chance(
        "cramer_von_mises",
        statistic,
        cramer_von_mises_p_value(statistic, n),
        (effect, math.inf),
        f"W^2 = {statistic:.4g}",
    )


def _chi_square(reading: Reading) -> TestResult | Omitted:
    """Counts of bins of about equal probability."""
    n = reading.n
    bins = min(1 << max(n // PER_BIN, 1).bit_length() - 1, MOST_BINS)
    if bins < FEWEST_BINS:
        return Omitted("chi_square", f"{n:,} elements: from {PER_BIN * FEWEST_BINS} on")
    counts, shares = grouped(reading.counts, reading.cells.probabilities, 1.0 / bins)
    if counts.size < 2:
        return Omitted("chi_square", "the law has one bin of any size")
    statistic, dof, p_value = chi_square_of(counts, shares)
    # Non-centrality n e^2 for a relative deviation e of the bins, root mean square.
    effect = math.sqrt(max(statistic - dof, 0.0) / n)
    sigma = two_sided_sigma(reading.alpha / N_TESTS) + 3.0
    found = math.sqrt(sigma * math.sqrt(2.0 * dof) / n)
    return by_chance(
        "chi_square",
        statistic,
        p_value,
        (effect, math.inf),
        f"chi^2 = {statistic:.6g} of {counts.size:,} bins",
        power=(found, "a relative deviation of bins (root mean square)"),
    )


#: The distance that a verdict is drawn from.
DISTANCE = (_kolmogorov_smirnov,)
#: Other looks at the whole distribution.
GOODNESS = (_anderson_darling, _cramer_von_mises, _chi_square)
