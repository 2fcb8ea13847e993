"""Constants: one value, exactly, in every dtype that can hold it."""

from __future__ import annotations

import math
import struct

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from fastinit import Spec, constant, create, fill
from fastinit.conformance import check
from fastinit.distributions.constant import constant_law
from fastinit.dtypes import DTYPES, numpy_dtype
from fastinit.errors import ArgumentError

FLOATS = [row.name for row in DTYPES.values() if row.is_float]
INTEGERS = [row.name for row in DTYPES.values() if row.kind == "integer"]


def bits(array: np.ndarray) -> set[bytes]:
    """Different byte patterns of the elements."""
    return {element.tobytes() for element in array}


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("value", [0, 1, True, False, 1.0])
def test_small_values_are_in_every_dtype(value, dtype):
    array = constant((3, 5), value, dtype=dtype)
    assert array.dtype == numpy_dtype(dtype)
    assert (array == value).all()


@pytest.mark.parametrize("dtype", INTEGERS)
def test_integers_reach_both_ends_exactly(dtype):
    limits = np.iinfo(dtype)
    for value in (limits.min, limits.max, int(limits.max) - 1):
        assert constant(3, value, dtype=dtype).tolist() == [value] * 3
    for value in (int(limits.min) - 1, int(limits.max) + 1, 0.5, math.nan, math.inf):
        with pytest.raises(ArgumentError, match=dtype):
            constant(3, value, dtype=dtype)


def test_integers_are_not_rounded_to_float64():
    assert constant(1, 2**53 + 1, dtype="int64").tolist() == [2**53 + 1]
    assert constant(1, 2**64 - 1, dtype="uint64").tolist() == [2**64 - 1]
    assert create("constant(val=9007199254740993)", 1, dtype="int64")[0] == 2**53 + 1


@pytest.mark.parametrize("value", [2, -1, 0.5, math.nan])
def test_bool_holds_two_values(value):
    with pytest.raises(ArgumentError, match="bool"):
        constant(3, value, dtype="bool")


@pytest.mark.parametrize("dtype", FLOATS)
def test_zeros_keep_their_sign(dtype):
    # In both orders: equal values must not share what was prepared for the other.
    for value in (0.0, -0.0, 0.0):
        array = constant(5, value, dtype=dtype).astype(np.float64)
        assert (np.signbit(array) == (math.copysign(1, value) < 0)).all()
    assert np.signbit(create("constant(val=-0.0)", 1)[0])
    assert not np.signbit(create("zeros", 1)[0])


@pytest.mark.parametrize("dtype", FLOATS)
def test_values_that_are_not_finite(dtype):
    for value in (math.inf, -math.inf):
        if dtype == "float8_e4m3fn":
            with pytest.raises(ArgumentError, match=dtype):
                constant(5, value, dtype=dtype)
            continue
        assert (constant(5, value, dtype=dtype).astype(np.float64) == value).all()
    negative = struct.unpack("<d", b"\0\0\0\0\0\0\xf8\xff")[0]
    arrays = [constant(5, nan, dtype=dtype) for nan in (math.nan, negative)]
    assert all(np.isnan(array.astype(np.float64)).all() for array in arrays)
    assert len(bits(arrays[0]) | bits(arrays[1])) == 1


@pytest.mark.parametrize("dtype", [name for name in FLOATS if name != "float64"])
def test_finite_values_do_not_become_infinite(dtype):
    largest = DTYPES[dtype].max_finite
    assert constant(1, largest, dtype=dtype).astype(np.float64)[0] == largest
    for value in (largest * 1.2, -largest * 1.2, 1e300):
        with pytest.raises(ArgumentError, match=dtype):
            constant(1, value, dtype=dtype)


@given(st.floats(-60_000, 60_000))
def test_low_precision_rounds_the_float32_value(value):
    for name in ("float16", "bfloat16", "float8_e4m3fn", "float8_e5m2"):
        # float8 does not reach as far.
        single = constant(1, value * min(1.0, DTYPES[name].max_finite / 60_000))
        low = constant(1, single[0], dtype=name)
        assert low.tobytes() == single.astype(numpy_dtype(name)).tobytes()


@pytest.mark.parametrize("value", [1 + 2**-8 + 2**-40, 1 + 2**-11 + 2**-40, 0.1, 1 / 3])
@pytest.mark.parametrize("dtype", FLOATS)
def test_values_are_those_of_torch(value, dtype):
    theirs = torch.empty(3, dtype=getattr(torch, dtype)).fill_(value)
    ours = fill(torch.empty_like(theirs), Spec("constant", val=value))
    assert torch.equal(ours, theirs)


@pytest.mark.parametrize("value", [np.float16(0.5), np.int8(3), np.True_, np.uint64(9)])
def test_numpy_scalars_are_numbers(value):
    assert constant(2, value, dtype="float64").tolist() == [float(value)] * 2


@pytest.mark.parametrize("dtype", DTYPES)
def test_constants_conform_to_themselves(dtype):
    array = constant((30, 7), 1, dtype=dtype)
    assert check(array, "constant(val=1)").conforms
    assert not check(array, "zeros").conforms


def test_the_law_is_a_step():
    law = constant_law((2.0,))
    assert law.cdf(np.array([1.9, 2.0, 2.1])).tolist() == [0, 1, 1]
    assert law.sf(np.array([1.9, 2.0, 2.1])).tolist() == [1, 0, 0]
    assert (law.mean, law.std, law.support) == (2.0, 0.0, (2.0, 2.0))
