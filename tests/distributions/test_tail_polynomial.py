"""The polynomial of a tail, against mpmath between its points."""

from __future__ import annotations

import math
from decimal import Decimal

import mpmath
import pytest

from fastinit.distributions.tail_polynomial import BEND, NODES, REACH, tail_polynomial

MP = mpmath.mp.clone()
MP.dps = 80
BITS = {32: 24, 64: 53}


def log_tail(x):
    return MP.log(MP.erfc(x / MP.sqrt(2)) / 2)


def largest_error(lower, upper, precision):
    """Largest relative error of a distance from the bound."""
    tail = tail_polynomial(Decimal(lower), Decimal(upper), precision)
    coefficients = [MP.mpf(str(c)) for c in reversed(tail.coefficients)]
    a, bend = MP.mpf(lower), MP.mpf(str(BEND))
    span = min(MP.mpf(upper) - a, MP.sqrt(a**2 + REACH[precision]) - a)
    square, unit = MP.mpf(str(tail.square)), MP.mpf(str(tail.unit))
    worst = MP.mpf(0)
    for k in range(1, 40):
        x = span * (MP.mpf(k) / 39) ** 2
        fall = 2 * (log_tail(a) - log_tail(a + x))
        d = fall / (MP.sqrt(square + fall) + MP.sqrt(square))
        found = d * MP.polyval(coefficients, d * unit / (d + bend) - 1)
        worst = max(worst, abs(found / x - 1))
    return float(worst)


@pytest.mark.parametrize("precision", [32, 64])
@pytest.mark.parametrize(
    ("lower", "upper"),
    [
        ("-0.5", "inf"),
        ("-0.5", "0.5"),
        ("0", "inf"),
        ("3", "5"),
        ("37", "inf"),
        ("1000", "inf"),
        ("1", "1.0000001"),
        ("0.3", "0.3000000000000000000001"),
    ],
)
def test_the_error_is_below_a_rounding(lower, upper, precision):
    assert largest_error(lower, upper, precision) < 0.6 * 2.0 ** -BITS[precision]


def test_nodes_are_those_of_the_document():
    for nodes in NODES.values():
        n = len(nodes)
        for k, node in enumerate(nodes):
            # None of them lies so near to a half that the sine's error could count.
            true = 2**20 * math.sin(math.pi * (2 * k + 1) / (4 * n)) ** 2
            assert node == round(true)
            assert abs(abs(true - node) - 0.5) > 1e-4
