"""p-values of counts against SciPy, mpmath and their definitions, to 1e12 elements."""

import math

import mpmath
import numpy as np
import pytest
from scipy import stats

from fastinit.conformance.counts import (
    at_least_p_value,
    binomial_p_value,
    chi_square_of,
    grouped,
    poisson_p_value,
    smallest_of,
)


@pytest.mark.parametrize("n", [1, 7, 100, 20_000])
@pytest.mark.parametrize("probability", [1e-4, 0.03, 0.5, 0.9])
def test_tails_of_a_binomial_law_are_those_of_scipy(n, probability):
    for count in {0, 1, n // 3, int(n * probability) + 1, n}:
        expected = stats.binom.sf(count - 1, n, probability)
        assert at_least_p_value(count, n, probability) == pytest.approx(
            expected, rel=1e-9, abs=1e-300
        )


@pytest.mark.parametrize("sigma", [-5.0, -1.0, 0.0, 2.0, 6.0])
@pytest.mark.parametrize("probability", [1e-4, 0.01, 0.5])
def test_large_binomial_laws_keep_their_tails(probability, sigma):
    n = 10**12
    mean, spread = n * probability, math.sqrt(n * probability * (1 - probability))
    count = round(mean + sigma * spread)
    # P(K >= k) is the regularised incomplete beta function at p, by its integral.
    with mpmath.workdps(40):
        scale = mpmath.sqrt(mpmath.mpf(n) * probability * (1 - mpmath.mpf(probability)))
        z = (count - mpmath.mpf("0.5") - mpmath.mpf(n) * probability) / scale
        skewness = (1 - 2 * mpmath.mpf(probability)) / scale
        edge = mpmath.ncdf(-z) + skewness * (z * z - 1) / 6 * mpmath.npdf(z)
    assert at_least_p_value(count, n, probability) == pytest.approx(
        float(edge), rel=2e-3
    )


def test_two_sides_are_the_same_by_symmetry():
    assert binomial_p_value(30, 100, 0.5) == binomial_p_value(70, 100, 0.5)
    assert binomial_p_value(0, 10, 0.0) == 1.0
    assert binomial_p_value(1, 10, 0.0) == 0.0


@pytest.mark.parametrize("count", [0, 1, 5, 40])
def test_rare_events_are_those_of_poisson(count):
    expected = stats.poisson.sf(count - 1, 7.5)
    assert poisson_p_value(count, 7.5) == pytest.approx(expected, rel=1e-12)


def test_smallest_of_independent_p_values_is_uniform():
    p = np.random.default_rng(0).random((5000, 7))
    found = np.array([smallest_of(row) for row in p])
    assert stats.ks_1samp(found, stats.uniform.cdf).pvalue > 1e-6
    assert smallest_of([1e-20, 0.5]) == pytest.approx(2e-20)
    assert smallest_of([1.0, 1.0]) == 1.0


def test_chi_square_is_that_of_scipy_on_one_side():
    counts, shares = np.array([90.0, 120.0, 110.0]), np.array([0.3, 0.3, 0.4])
    statistic, dof, p_value = chi_square_of(counts, shares)
    expected = stats.chisquare(counts, shares * counts.sum())
    assert (statistic, dof) == (pytest.approx(expected.statistic), 2)
    assert p_value == pytest.approx(2 * min(expected.pvalue, 1 - expected.pvalue))


def test_counts_that_fit_too_well_are_no_chance():
    assert chi_square_of(np.full(1000, 100.0), np.full(1000, 1e-3))[2] < 1e-100


@pytest.mark.parametrize("smallest", [0.001, 0.03, 0.4, 0.9])
def test_groups_hold_everything_and_enough(smallest):
    generator = np.random.default_rng(1)
    shares = generator.dirichlet(np.full(500, 0.3))
    counts = np.floor(1e4 * shares)
    grouped_counts, grouped_shares = grouped(counts, shares, smallest)
    assert grouped_counts.sum() == counts.sum()
    assert grouped_shares.sum() == pytest.approx(1.0)
    assert grouped_shares.min() >= smallest * (1 - 1e-6)
