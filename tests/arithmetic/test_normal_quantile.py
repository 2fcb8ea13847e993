"""Quantile ratios, steps into tails and distances, against mpmath and integers."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fastinit.arithmetic.central_quotient import central_quotient_double
from fastinit.arithmetic.normal_quantile import (
    central_ratio_single,
    quantile_ratio_single,
    shifted_log2_single,
)
from fastinit.arithmetic.normal_quantile_double import (
    quantile_ratio_double,
    shifted_log2_double,
)
from fastinit.arithmetic.tail_step import minus_two_log_double, minus_two_log_single
from fastinit.arithmetic.two_ended import (
    ends_double,
    ends_single,
    scaled_end_single,
    scaled_ends_single,
)

MP = mpmath.mp.clone()
MP.prec = 220
words = st.integers(0, 2**32 - 1)


def true_ratio(z):
    """Quantile over q at log2(4 t (1 - t)) = z - 4."""
    root = MP.sqrt(1 - MP.mpf(2) ** (MP.mpf(float(z)) - 4))
    return MP.sqrt(8) * MP.erfinv(root) / root if root else MP.sqrt(2 * MP.pi)


@pytest.mark.parametrize(
    ("ratio", "kind", "deepest", "bits"),
    [
        (central_ratio_single, np.float32, 8, 24),
        (quantile_ratio_single, np.float32, 48, 24),
        (quantile_ratio_double, float, 81, 53),
    ],
)
def test_ratios_are_within_three_units(ratio, kind, deepest, bits):
    for depth in [*np.linspace(0, deepest, 80), 8, 8 + 2**-20, 24, 24 + 2**-40]:
        if depth <= deepest:
            z = kind(4 - depth)
            error = MP.mpf(float(ratio(z))) / true_ratio(z) - 1
            assert abs(error) < 3 * 2.0**-bits


@given(st.floats(2.0**-8, 1.0))
@example(2.0**-8)
@example(1.0)
def test_quotients_are_within_three_units(y):
    root = MP.sqrt(1 - MP.mpf(y))
    true = MP.sqrt(8) * MP.erfinv(root) / root if root else MP.sqrt(2 * MP.pi)
    error = MP.mpf(central_quotient_double(y)) / true - 1
    # In units of 2^-53 half of all are within 0.7, and the worst of 20,000 is 3.5.
    assert abs(error) < 3 * 2.0**-52


@given(st.floats(2.0**-90, 1.0, width=32))
def test_logarithms(y):
    true = float(MP.log(MP.mpf(y), 2)) + 4
    bound = 2.0**-24 + 2.0**-24 * abs(true)
    assert abs(float(shifted_log2_single(np.float32(y))) - true) < bound
    assert abs(shifted_log2_double(y) - true) < 2.0**-27 * bound


@given(word=words, partner=words, extension=words)
def test_distances_are_the_nearest_numbers(word, partner, extension):
    kept = partner % 2**15
    odd = 2 * ((word << 15) + kept) + 1
    for found, width, kind in (
        (ends_single(word, partner), 48, np.float32),
        (ends_double(word, partner, extension), 80, np.float64),
    ):
        if width == 80:
            odd = 2 * ((word << 47) + (kept << 32) + extension) + 1
        half = 2 ** (width - 1)
        end, centred = odd - 2 * half if odd > half else odd, odd - half
        for value, integer in zip(found, (end, centred), strict=True):
            # Two roundings at most: that of the lower part cannot be seen.
            true = kind(MP.ldexp(integer, -width))
            assert abs(value - true) <= abs(np.spacing(true))
            assert value != 0


@given(word=words, partner=words)
def test_complements_are_mirrored(word, partner):
    other = word ^ 0xFFFFFFFF
    near, centred = scaled_end_single(word)
    assert scaled_end_single(other) == (near, -centred)
    assert scaled_ends_single(other) == tuple(-x for x in scaled_ends_single(word))
    mirrored = ends_single(other, partner ^ 0xFFFFFFFF)
    assert mirrored == tuple(-x for x in ends_single(word, partner))


@pytest.mark.parametrize("drop", [1.0, 0.75, 2.0**-30])
def test_steps_into_a_tail_are_relatively_accurate(drop):
    rest = 1 - drop
    for u in (2.0**-48, 1e-9, 0.1, 0.4999, 0.5001, 0.9, 1 - 2.0**-20, 1 - 2.0**-48):
        end = u if u < 0.5 else u - 1
        for function, kind, bits in (
            (minus_two_log_single, np.float32, 24),
            (minus_two_log_double, float, 53),
        ):
            held, scale, left = kind(end), kind(drop), kind(rest)
            u_held = MP.mpf(float(held)) + (1 if end < 0 else 0)
            true = -2 * MP.log(1 - u_held * float(scale))
            found = MP.mpf(float(function(held, scale, left)))
            assert abs(found / true - 1) < 6 * 2.0**-bits
