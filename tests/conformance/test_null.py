"""p-values of correct data: uniform where exact, never too small where bounds.

Seeds are fixed. A comparison of p-values with the uniform law fails a correct
program with probability 1e-6, a count of small p-values likewise.
"""

import functools

import ml_dtypes
import numpy as np
import pytest
from scipy import stats

from fastinit.conformance import judge
from fastinit.conformance.distances import distances_of_scores
from fastinit.conformance.kolmogorov import distance_p_value
from fastinit.conformance.moments import (
    mean_p_value,
    smooth_target,
    variance_p_value,
)
from fastinit.conformance.scores import Scores
from fastinit.dtypes import dtype_of

FALSE_ALARM = 1e-6
BY_CHANCE = ("kolmogorov_smirnov", "mean", "variance")


def p_values_of(arrays, law):
    """One row per array: p of the distance, the mean and the variance."""
    rows = []
    for array in arrays:
        result = judge(array, law, dtype=dtype_of(array.dtype))
        rows.append([t.p_value for t in result.tests if t.name in BY_CHANCE])
    return np.array(rows)


def assert_uniform(p_values):
    assert stats.ks_1samp(p_values, stats.uniform.cdf).pvalue > FALSE_ALARM


def assert_never_too_small(p_values):
    for level in (0.5, 0.1, 0.02):
        allowed = stats.binom.isf(FALSE_ALARM, p_values.size, level)
        assert np.count_nonzero(p_values <= level) <= allowed


@functools.cache
def normal_arrays(n, trials):
    generator = np.random.default_rng([n, 1])
    return [generator.standard_normal(n, dtype=np.float32) for _ in range(trials)]


@pytest.mark.parametrize(
    ("n", "trials"), [(5, 300), (50, 300), (1_000, 300), (20_000, 150)]
)
def test_p_values_of_normal_data_are_uniform(n, trials, normal):
    p_values = p_values_of(normal_arrays(n, trials), normal())
    for column in p_values.T:
        assert_uniform(column)


@pytest.mark.parametrize("n", [5, 50, 1_000])
def test_p_values_of_uniform_data_are_never_too_small(n, uniform):
    generator = np.random.default_rng([n, 2])
    arrays = generator.uniform(-1, 1, (150, n)).astype(np.float32)
    distance, mean, variance = p_values_of(arrays, uniform()).T
    assert_uniform(distance)
    assert_never_too_small(mean)
    assert_never_too_small(variance)


@pytest.mark.parametrize("n", [5, 50, 1_000, 20_000])
def test_distance_p_values_of_uniform_data_are_uniform(n, uniform):
    generator = np.random.default_rng([n, 3])
    law = uniform()
    p_values = []
    for _ in range(1000):
        draws = generator.random(n, dtype=np.float32) * 2 - 1
        wide = draws.astype(np.float64)
        scores = Scores(law.cdf(wide), law.sf(wide))
        distance = distances_of_scores(scores).kolmogorov_smirnov
        p_values.append(distance_p_value(distance, n))
    assert_uniform(np.array(p_values))


def test_moment_p_values_of_many_uniform_data_are_uniform(uniform):
    # Enough elements for the normal approximation of both moments.
    law, n = uniform(), 400_000
    target = smooth_target(law)
    generator = np.random.default_rng(4)
    mean, variance = [], []
    for _ in range(200):
        standard = (generator.random(n, dtype=np.float32) * 2 - 1) / law.std
        shift = standard.mean(dtype=np.float64)
        square = np.square(standard).mean(dtype=np.float64)
        mean.append(mean_p_value(float(shift) * n**0.5, n, target))
        variance.append(variance_p_value(float(square), n, target))
    assert_uniform(np.array(mean))
    assert_uniform(np.array(variance))


@pytest.mark.parametrize(
    "dtype",
    [np.float16, ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn, ml_dtypes.float8_e5m2],
)
@pytest.mark.parametrize("n", [5, 1_000])
def test_p_values_of_rounded_data_are_never_too_small(n, dtype, normal):
    arrays = [array.astype(dtype) for array in normal_arrays(n, 300)[:100]]
    for column in p_values_of(arrays, normal()).T:
        assert_never_too_small(column)


def test_p_values_of_truncated_data_are_never_too_small(truncated):
    draws = stats.truncnorm.rvs(-2, 2, size=(150, 200), random_state=6)
    distance, mean, variance = p_values_of(draws, truncated()).T
    assert_uniform(distance)
    assert_never_too_small(mean)
    assert_never_too_small(variance)
