"""Half-widths and sizes."""

import math

import numpy as np
import pytest
from scipy import stats

from fastinit.conformance.effects import (
    needed_elements,
    scale_half_width,
    shift_half_width,
    two_sided_sigma,
)


@pytest.mark.parametrize("alpha", [0.05, 1e-6, 1e-12])
def test_quantile_leaves_alpha_outside(alpha):
    assert 2 * stats.norm.sf(two_sided_sigma(alpha)) == pytest.approx(alpha)


@pytest.mark.parametrize("n", [1_000, 10_000, 1_000_000])
@pytest.mark.parametrize("alpha", [0.01, 1e-6])
def test_interval_of_the_scale_covers_that_of_chi_square(n, alpha):
    # Exact arms for a normal law with observed ratio 1.
    low, high = stats.chi2.ppf([alpha / 2, 1 - alpha / 2], n)
    longest = max(math.sqrt(n / low) - 1, 1 - math.sqrt(n / high))
    half_width = scale_half_width(alpha, n, 1.0, 3.0)
    assert longest <= half_width <= 1.15 * longest


def test_interval_of_the_shift_covers_the_mean():
    # 2000 trials at 0.1: more than 260 misses have probability below 1e-6.
    means = np.random.default_rng(1).standard_normal((2000, 20)).mean(axis=1)
    misses = np.count_nonzero(np.abs(means) > shift_half_width(0.1, 20, 1.0))
    assert 130 < misses < 260


@pytest.mark.parametrize("n", [0, 5])
def test_too_few_elements_bound_nothing(n):
    assert scale_half_width(1e-6, n, 1.0, 3.0) == math.inf


def test_wider_sample_has_a_less_certain_mean():
    narrow, wide = (shift_half_width(1e-6, 100, scale) for scale in (0.5, 2.0))
    assert wide == 2 * narrow == 2 * shift_half_width(1e-6, 100, 1.0)


def test_no_element_bounds_no_mean():
    assert shift_half_width(1e-6, 0, 1.0) == math.inf


def test_smaller_margins_need_more():
    sizes = [needed_elements(1e-6, margin, 3.0) for margin in (0.5, 0.1, 0.01)]
    assert sizes == sorted(sizes)
    assert sizes[2] == pytest.approx(100 * sizes[1], rel=0.05)


def test_heavy_tails_need_more():
    assert needed_elements(1e-6, 0.1, 300.0) > 10 * needed_elements(1e-6, 0.1, 3.0)
