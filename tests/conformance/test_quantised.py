"""The law of the rounded value against brute force."""

import math

import ml_dtypes
import numpy as np
import pytest
from scipy import special, stats

from fastinit.conformance.moments import rounded_target
from fastinit.conformance.quantised import (
    fine_cells,
    grid_of,
    quantised_law,
    rounded_ends,
)
from fastinit.dtypes import dtype_of, numpy_dtype

LOW = ("float16", "bfloat16", "float8_e4m3fn", "float8_e5m2")


@pytest.mark.parametrize("name", LOW)
def test_grid_holds_every_finite_value_once(name):
    grid = grid_of(name)
    held = numpy_dtype(name)
    count = 1 << (8 * held.itemsize)
    patterns = np.arange(count).astype(f"u{held.itemsize}").view(held)
    assert np.all(np.diff(grid.values) > 0)
    finite = grid.is_finite
    assert grid.values.size == np.count_nonzero(finite) - 1
    expected = patterns[finite].astype(np.float64)
    np.testing.assert_array_equal(grid.values[grid.rank[finite]], expected)
    assert grid.values[-1] == dtype_of(name).max_finite


@pytest.mark.parametrize("name", LOW)
@pytest.mark.parametrize("mean", [0.0, 0.7])
def test_probabilities_are_those_of_rounded_quantiles(name, mean, normal):
    # An interval of probability p holds N p of N equal quantiles, give or take one.
    size = 1 << 21
    quantiles = mean + 0.02 * special.ndtri((np.arange(size) + 0.5) / size)
    rounded = quantiles.astype(numpy_dtype(name)).view(dtype_of(name).storage)
    grid = grid_of(name)
    counts = np.bincount(grid.rank[rounded], minlength=grid.values.size)
    cells = quantised_law(normal(mean, 0.02), dtype_of(name))
    # ml_dtypes rounds to float32 first, which moves a few quantiles at the edges.
    allowed = 1.001 if name == "float16" else 3.0
    assert np.max(np.abs(counts - size * cells.probabilities)) <= allowed
    np.testing.assert_allclose(np.cumsum(counts) / size, cells.cdf, atol=allowed / size)


@pytest.mark.parametrize("name", LOW)
@pytest.mark.parametrize("make", ["normal", "uniform", "truncated"])
def test_probabilities_sum_to_one(name, make, request):
    law = request.getfixturevalue(make)()
    cells = quantised_law(law, dtype_of(name))
    assert math.fsum(cells.probabilities) == pytest.approx(1.0, rel=0, abs=1e-13)
    assert cells.probabilities.min() >= 0.0
    np.testing.assert_allclose(np.cumsum(cells.probabilities), cells.cdf, atol=1e-12)


def test_seeded_samples_fill_the_cells_as_predicted(normal):
    # Chi-square over the cells that expect at least 10; false-alarm rate 1e-6.
    n = 10_000_000
    draws = np.random.default_rng(3).standard_normal(n, dtype=np.float32)
    patterns = draws.astype(ml_dtypes.bfloat16).view(np.uint16)
    grid = grid_of("bfloat16")
    counts = np.bincount(grid.rank[patterns], minlength=grid.values.size)
    cells = quantised_law(normal(), dtype_of("bfloat16"))
    often = cells.probabilities * n >= 10
    observed = np.append(counts[often], counts[~often].sum())
    expected = n * np.append(
        cells.probabilities[often], cells.probabilities[~often].sum()
    )
    statistic = np.sum((observed - expected) ** 2 / expected)
    assert stats.chi2.sf(statistic, observed.size - 1) > 1e-6


def test_upper_tail_keeps_relative_accuracy(normal):
    cells = quantised_law(normal(), dtype_of("bfloat16"))
    mirrored = cells.probabilities[::-1]
    tail = (cells.values > 1.0) & (cells.values < 37.0)
    np.testing.assert_allclose(cells.probabilities[tail], mirrored[tail], rtol=1e-10)
    assert cells.probabilities[tail].min() > 0.0


def test_half_open_support_is_clamped_below_its_end(uniform):
    cells = quantised_law(uniform(0.0, 1.0), dtype_of("bfloat16"))
    possible = cells.values[cells.probabilities > 0]
    assert possible.max() == 1 - 2**-8
    # Its own cell [1 - 3/512, 1 - 1/512) and what would have rounded to 1.
    assert cells.probabilities[cells.values == 1 - 2**-8] == pytest.approx(3 / 512)


def test_rounded_end_in_the_data_lifts_the_clamp(uniform):
    law, dtype = uniform(0.0, 1.0), dtype_of("bfloat16")
    cells = quantised_law(law, dtype, observed=(0.0, 1.0))
    assert cells.probabilities[cells.values == 1.0] == pytest.approx(1 / 512)
    assert quantised_law(law, dtype, observed=(0.0, 2.0)).cdf[
        cells.values == 1 - 2**-8
    ] == pytest.approx(1.0)


def test_lower_end_between_values_is_clamped_above(uniform):
    # 1.001 lies between 1 and 1 + 2^-7, nearer to 1.
    law, dtype = uniform(1.001, 2.0), dtype_of("bfloat16")
    cells = quantised_law(law, dtype)
    assert cells.values[cells.probabilities > 0].min() == 1 + 2**-7
    lifted = quantised_law(law, dtype, observed=(1.0, 1.5))
    assert lifted.values[lifted.probabilities > 0].min() == 1.0


def test_support_without_any_value_keeps_its_neighbours(uniform):
    cells = quantised_law(uniform(1.001, 1.004), dtype_of("bfloat16"))
    assert cells.values[cells.probabilities > 0].tolist() == [1.0, 1 + 2**-7]


def test_values_beyond_the_largest_saturate(normal):
    cells = quantised_law(normal(0.0, 65504.0), dtype_of("float16"))
    assert cells.probabilities[-1] == pytest.approx(special.ndtr(-1.0), rel=1e-3)


@pytest.mark.parametrize("name", LOW)
def test_rounding_adds_the_expected_variance(name, normal):
    # Direct sum over a fine grid of the normal law, independent of the cells.
    x = np.linspace(-9, 9, 400_001)
    density = np.exp(-0.5 * x * x)
    rounded = x.astype(numpy_dtype(name)).astype(np.float64)
    variance = np.sum(density * rounded**2) / np.sum(density)
    target = rounded_target(quantised_law(normal(), dtype_of(name)), 0.0)
    assert target.mean == pytest.approx(0.0, abs=1e-12)
    # Steps of the sum that straddle an edge weigh more where there are few edges.
    allowed = 2e-5 if dtype_of(name).itemsize == 1 else 2e-7
    assert target.std**2 == pytest.approx(variance, rel=allowed)


def test_fine_cells_have_the_moments_of_the_law(uniform, truncated):
    for law in (uniform(-0.3, 0.5), truncated(0.02), truncated(0.02, 100.0)):
        target = rounded_target(fine_cells(law), law.mean)
        assert target.mean == pytest.approx(law.mean, abs=1e-7 * law.std)
        assert target.std == pytest.approx(law.std, rel=1e-5)
        assert target.kurtosis == pytest.approx(law.kurtosis, rel=1e-4)


def test_rounded_ends_keep_infinite_ones():
    assert rounded_ends((-math.inf, 0.1), dtype_of("float32")) == (
        -math.inf,
        float(np.float32(0.1)),
    )
