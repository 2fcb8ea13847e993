"""Exact tails and moments, against mpmath."""

from __future__ import annotations

import decimal
import math
from decimal import Decimal

import mpmath
import pytest

from fastinit.distributions.normal_tails import (
    centred_probability,
    exact,
    truncated_moments,
    truncated_std,
    upper_tail,
)

MP = mpmath.mp.clone()
MP.dps = 160
INFINITY = Decimal("Infinity")


def tail(x):
    return MP.erfc(MP.mpf(x) / MP.sqrt(2)) / 2


@pytest.mark.parametrize(
    "x", ["0", "1e-30", "0.5", "3", "5.99", "6.01", "8", "12", "37", "38.5", "1000"]
)
def test_tails_are_right_to_a_hundred_digits(x):
    with exact():
        found, other = upper_tail(Decimal(x)), upper_tail(-Decimal(x))
        centred = centred_probability(Decimal(x))
    assert abs(MP.mpf(str(found)) / tail(x) - 1) < MP.mpf(10) ** -100
    assert abs(MP.mpf(str(other)) - tail("-" + x)) < MP.mpf(10) ** -100
    expected = MP.erf(MP.mpf(x) / MP.sqrt(2)) / 2
    assert abs(MP.mpf(str(centred)) - expected) <= abs(expected) * MP.mpf(10) ** -100


def test_tails_at_infinity():
    with exact():
        assert upper_tail(INFINITY) == 0
        assert upper_tail(-INFINITY) == 1
        assert centred_probability(-INFINITY) == Decimal(-1) / 2


def true_moments(lower, upper):
    """Mean, std and kurtosis by integration of the density relative to a bound."""
    a, b = MP.mpf(lower), MP.mpf(upper)
    middle = [a, *(a + (b - a) * MP.mpf(k) / 4 for k in (1, 2, 3)), b]
    weights = [
        MP.quad(lambda x, k=k: (x - a) ** k * MP.exp((a - x) * (a + x) / 2), middle)
        for k in range(5)
    ]
    m1, m2, m3, m4 = (w / weights[0] for w in weights[1:])
    variance = m2 - m1**2
    fourth = m4 - 4 * m1 * m3 + 6 * m1**2 * m2 - 3 * m1**4
    return a + m1, MP.sqrt(variance), fourth / variance**2


@pytest.mark.parametrize(
    ("lower", "upper"),
    [("-2", "2"), ("-3", "1"), ("0", "0.001"), ("37", "37.5"), ("1", "1.0000000001")],
)
def test_moments_agree_with_integration(lower, upper):
    found = truncated_moments(Decimal(lower), Decimal(upper))
    values = (found.mean, found.std, found.kurtosis)
    for value, true in zip(values, true_moments(lower, upper), strict=True):
        assert value == pytest.approx(float(true), rel=2**-52, abs=1e-40)


def test_moments_of_known_laws():
    plain = truncated_moments(-INFINITY, INFINITY)
    assert (plain.mean, plain.std, plain.kurtosis) == (0.0, 1.0, 3.0)
    half = truncated_moments(Decimal(0), INFINITY)
    assert half.mean == math.sqrt(2 / math.pi)
    assert half.std == pytest.approx(math.sqrt(1 - 2 / math.pi), rel=1e-15)
    mirrored = truncated_moments(-INFINITY, Decimal(0))
    assert (mirrored.mean, mirrored.std) == (-half.mean, half.std)
    narrow = truncated_moments(Decimal(1), Decimal(1) + Decimal("1e-18"))
    assert narrow.std == pytest.approx(1e-18 / math.sqrt(12), rel=1e-15)
    assert narrow.kurtosis == 1.8


def test_the_std_that_frameworks_divide_by():
    # jax.nn.initializers writes 0.87962566103423978.
    assert truncated_std(-2.0, 2.0) == 0.87962566103423978
    assert truncated_std(-math.inf, math.inf) == 1.0


def test_a_callers_context_does_not_matter():
    expected = truncated_moments(Decimal(-1), Decimal(3))
    with decimal.localcontext(decimal.Context(prec=3, Emax=9, Emin=-9)):
        assert truncated_moments(Decimal(-1), Decimal(3)) == expected
