"""Vectors of numbers: every operation does to each lane what it does to a number.

The same text is compiled twice, called with one word and with a vector of words.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numba import njit
from numba.core.errors import TypingError

from fastinit.backends import cpu_primitives
from fastinit.backends.cpu_blocks import LANES
from fastinit.backends.cpu_target import cpu_target

_compiled = cpu_target().primitives
(u8, u16, u32, u64, i32, i64, single, double, select) = (
    _compiled[name]
    for name in ("u8", "u16", "u32", "u64", "i32", "i64", "single", "double", "select")
)
(fma32, fma64, sqrt32, sqrt64, bits32, bits64, from32, from64, multiply_wide) = (
    _compiled[name]
    for name in (
        *("fma32", "fma64", "sqrt32", "sqrt64", "bits32", "bits64"),
        *("single_from_bits", "double_from_bits", "multiply_wide"),
    )
)
(left, right, signed, magnitude32, magnitude64, lane_steps, store_row, address_of) = (
    _compiled[name]
    for name in (
        *("shift_left", "shift_right", "shift_signed", "magnitude32", "magnitude64"),
        *("lane_steps", "store_row", "address_of"),
    )
)
C = np.uint32(0x9E3779B9)
F = np.float32(1.2345)
ONE = np.uint64(1)


@njit(inline="always")
def scrambled(word: Any) -> Any:
    high, low = multiply_wide(C, word)
    return u32(high ^ low)


@njit(inline="always")
def long(word: Any) -> Any:
    high, low = multiply_wide(C, word)
    return u64((u64(u32(high ^ low)) << 32) | u64(u32(low ^ word)))


#: What is done to a word w, by name: text, stored type.
OPERATIONS: dict[str, tuple[Any, Any]] = {
    "xor": (lambda w: u32(scrambled(w) ^ w ^ 77), np.uint32),
    "add": (lambda w: u32(scrambled(w) + w + C), np.uint32),
    "subtract": (lambda w: u32(5 - scrambled(w)), np.uint32),
    "multiply": (lambda w: u32(scrambled(w) * 2654435761), np.uint32),
    "and or": (lambda w: u32((scrambled(w) & 0xF0F0) | (w & 0xFF)), np.uint32),
    "shifts": (lambda w: u32(left(scrambled(w), 7) | right(w, 3)), np.uint32),
    "signed shift": (lambda w: signed(scrambled(w), 5), np.int32),
    "operators of shifts": (lambda w: u32((scrambled(w) >> 4) & 0xFF), np.uint32),
    "long shifts": (lambda w: u64((long(w) << 9) | (long(w) >> 31)), np.uint64),
    "long signed shift": (lambda w: i64(long(w)) >> 12, np.int64),
    "narrow": (lambda w: u16(scrambled(w)), np.uint16),
    "narrower": (lambda w: u8(scrambled(w)), np.uint8),
    "narrow long": (lambda w: u32(long(w) >> 16), np.uint32),
    "narrow long to bytes": (lambda w: u8(long(w) >> 16), np.uint8),
    "bytes to words": (lambda w: u32(u32(u8(scrambled(w))) * 3), np.uint32),
    "bytes to long": (lambda w: u64(u8(scrambled(w))) << 40, np.uint64),
    "magnitude": (lambda w: magnitude32(i32(scrambled(w) | 1)), np.int32),
    "long magnitude": (lambda w: magnitude64(i64(long(w) | 1)), np.int64),
    "to float": (lambda w: single(i32(scrambled(w))), np.float32),
    "to float, unsigned": (lambda w: single(scrambled(w)), np.float32),
    "to double": (lambda w: double(i64(long(w))), np.float64),
    "to double, small": (lambda w: double(i64(long(w)) >> 50), np.float64),
    "fma": (lambda w: fma32(single(i32(scrambled(w))), F, F), np.float32),
    "long fma": (lambda w: fma64(double(i64(long(w))), 0.1, 0.3), np.float64),
    "root": (lambda w: sqrt32(single(scrambled(w))), np.float32),
    "long root": (lambda w: sqrt64(double(i64(long(w) >> 2))), np.float64),
    "bits": (lambda w: u32(bits32(single(scrambled(w))) + 1), np.uint32),
    "long bits": (lambda w: u64(bits64(double(i64(long(w)))) + 1), np.uint64),
    "from bits": (lambda w: from32(u32(scrambled(w) & 0x7F7FFFFF)) * F, np.float32),
    "long from bits": (
        lambda w: from64(u64(long(w) & 0x7FEFFFFFFFFFFFFF)) * 0.7,
        np.float64,
    ),
    "negated": (lambda w: -single(i32(scrambled(w))) - F, np.float32),
    "less": (lambda w: select(scrambled(w) < w, scrambled(w), w), np.uint32),
    "signed less": (
        lambda w: select(i32(scrambled(w)) <= i32(w), i32(1), i32(-1)),
        np.int32,
    ),
    "equal": (lambda w: select((scrambled(w) & 3) == 0, u32(1), u32(0)), np.uint32),
    "unequal": (lambda w: select((scrambled(w) & 3) != 0, u32(9), w), np.uint32),
    "float greater": (
        lambda w: select(single(i32(scrambled(w))) > F, F, single(i32(w))),
        np.float32,
    ),
    "long greater": (
        lambda w: select(double(i64(long(w))) >= 0.5, 1.5, double(i64(long(w)))),
        np.float64,
    ),
}
STARTS = ((0, 1), (2**31 - 8, 1), (2**32 - 16, 1), (12345, 98765), (0x80000000, 17))


@pytest.mark.parametrize("name", OPERATIONS)
def test_lanes_are_numbers(name):
    text, stored = OPERATIONS[name]
    apply = njit(inline="always")(text)
    itemsize = np.dtype(stored).itemsize

    @njit
    def of_vector(low, step, out):
        words = lane_steps(u32(low), step, LANES, itemsize)
        store_row(address_of(out), LANES, stored, apply(words))

    @njit
    def of_numbers(low, step, out):
        for k in range(LANES):
            out[k] = apply(u32(low + k * step))

    for low, step in STARTS:
        lanes, numbers = np.zeros(LANES, stored), np.zeros(LANES, stored)
        of_vector(low, step, lanes)
        of_numbers(low, step, numbers)
        np.testing.assert_array_equal(lanes, numbers)


@pytest.mark.parametrize("has_instruction", [False, True])
def test_long_integers_are_rounded_once(monkeypatch, has_instruction):
    """Either way to convert, on integers around powers of two and around ties."""
    monkeypatch.setattr(
        cpu_primitives, "converts_long_integers", lambda: has_instruction
    )

    @njit(inline="always")
    def integer(word):
        power = u64(ONE << u64(word & 63))
        tie = u64(power >> u64((word >> 6) & 63))
        return i64(u64(u64(power + tie) + u64((word >> 12) & 7)) - 3)

    @njit
    def convert(low, floats, integers):
        words = lane_steps(u32(low), np.int64(1), LANES, 8)
        store_row(address_of(integers), LANES, np.int64, integer(words))
        store_row(address_of(floats), LANES, np.float64, double(integer(words)))

    floats, integers = np.zeros(LANES), np.zeros(LANES, np.int64)
    signs = set()
    for low in range(0, 1 << 15, LANES):
        convert(low, floats, integers)
        np.testing.assert_array_equal(floats, integers.astype(np.float64))
        signs |= set(np.sign(integers))
    assert signs == {-1, 0, 1}


def test_mixed_types_are_refused():
    """A promotion that nobody wrote is a mistake of the text, not slow code."""

    @njit
    def mixed(low):
        words = lane_steps(u32(low), np.int64(1), LANES, 4)
        return store_row(low, LANES, np.float32, single(i32(words)) * 0.5)

    with pytest.raises(TypingError):
        mixed(1)
