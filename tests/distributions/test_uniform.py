"""Uniform values: on [a, b), exact at the ends, one rounding in low precision."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fastinit import create, make_plan, uniform, words
from fastinit.distributions.uniform import representable_ends
from fastinit.dtypes import DTYPES, numpy_dtype
from fastinit.errors import ArgumentError

IDENTITY = {"seed": 3, "name": "u"}
FLOATS = [row.name for row in DTYPES.values() if row.is_float]
LOW = [name for name in FLOATS if DTYPES[name].is_low_precision]
INTERVALS = [
    (0.0, 1.0),
    (-1.0, 1.0),
    (-0.05, 0.05),
    (0.1, 0.3),
    (1.0, 2.0),
    (-3.0, -1.0),
    (-1.0, 0.0),
    (1.0, 1.3),
    (-1e-3, 5.0),
    (60_000.0, 65_504.0),
]


def is_refused(a: float, b: float, dtype: str) -> bool:
    """Whether an interval lies beyond a dtype; it must be refused then."""
    if max(abs(a), abs(b)) <= DTYPES[dtype].max_finite:
        return False
    with pytest.raises(ArgumentError, match=dtype):
        uniform(3, a, b, dtype=dtype)
    return True


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(("a", "b"), INTERVALS)
def test_values_lie_in_the_half_open_interval(a, b, dtype):
    if is_refused(a, b, dtype):
        return
    values = uniform(200_001, a, b, dtype=dtype, **IDENTITY).astype(np.float64)
    assert a <= values.min() < values.max() < b
    # Bytes have two values in [1, 1.3), which share it unevenly.
    allowed = (0.05 if DTYPES[dtype].itemsize == 1 else 0.01) * (b - a)
    assert values.mean() == pytest.approx((a + b) / 2, abs=allowed)


@pytest.mark.parametrize("bound", [1.0, 0.05, 0.3, 1e-30, 1e30])
def test_symmetric_values_are_scaled_odd_integers(bound):
    word = words(3, "u", 0, 4096).astype(np.int64)
    odd = ((word ^ 2**31) - 2**31 >> 8) * 2 + 1
    expected = (odd * 2.0**-24 * float(np.float32(bound))).astype(np.float32)
    values = uniform(4096, -bound, bound, **IDENTITY)
    assert (values == expected).all()
    assert values.all()


@pytest.mark.parametrize(("a", "b"), [(0.0, 1.0), (0.1, 0.3), (-2.0, 5.0)])
def test_half_open_values_are_one_fma(a, b):
    origin, scale = np.float32(a), np.float32(b * 2**-24 - a * 2**-24)
    values = uniform(300, a, b, **IDENTITY)
    for word, value in zip(words(3, "u", 0, 300).tolist(), values, strict=True):
        exact = (word >> 8) * Fraction(float(scale)) + Fraction(float(origin))
        # Double rounding can differ from one rounding only where this is a tie.
        assert float(value) == float(np.float32(float(exact)))


@pytest.mark.parametrize("dtype", LOW)
@pytest.mark.parametrize(("a", "b"), INTERVALS)
def test_low_precision_is_the_float32_value_clamped_and_rounded(a, b, dtype):
    if is_refused(a, b, dtype):
        return
    single = uniform(50_000, a, b, **IDENTITY)
    rounded = single.astype(numpy_dtype(dtype))
    lowest, highest = representable_ends(a, b, DTYPES[dtype])
    expected = np.clip(rounded.astype(np.float32), lowest, highest)
    values = uniform(50_000, a, b, dtype=dtype, **IDENTITY)
    np.testing.assert_array_equal(values.astype(np.float32), expected)


@pytest.mark.parametrize(("a", "b"), INTERVALS)
def test_float64_refines_float32(a, b):
    double = uniform(50_000, a, b, dtype="float64", **IDENTITY)
    single = uniform(50_000, a, b, **IDENTITY).astype(np.float64)
    # Symmetric points are centred in their cells of (b - a) 2^-24; others are at the
    # lower ends. One rounding to float32 comes on top.
    cell, rounding = (b - a) * 2.0**-24, max(abs(a), abs(b)) * 2.0**-23
    assert np.abs(double - single).max() <= cell + rounding
    assert len(np.unique(double)) > len(np.unique(single)) * 0.999
    assert (double != single).mean() > 0.9


@given(
    a=st.floats(-1e4, 1e4, width=16),
    width=st.floats(1e-3, 1e4),
    dtype=st.sampled_from(FLOATS),
)
def test_ends_are_neighbours_of_what_is_outside(a, width, dtype):
    kind, most = numpy_dtype(dtype), DTYPES[dtype].max_finite
    scale = min(1.0, most / 3e4)
    a, b = scale * a, scale * (a + width)
    assume(b > a)
    lowest, highest = representable_ends(a, b, DTYPES[dtype])
    below = float(np.nextafter(kind.type(lowest), kind.type(-most), dtype=kind))
    above = float(np.nextafter(kind.type(highest), kind.type(most), dtype=kind))
    assert below < a <= lowest
    assert highest < b <= above


@pytest.mark.parametrize("dtype", FLOATS)
def test_equal_ends_are_a_constant(dtype):
    values = uniform(9, 0.1, 0.1, dtype=dtype, **IDENTITY)
    assert (values == numpy_dtype(dtype).type(np.float32(0.1))).all() or (
        dtype == "float64" and (values == 0.1).all()
    )


def test_the_sign_of_a_zero_end_changes_nothing():
    for a, b in ((0.0, 1.0), (0.0, 0.0)):
        positive = uniform(99, a, b, **IDENTITY).tobytes()
        negative = uniform(99, -a, b if b else -b, **IDENTITY).tobytes()
        assert positive == negative == uniform(99, a, b, **IDENTITY).tobytes()


@pytest.mark.parametrize(
    ("a", "b", "dtype"),
    [
        (1.0, 0.0, "float32"),
        (0.0, math.inf, "float32"),
        (-math.inf, 0.0, "float64"),
        (math.nan, 1.0, "float32"),
        (0.0, math.nan, "float32"),
        (0.0, 1e39, "float32"),
        (-65_505.0, 0.0, "float16"),
        (0.0, 1e39, "bfloat16"),
        (0.0, 449.0, "float8_e4m3fn"),
        (-57_345.0, 0.0, "float8_e5m2"),
        (1.1, 1.2, "float8_e5m2"),
        (100.1, 100.3, "bfloat16"),
        (1.0, 1.0 + 2**-40, "int32"),
    ],
)
def test_intervals_that_cannot_be_drawn(a, b, dtype):
    with pytest.raises((ArgumentError, TypeError), match=r"uniform|floating"):
        make_plan(f"uniform(a={a!r}, b={b!r})", (3,), dtype)


def test_the_widest_intervals():
    largest = float(np.finfo(np.float32).max)
    values = uniform(99_999, -largest, largest, **IDENTITY)
    assert np.isfinite(values).all()
    assert values.min() < -0.99 * largest
    huge = create("uniform(a=-1.7e308, b=1.6e308)", 9999, dtype="float64", seed=0)
    assert np.isfinite(huge).all()
    assert huge.max() > 1.5e308


def test_the_law():
    law = make_plan("uniform(a=1.0, b=3.0)", (2,)).law()
    assert law.cdf(np.array([0.0, 1.5, 9.0])).tolist() == [0, 0.25, 1]
    assert law.sf(np.array([0.0, 1.5, 9.0])).tolist() == [1, 0.75, 0]
    assert (law.mean, law.support) == (2.0, (1.0, 3.0))
    assert law.std == pytest.approx(1 / math.sqrt(3), rel=1e-15)
    assert make_plan("uniform(a=1, b=1)", (2,)).law().std == 0
