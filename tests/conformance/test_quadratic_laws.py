"""Laws of Anderson-Darling and Cramer-von Mises: SciPy's, tables, and simulation."""

import math

import numpy as np
import pytest
from scipy.stats import _hypotests

from fastinit.conformance.quadratic_laws import (
    anderson_darling_p_value,
    cramer_von_mises_p_value,
)

HUGE = 10**12
STATISTICS = [0.03, 0.05, 0.1, 0.2, 0.46, 0.74, 1.0, 1.2]


@pytest.mark.parametrize("n", [10, 50, 1000, 10**5, 10**7])
@pytest.mark.parametrize("statistic", STATISTICS)
def test_cramer_von_mises_is_that_of_scipy(statistic, n):
    expected = 1.0 - _hypotests._cdf_cvm(statistic, n)
    assert cramer_von_mises_p_value(statistic, n) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize(
    ("statistic", "p_value"),
    # Upper points of the limit law: Stephens (1974), with another digit by quadrature.
    [(1.933, 0.1), (2.492, 0.05), (3.857, 0.01)],
)
def test_anderson_darling_has_the_published_points(statistic, p_value):
    assert anderson_darling_p_value(statistic, HUGE) == pytest.approx(p_value, rel=0.03)


def quadratic_form(kind, trials, generator):
    """Sums of weighted chi-squares, whose tail Imhof's paper and ours describe."""
    j = np.arange(1, 400)
    weights = 1 / (j * (j + 1)) if kind == "anderson" else 1 / (math.pi * j) ** 2
    rest = weights[-1] * 399 if kind == "anderson" else 1 / (math.pi**2 * 399.5)
    total = np.full(trials, rest)
    for weight in weights:
        total += weight * generator.chisquare(1, trials)
    return total


@pytest.mark.parametrize("kind", ["anderson", "cramer"])
def test_limits_are_sums_of_chi_squares(kind):
    # The largest difference of 60,000 draws exceeds 0.0111 with probability 1e-6.
    drawn = np.sort(quadratic_form(kind, 60_000, np.random.default_rng(1)))
    make = anderson_darling_p_value if kind == "anderson" else cramer_von_mises_p_value
    at = np.arange(0, drawn.size, 500)
    p_values = np.array([make(float(drawn[k]), HUGE) for k in at])
    assert np.max(np.abs(p_values - (1.0 - at / drawn.size))) < 0.0111


@pytest.mark.parametrize("z", [8.0, 14.0, 30.0])
def test_tail_of_anderson_darling_keeps_its_digits(z):
    # Zolotarev: the largest weight alone, times the product over the others.
    leading = math.sqrt(3.0) * math.erfc(math.sqrt(z))
    p_value = anderson_darling_p_value(z, HUGE)
    assert p_value == pytest.approx(leading, rel=0.7 / z)


@pytest.mark.parametrize("statistic", [0.5, 1.0, 5.0, 30.0])
def test_one_element_is_exact(statistic):
    # A^2 = -1 - ln(u (1 - u)) and W^2 = 1/12 + (u - 1/2)^2 of a uniform u.
    u = np.random.default_rng(2).random(200_000)
    drawn = -1.0 - np.log(u * (1.0 - u))
    share = np.mean(drawn >= statistic)
    assert anderson_darling_p_value(statistic, 1) == pytest.approx(share, abs=0.006)
    if statistic == 30.0:
        product = math.exp(-31.0)
        assert anderson_darling_p_value(30.0, 1) == pytest.approx(2 * product, rel=1e-9)
    squared = 1 / 12 + (u - 0.5) ** 2
    at = 1 / 12 + statistic / 130
    share = np.mean(squared >= at)
    assert cramer_von_mises_p_value(at, 1) == pytest.approx(share, abs=0.006)


@pytest.mark.parametrize("n", [2, 8, 20])
def test_small_samples_are_never_too_small(n):
    trials = 200_000
    u = np.sort(np.random.default_rng(n).random((trials, n)), axis=1)
    rank = 2 * np.arange(1, n + 1) - 1
    squared = -n - (rank * (np.log(u) + np.log1p(-u[:, ::-1]))).sum(axis=1) / n
    ordered = np.sort(squared)
    for level in (0.5, 0.1, 0.01, 0.001):
        at = float(ordered[int((1.0 - level) * trials)])
        p_value = anderson_darling_p_value(at, n)
        # Six standard errors of the level, and the 1e-4 of the formula.
        assert p_value > level - 6 * math.sqrt(level / trials) - 1e-4


def test_nothing_and_infinity():
    assert anderson_darling_p_value(0.3, 0) == cramer_von_mises_p_value(0.3, 0) == 1.0
    assert anderson_darling_p_value(math.inf, 5) == 0.0
    assert cramer_von_mises_p_value(1 / 12, 1) == 1.0
