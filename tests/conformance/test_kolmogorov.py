"""Distances, p-values and bands against SciPy and against theory."""

import itertools
import math

import numpy as np
import pytest
from scipy import special, stats

from fastinit.conformance.distances import distances_of_scores
from fastinit.conformance.kolmogorov import (
    EXACT_LIMIT,
    band_half_width,
    distance_p_value,
)
from fastinit.conformance.scores import Scores

SIZES = (1, 2, 5, 17, 100, 1_000, 30_000, 100_000)


def distance_of(draws, law):
    """Distance of elements from a smooth law."""
    wide = draws.astype(np.float64)
    scores = Scores(law.cdf(wide), law.sf(wide))
    return distances_of_scores(scores).kolmogorov_smirnov


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("n", SIZES)
def test_distance_and_p_value_are_those_of_scipy(n, dtype, normal):
    # The scaled data differ from the law, so that p is small for some sizes.
    draws = (1.01 * np.random.default_rng(n).standard_normal(n)).astype(dtype)
    expected = stats.ks_1samp(draws.astype(np.float64), special.ndtr)
    distance = distance_of(draws, normal())
    assert distance == pytest.approx(expected.statistic, rel=0, abs=1e-12)
    assert distance_p_value(distance, n) == pytest.approx(expected.pvalue, rel=1e-6)


@pytest.mark.parametrize("n", [1, 7, 1_000])
def test_distance_of_the_uniform_law_is_that_of_scipy(n, uniform):
    draws = np.random.default_rng(n).uniform(-1, 1, n).astype(np.float32)
    expected = stats.ks_1samp(draws.astype(np.float64), stats.uniform(-1, 2).cdf)
    assert distance_of(draws, uniform()) == pytest.approx(
        expected.statistic, rel=0, abs=1e-12
    )


def test_distance_counts_ties_once(uniform):
    # F_n jumps from 0 to 1 at 0, where F is 1/2.
    assert distance_of(np.zeros(9), uniform()) == 0.5


@pytest.mark.parametrize("x", [0.3, 0.8, 1.2, 2.0, 2.7])
def test_limit_law_agrees_with_the_exact_one_at_the_switch(x):
    n = EXACT_LIMIT
    exact = distance_p_value(x / math.sqrt(n), n)
    limit = distance_p_value(x / math.sqrt(n + 1), n + 1)
    assert limit == pytest.approx(exact, rel=3e-4)


def test_limit_law_agrees_with_the_exact_one_at_a_million():
    n, x = 1_000_000, 2.0
    expected = stats.kstwo.sf(x / math.sqrt(n), n)
    assert distance_p_value(x / math.sqrt(n), n) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("n", [2**31 - 1, 2**31, 2**31 + 1, 2**33, 10**12])
def test_p_value_holds_beyond_32_bits(n):
    distances = np.linspace(0.3, 6.0, 58) / math.sqrt(n)
    p_values = np.array([distance_p_value(d, n) for d in distances])
    assert np.all(np.diff(p_values) < 0)
    expected = special.kolmogorov(distances * math.sqrt(n))
    np.testing.assert_allclose(p_values, expected, rtol=1e-3)


def test_p_value_falls_with_n_at_a_fixed_distance():
    p_values = [distance_p_value(2e-5, 2**k) for k in range(28, 37)]
    assert all(b < a for a, b in itertools.pairwise(p_values))


def test_p_value_of_nothing_is_one():
    assert distance_p_value(0.0, 0) == 1.0


def test_band_covers_the_true_distribution_as_often_as_it_says():
    # 2000 trials at alpha = 0.1: more than 260 misses have probability below 1e-6.
    generator = np.random.default_rng(5)
    half_width = band_half_width(0.1, 50)
    draws = np.sort(generator.random((2000, 50)), axis=1)
    ranks = np.arange(50)
    distance = np.maximum((ranks + 1) / 50 - draws, draws - ranks / 50).max(axis=1)
    assert 120 < np.count_nonzero(distance > half_width) < 260


def test_band_of_nothing_is_infinite():
    assert band_half_width(1e-6, 0) == math.inf
