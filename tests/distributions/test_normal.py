"""Normal values: one z for every std and precision, rounded once."""

from __future__ import annotations

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastinit import create, make_plan, normal
from fastinit.distributions.normal import REACH
from fastinit.dtypes import DTYPES, numpy_dtype
from fastinit.errors import ArgumentError, DtypeError

IDENTITY = {"seed": 3, "name": "n"}
LOW = [row.name for row in DTYPES.values() if row.is_low_precision]
FLOATS = [row.name for row in DTYPES.values() if row.is_float]


@pytest.mark.parametrize("dtype", LOW)
@pytest.mark.parametrize(
    ("mean", "std"), [(0, 1), (0, 0.02), (3, 1e-6), (0, 1e-8), (-100, 2000)]
)
def test_low_precision_is_the_float32_value_rounded_once(mean, std, dtype):
    if abs(mean) + 7.55 * std > DTYPES[dtype].max_finite:
        with pytest.raises(ArgumentError, match=dtype):
            make_plan(f"normal(mean={mean}, std={std})", (3,), dtype)
        return
    single = normal(100_000, mean, std, **IDENTITY)
    values = normal(100_000, mean, std, dtype=dtype, **IDENTITY)
    assert values.tobytes() == single.astype(numpy_dtype(dtype)).tobytes()


@pytest.mark.parametrize("std", [1.0, 0.02, 1e-30, 1e30])
def test_float64_refines_float32(std):
    single = normal(200_000, 0, std, **IDENTITY).astype(np.float64)
    double = normal(200_000, 0, std, dtype="float64", **IDENTITY)
    # float32 uses 40 of 64 bits of the radius and 32 of 64 of the angle: near z = 0
    # the difference is absolute, else it is some units in the last place.
    error = np.abs(double - single) / (np.abs(double) + 1e-3 * std)
    assert error.max() < 1e-5
    assert np.median(np.abs(double - single) / np.abs(double)) < 2.0**-22
    assert (double != single).mean() > 0.99


@given(
    mean=st.floats(-100, 100, width=32),
    std=st.floats(0, 100, width=32),
)
def test_mean_and_std_scale_one_z(mean, std):
    z = normal(256, **IDENTITY).astype(np.float64)
    values = normal(256, mean, std, **IDENTITY)
    # Both factors have 24 bits, so the product is exact in float64, and the sum is
    # rounded there once more: within an ulp of the fma.
    near = z * std + mean
    assert (np.abs(values - near) <= np.spacing(np.abs(values))).all()


@pytest.mark.parametrize("dtype", FLOATS)
def test_no_value_is_zero_or_beyond_the_reach(dtype):
    values = np.abs(normal(500_000, dtype=dtype, **IDENTITY).astype(np.float64))
    assert values.max() < REACH[DTYPES[dtype].precision]
    # Bytes underflow: half of 2^-9 is met once in 500 values.
    assert values.min() > 0 or DTYPES[dtype].itemsize == 1


def test_the_reaches_are_those_of_the_smallest_radii():
    assert math.sqrt(-2 * math.log(2**-41)) < REACH[32] < 7.56
    assert math.sqrt(-2 * math.log(2**-65)) < REACH[64] < 9.52


@pytest.mark.parametrize("dtype", FLOATS)
def test_a_std_of_zero_is_the_mean(dtype):
    for mean in (-0.0, 0.0, 0.5):
        values = normal(9, mean, 0.0, dtype=dtype, **IDENTITY).astype(np.float64)
        assert (values == mean).all()
        # Equal parameters may share what was prepared: so their bits must be equal.
        assert not np.signbit(values).any()


@pytest.mark.parametrize(
    ("mean", "std", "dtype"),
    [
        (0, -1, "float32"),
        (0, math.nan, "float32"),
        (0, math.inf, "float64"),
        (math.inf, 1, "float32"),
        (math.nan, 1, "float32"),
        (0, 1e38, "float32"),
        (0, 65_504 / 7, "float16"),
        (65_504, 1, "float16"),
        (0, 1e308, "float64"),
        (1e300, 1, "bfloat16"),
    ],
)
def test_parameters_that_cannot_be_drawn(mean, std, dtype):
    with pytest.raises(ArgumentError, match="normal"):
        normal(3, mean, std, dtype=dtype)


def test_the_largest_std_of_float16_stays_finite():
    values = normal(500_000, 0, 8676.0, dtype="float16", **IDENTITY)
    assert np.isfinite(values.astype(np.float32)).all()


@pytest.mark.parametrize("dtype", ["int32", "bool", "uint8"])
def test_random_values_need_a_floating_dtype(dtype):
    with pytest.raises(DtypeError, match="floating"):
        create("normal", 3, dtype=dtype)


def test_the_law_agrees_with_the_standard_library():
    law, theirs = (
        make_plan("normal(mean=1, std=2)", (2,)).law(),
        statistics.NormalDist(1, 2),
    )
    for x in (-9.0, 0.0, 1.0, 2.5):
        assert law.cdf(np.array([x]))[0] == pytest.approx(theirs.cdf(x), rel=1e-12)
        assert law.sf(np.array([x]))[0] == pytest.approx(theirs.cdf(2 - x), rel=1e-12)
    # The complement keeps its accuracy where 1 - cdf would be zero.
    assert 0 < law.sf(np.array([41.0]))[0] < 1e-80
    assert (law.mean, law.std, law.kurtosis) == (1.0, 2.0, 3.0)
    assert make_plan("normal(mean=1, std=0)", (2,)).law().std == 0
