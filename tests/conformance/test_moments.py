"""p-values of mean and variance: exact where they claim it, bounds elsewhere."""

import math

import mpmath
import numpy as np
import pytest
from scipy import special, stats

from fastinit.conformance.moments import (
    EXACT_CHI_SQUARE_LIMIT,
    Target,
    chi_square_p_value,
    mean_p_value,
    rounded_target,
    smooth_target,
    variance_p_value,
)
from fastinit.conformance.quantised import Cells, quantised_law
from fastinit.conformance.sums import chernoff_p_value, normal_p_value
from fastinit.dtypes import dtype_of

NORMAL = Target(0.0, 1.0, 3.0, None)


@pytest.mark.parametrize("n", [1, 2, 10, 500, 99_999])
@pytest.mark.parametrize("z", [-4.0, -0.5, 0.3, 5.0])
def test_variance_of_a_normal_law_is_chi_square(n, z):
    ratio = max(1.0 + z * math.sqrt(2.0 / n), 1e-3)
    chi_square = stats.chi2(n)
    expected = 2 * min(chi_square.cdf(n * ratio), chi_square.sf(n * ratio))
    assert chi_square_p_value(ratio, n) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("z", [-6.0, -5.0, -1.0, 1.0, 5.0, 6.0])
@pytest.mark.parametrize("n", [EXACT_CHI_SQUARE_LIMIT + 1, 1_000_000])
def test_cube_root_agrees_with_high_precision(n, z):
    # SciPy's own lower tail is wrong here, hence mpmath.
    ratio = 1.0 + z * math.sqrt(2.0 / n)
    a, x = mpmath.mpf(n) / 2, mpmath.mpf(n) * ratio / 2
    ends = (x, mpmath.inf) if z > 0 else (0, x)
    expected = 2 * mpmath.gammainc(a, *ends, regularized=True)
    assert chi_square_p_value(ratio, n) == pytest.approx(float(expected), rel=3e-4)


def test_chi_square_meets_the_normal_law_at_huge_n():
    n = 2**33
    for z in (-5.0, 0.5, 5.0):
        p_value = chi_square_p_value(1.0 + z * math.sqrt(2.0 / n), n)
        assert p_value == pytest.approx(normal_p_value(z), rel=1e-3)


def test_mean_of_a_normal_law_is_exact_at_one_element():
    assert mean_p_value(3.0, 1, NORMAL) == pytest.approx(2 * special.ndtr(-3.0))


@pytest.mark.parametrize("n", [1, 10, 100, 3_000])
@pytest.mark.parametrize("probability", [0.5, 0.01])
def test_bound_lies_above_the_exact_binomial(n, probability):
    weights = np.array([1.0 - probability, probability])
    binomial = stats.binom(n, probability)
    for hits in np.unique(np.linspace(0, n, 40).astype(int)):
        tail = min(binomial.cdf(hits), binomial.sf(hits - 1))
        bound = chernoff_p_value(hits / n, np.array([0.0, 1.0]), weights, n)
        assert bound >= min(1.0, 2 * tail) * (1 - 1e-9)
        # exp(-n I) <= sqrt(8 k (n - k) / n) P(X = k), and the tail is more than that.
        loss = math.sqrt(max(8.0 * hits * (n - hits) / n, 1.0))
        assert bound <= 2 * tail * loss * (1 + 1e-5)


def irwin_hall_tail(total: float, n: int) -> float:
    """P(sum of n uniforms on (0, 1) > total), exactly."""
    k = n - total
    terms = (
        (-1) ** j * math.comb(n, j) * mpmath.mpf(k - j) ** n
        for j in range(math.floor(k) + 1)
    )
    return float(mpmath.fsum(terms) / mpmath.factorial(n))


@pytest.mark.parametrize("n", [1, 2, 5, 12])
def test_mean_of_a_uniform_law_is_bounded_at_small_n(n, uniform):
    law = uniform(0.0, 1.0)
    target = smooth_target(law)
    for share in np.linspace(0.52, 0.99, 20):
        exact = min(1.0, 2 * irwin_hall_tail(n * share, n))
        p_value = mean_p_value((share - 0.5) / law.std * math.sqrt(n), n, target)
        assert p_value >= exact * (1 - 1e-3)


@pytest.mark.parametrize("z", [-6.0, -4.0, 4.0, 6.0])
def test_normal_approximation_is_used_only_where_it_is_accurate(z, normal):
    # bfloat16 normals are all but chi-square, which gives the truth to compare with.
    target = rounded_target(quantised_law(normal(), dtype_of("bfloat16")), 0.0)
    n = 4_500_000
    ratio = 1.0 + z * math.sqrt((target.kurtosis - 1.0) / n)
    p_value = variance_p_value(ratio, n, target)
    assert p_value == pytest.approx(normal_p_value(z), rel=1e-9)
    assert p_value == pytest.approx(chi_square_p_value(ratio, n), rel=0.06)
    # At a tenth of the size it is off by more, and the bound takes over.
    small = variance_p_value(1.0 + z * math.sqrt(2.0 / (n / 10)), n // 10, target)
    truth = chi_square_p_value(1.0 + z * math.sqrt(2.0 / (n / 10)), n // 10)
    assert truth < small < 50 * truth


def test_bound_holds_for_a_law_that_rounding_leaves_almost_constant(normal):
    # P(x != 0) = 0.0029: the number of non-zero elements is binomial.
    cells = quantised_law(normal(0.0, 1e-8), dtype_of("float16"))
    target = rounded_target(cells, 0.0)
    share = 1.0 - float(cells.probabilities.max())
    step = 2.0**-24
    for n, hits in ((100, 1), (100, 4), (10_000, 60), (10_000, 8)):
        ratio = hits * step**2 / n / target.std**2
        tail = min(stats.binom.cdf(hits, n, share), stats.binom.sf(hits - 1, n, share))
        assert variance_p_value(ratio, n, target) >= min(1.0, 2 * tail) * 0.99


def test_a_mean_that_no_sample_can_reach_is_as_rare_as_the_extreme():
    fair = Cells(np.array([0.0, 1.0]), np.array([0.5, 0.5]), np.array([0.5, 1.0]))
    target = rounded_target(fair, 0.5)
    assert mean_p_value(50.0, 20, target) == pytest.approx(2 * 0.5**20, rel=1e-3)


def test_squares_without_spread_are_right_or_impossible():
    fair = Cells(np.array([-1.0, 1.0]), np.array([0.5, 0.5]), np.array([0.5, 1.0]))
    target = rounded_target(fair, 0.0)
    assert variance_p_value(1.0, 10, target) == 1.0
    assert variance_p_value(1.1, 10, target) == 0.0


@pytest.mark.parametrize("value", [math.inf, math.nan])
def test_overflow_never_passes(value, uniform):
    for target in (NORMAL, smooth_target(uniform())):
        assert mean_p_value(value, 10, target) == 0.0
        assert variance_p_value(value, 10, target) == 0.0
