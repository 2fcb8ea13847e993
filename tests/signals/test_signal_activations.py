"""Functions behind the names: their moments are the gains, their slopes autograd's."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from theory.signal import Network, cumulant, log_interval

from fastinit.gain_table import GAINS
from fastinit.signals.activations import FUNCTIONS, activation_of
from fastinit.signals.theory import Chance, Field, predict


def test_every_gain_has_its_function() -> None:
    assert list(FUNCTIONS) == list(GAINS)


@pytest.mark.parametrize("name", GAINS)
def test_moments_are_those_of_the_table(name: str) -> None:
    found = Field(activation_of(name)).moments(1.0)
    forward, _, backward = GAINS[name]
    # Kinks and jumps that are not at 0 cost digits.
    assert found.value * forward**2 == pytest.approx(1, rel=2e-6)
    assert found.slope * backward**2 == pytest.approx(1, rel=1e-3)


@pytest.mark.parametrize("name", GAINS)
def test_slopes_are_the_derivatives(name: str) -> None:
    z = np.linspace(-7, 7, 1001) + 0.00123
    numeric = activation_of(activation_of(name).value).slope(z)
    np.testing.assert_allclose(activation_of(name).slope(z), numeric, atol=1e-6)


@pytest.mark.parametrize("name", GAINS)
def test_float32_stays_float32(name: str) -> None:
    z = np.linspace(-7, 7, 101, dtype=np.float32).reshape(1, -1)
    one = activation_of(name)
    for function in (one.value, one.slope):
        assert function(z).dtype == np.float32
        wide = function(z.astype(np.float64))
        np.testing.assert_allclose(function(z), wide, rtol=2e-5, atol=2e-6)


def test_large_inputs_raise_no_warning() -> None:
    z = torch.tensor([-1e4, -50.0, 50.0, 1e4], dtype=torch.float64, requires_grad=True)
    for name, function in {
        "gelu": torch.nn.functional.gelu,
        "mish": torch.nn.functional.mish,
        "softplus": torch.nn.functional.softplus,
        "tanh": torch.tanh,
    }.items():
        expected = function(z)
        (slope,) = torch.autograd.grad(expected.sum(), z)
        one = activation_of(name)
        np.testing.assert_allclose(
            one.value(z.detach().numpy()), expected.detach().numpy(), atol=1e-12
        )
        np.testing.assert_allclose(
            one.slope(z.detach().numpy()), slope.numpy(), atol=1e-12
        )


def test_noise_and_powers_are_those_of_closed_forms() -> None:
    relu = Field(activation_of("relu")).moments(7.0)
    assert (relu.value, relu.slope) == pytest.approx((3.5, 0.5), rel=1e-12)
    assert (relu.value_noise, relu.slope_noise) == pytest.approx((5, 5), rel=1e-9)
    assert (relu.value_power, relu.slope_power) == pytest.approx((1, 0), abs=1e-9)
    square = Field(activation_of(np.square)).moments(2.0)
    # E z^4 = 3, E z^8 = 105.
    assert square.value == pytest.approx(12, rel=1e-9)
    assert square.value_noise == pytest.approx(105 / 9 - 1, rel=1e-9)
    assert square.value_power == pytest.approx(2, rel=1e-9)
    # erf: E f^2 = (2 / pi) asin(2 q / (1 + 2 q)).
    for q in (0.01, 1.0, 30.0, 1e4):
        found = Field(activation_of("erf")).moments(q).value
        assert found == pytest.approx(2 / math.pi * math.asin(2 * q / (1 + 2 * q)))


def test_amplification_ends_where_the_activation_is_nearly_linear() -> None:
    field = Field(activation_of("gelu"))
    small, large = field.powers(1.0, 1e-3), field.powers(1.0, 4.0)
    assert small[0] == pytest.approx(1.144, abs=1e-3)
    assert 1.0 < large[0] < 1.05


def test_quantiles_of_one_linear_layer_are_those_of_chi_square() -> None:
    from scipy import special, stats

    n = 6
    k = n / 2
    cumulants = (
        special.digamma(k) - math.log(k),
        special.polygamma(1, k),
        special.polygamma(2, k),
    )
    chance = Chance(*(np.array([float(one)]) for one in cumulants))
    for alpha in (0.1, 1e-6):
        low, high = chance.quantiles(0, alpha)
        assert low == pytest.approx(
            math.log(stats.chi2.ppf(alpha / 2, n) / n), abs=0.04 * abs(low)
        )
        assert high == pytest.approx(
            math.log(stats.chi2.isf(alpha / 2, n) / n), abs=0.04 * abs(high)
        )


@pytest.mark.parametrize("name", ["linear", "relu"])
@pytest.mark.parametrize("width", [96, 256])
def test_intervals_are_a_little_narrower_than_chernoffs_bounds(
    name: str, width: int
) -> None:
    depth, alpha = 20, 1e-6
    fields, widths = [Field(activation_of(name))] * depth, [width] * (depth + 1)
    found = predict(fields, widths, [(1.0, 1.0)] * depth, 1.0, 1.0)
    # The way back ends in an average over inputs, as their way forward begins.
    low, high = found.gradient_chance.quantiles(0, alpha)
    network = Network("kaiming_normal", tuple(widths), name == "relu")
    bounds = log_interval(network, slice(None), 1, alpha)
    assert bounds.low < low < 0 < high < bounds.high
    # Of a normal law the bound lies at 5.4 in the place of 4.9 standard deviations.
    assert (high - low) / (bounds.high - bounds.low) == pytest.approx(0.9, abs=0.05)
    step = 1e-3
    ends = [
        cumulant(width, False, s) + depth * cumulant(width, name == "relu", s)
        for s in (-step, step)
    ]
    variance = sum(ends) / step**2
    assert found.gradient_chance.variance[0] == pytest.approx(variance, rel=0.12)


def test_what_is_not_known_keeps_nothing_out() -> None:
    for variance in (math.inf, math.nan):
        one = Chance(np.zeros(1), np.array([variance]), np.zeros(1))
        assert one.quantiles(0, 0.1) == (-math.inf, math.inf)
    fixed = Chance(np.ones(1), np.zeros(1), np.zeros(1))
    assert fixed.quantiles(0, 0.1) == (1.0, 1.0)
    left, right = (
        Chance(np.zeros(1), np.ones(1), np.array([third])).quantiles(0, 0.1)
        for third in (-0.5, 0.5)
    )
    assert left == pytest.approx([-end for end in right[::-1]])
