"""The primitives of both targets against exact arithmetic."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from numba import njit
from oracle.floats import FORMATS, integer

from fastinit.arithmetic import primitives as plain
from fastinit.backends.cpu_target import cpu_target

SINGLE, DOUBLE = FORMATS["float32"], FORMATS["float64"]
singles = st.floats(width=32, allow_nan=False, allow_infinity=False)
doubles = st.floats(allow_nan=False, allow_infinity=False)
compiled = cpu_target().primitives


@pytest.fixture(scope="module")
def compiled_functions():
    """Compiled primitives as functions that Python can call."""
    fma32, fma64 = compiled["fma32"], compiled["fma64"]
    sqrt32, sqrt64 = compiled["sqrt32"], compiled["sqrt64"]
    multiply_wide = compiled["multiply_wide"]
    single, double = compiled["single"], compiled["double"]
    shift_signed = compiled["shift_signed"]
    shift_left, shift_right = compiled["shift_left"], compiled["shift_right"]
    magnitude32, magnitude64 = compiled["magnitude32"], compiled["magnitude64"]
    return {
        "shift_left": njit("u4(u4, i4)")(lambda w, n: shift_left(w, n)),
        "shift_right": njit("u4(u4, i4)")(lambda w, n: shift_right(w, n)),
        "magnitude32": njit("i4(i4)")(lambda k: magnitude32(k)),
        "magnitude64": njit("i8(i8)")(lambda k: magnitude64(k)),
        "single": njit("f4(i4)")(lambda k: single(k)),
        "double": njit("f8(i8)")(lambda k: double(k)),
        "fma32": njit("f4(f4, f4, f4)")(lambda a, b, c: fma32(a, b, c)),
        "fma64": njit("f8(f8, f8, f8)")(lambda a, b, c: fma64(a, b, c)),
        "sqrt32": njit("f4(f4)")(lambda a: sqrt32(a)),
        "sqrt64": njit("f8(f8)")(lambda a: sqrt64(a)),
        "shift_signed": njit("i4(u4, i4)")(lambda w, n: shift_signed(w, n)),
        "multiply_wide": njit("UniTuple(u4, 2)(u4, u4)")(
            lambda a, b: multiply_wide(a, b)
        ),
    }


def single_bits(value) -> int:
    return struct.unpack("<I", struct.pack("<f", value))[0]


def double_bits(value) -> int:
    return struct.unpack("<Q", struct.pack("<d", value))[0]


def exact_fma(target, bits, values):
    """Bits of a b + c rounded once, or a rejected example where it overflows."""
    numbers = [target.decode(bits(value)) for value in values]
    try:
        return target.encode(target.fma(*numbers))
    except OverflowError:
        assume(False)
        raise


@given(singles, singles, singles)
def test_fma32(compiled_functions, a, b, c):
    expected = exact_fma(SINGLE, single_bits, (a, b, c))
    arguments = np.float32(a), np.float32(b), np.float32(c)
    assert single_bits(plain.fma32(*arguments)) == expected
    assert single_bits(compiled_functions["fma32"](*arguments)) == expected


@given(doubles, doubles, doubles)
def test_fma64(compiled_functions, a, b, c):
    expected = exact_fma(DOUBLE, double_bits, (a, b, c))
    assert double_bits(plain.fma64(a, b, c)) == expected
    assert double_bits(compiled_functions["fma64"](a, b, c)) == expected


@given(st.integers(-(2**24), 2**24), st.integers(-(2**24), 2**24), st.integers(-3, 3))
def test_fma32_near_ties(compiled_functions, a, b, step):
    """Products next to a rounding boundary, where a second rounding would show."""
    product = float(a) * float(b)
    c = np.float32(-product) + np.float32(step) * np.float32(2.0**-30)
    arguments = np.float32(a), np.float32(b), np.float32(c)
    expected = exact_fma(SINGLE, single_bits, arguments)
    assert single_bits(plain.fma32(*arguments)) == expected
    assert single_bits(compiled_functions["fma32"](*arguments)) == expected


def test_fma32_is_not_rounded_twice(compiled_functions):
    """Just below a tie between 1 + 2^-23 and 1 + 2^-22; float64 says it is the tie."""
    a = np.float32(2.0**-12 * (1 + 2.0**-23))
    b = np.float32(2.0**-12 * (1 - 2.0**-23))
    c = np.float32(1 + 2.0**-23)
    assert np.float32(float(a) * float(b) + float(c)) == np.float32(1 + 2.0**-22)
    assert plain.fma32(a, b, c) == c
    assert compiled_functions["fma32"](a, b, c) == c


@pytest.mark.parametrize("signs", range(8))
def test_signs_of_zeros(compiled_functions, signs):
    a, b, c = (-0.0 if signs >> k & 1 else 0.0 for k in range(3))
    expected = exact_fma(DOUBLE, double_bits, (a, b, c))
    assert double_bits(plain.fma64(a, b, c)) == expected
    assert double_bits(compiled_functions["fma64"](a, b, c)) == expected
    small = np.float32(a), np.float32(b), np.float32(c)
    assert single_bits(plain.fma32(*small)) == expected >> 32
    assert single_bits(compiled_functions["fma32"](*small)) == expected >> 32


@given(st.floats(2.0**-149, 2.0**127, width=32))
def test_sqrt32(compiled_functions, value):
    expected = SINGLE.encode(SINGLE.sqrt(SINGLE.decode(single_bits(value))))
    assert single_bits(plain.sqrt32(np.float32(value))) == expected
    assert single_bits(compiled_functions["sqrt32"](np.float32(value))) == expected


@given(st.floats(5e-324, 1e308))
def test_sqrt64(compiled_functions, value):
    expected = DOUBLE.encode(DOUBLE.sqrt(DOUBLE.decode(double_bits(value))))
    assert double_bits(plain.sqrt64(value)) == expected
    assert double_bits(compiled_functions["sqrt64"](value)) == expected


@given(st.integers(0, 2**32 - 1), st.integers(0, 31))
def test_shift_signed(compiled_functions, word, bits):
    signed = word - 2**32 if word >> 31 else word
    assert plain.shift_signed(word, bits) == signed // 2**bits
    assert compiled_functions["shift_signed"](word, bits) == signed // 2**bits


@given(st.integers(0, 2**32 - 1), st.integers(0, 31))
def test_shifts_of_words(compiled_functions, word, bits):
    for function in (plain.shift_left, compiled_functions["shift_left"]):
        assert function(word, bits) == word * 2**bits % 2**32
    for function in (plain.shift_right, compiled_functions["shift_right"]):
        assert function(word, bits) == word // 2**bits


@pytest.mark.parametrize("bits", [32, 64])
@given(data=st.data())
def test_magnitudes(compiled_functions, bits, data):
    end = 2 ** (bits - 1) - 1
    value = data.draw(st.integers(-end, end))
    assert getattr(plain, f"magnitude{bits}")(value) == abs(value)
    assert compiled_functions[f"magnitude{bits}"](value) == abs(value)


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_multiply_wide(compiled_functions, a, b):
    high, low = a * b >> 32, a * b & 0xFFFFFFFF
    assert plain.multiply_wide(a, b) == (high, low)
    assert compiled_functions["multiply_wide"](a, b) == (high, low)


@pytest.mark.parametrize("base", [2**23, 2**24, 2**25, 2**30, 2**31 - 200])
def test_integers_round_to_nearest_even_in_single(compiled_functions, base):
    for k in (sign * (base + step) for step in range(-150, 150) for sign in (1, -1)):
        expected = SINGLE.encode(SINGLE.nearest(integer(k)))
        assert single_bits(plain.single(k)) == expected
        assert single_bits(compiled_functions["single"](k)) == expected


@pytest.mark.parametrize("base", [2**52, 2**53, 2**54, 2**62, 2**63 - 2000])
def test_integers_round_to_nearest_even_in_double(compiled_functions, base):
    for k in (sign * (base + 7 * s) for s in range(-150, 250) for sign in (1, -1)):
        expected = DOUBLE.encode(DOUBLE.nearest(integer(k)))
        assert double_bits(plain.double(k)) == expected
        assert double_bits(compiled_functions["double"](k)) == expected


@given(st.integers(-(2**70), 2**70))
def test_casts_keep_the_low_bits(value):
    assert plain.u16(value) == value % 2**16
    assert plain.u32(value) == value % 2**32
    assert plain.u64(value) == value % 2**64
    assert (plain.i32(value) - value) % 2**32 == 0
    assert -(2**31) <= plain.i32(value) < 2**31
    assert (plain.i64(value) - value) % 2**64 == 0
    assert -(2**63) <= plain.i64(value) < 2**63


@given(singles, doubles)
def test_bits_round_trip(small, large):
    narrow, wide = single_bits(small), double_bits(large)
    assert plain.bits32(np.float32(small)) == narrow
    assert plain.bits32(plain.single_from_bits(narrow)) == narrow
    assert plain.bits64(large) == wide
    assert plain.bits64(plain.double_from_bits(wide)) == wide
