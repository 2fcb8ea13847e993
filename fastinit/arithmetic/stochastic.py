"""Stochastic rounding: up with the probability that the dropped bits are worth.

A float32 value between two neighbours of a narrow dtype becomes one of them at random,
so that its expectation is the value itself. A value of the dtype stays, so one that
was clamped to ends of the dtype stays within them.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fastinit.arithmetic.philox import counter_words
from fastinit.arithmetic.primitives import (
    Word,
    bits32,
    select,
    shift_left,
    shift_right,
    u8,
    u16,
    u32,
)

__all__ = ["STOCHASTIC_ENCODERS", "draw_stochastic"]

#: Tag of the blocks of random bits.
ROUNDING_TAG = 3
ZERO = Word(0)
ONE = Word(1)
WIDTH = Word(32)
LONGEST_SHIFT = Word(31)
MAGNITUDE_32 = Word(0x7FFFFFFF)
SIGNIFICAND_BITS = Word(23)
SIGN_8 = Word(0x80)
SIGN_16 = Word(0x8000)

# Of each dtype: its largest number as a pattern of float32, the bits of a float32 that
# a normal number drops, and the exponent that the smallest normal number has there.
FLOAT16_MOST = Word(0x477FE000)
FLOAT16_DROPPED = Word(13)
FLOAT16_LEAST = Word(113)
BFLOAT16_MOST = Word(0x7F7F0000)
BFLOAT16_DROPPED = Word(16)
BFLOAT16_LEAST = Word(1)
E4M3FN_MOST = Word(0x43E00000)
E4M3FN_DROPPED = Word(20)
E4M3FN_LEAST = Word(121)
E5M2_MOST = Word(0x47600000)
E5M2_DROPPED = Word(21)
E5M2_LEAST = Word(113)


def _larger(a: int, b: int) -> int:
    return u32(select(a < b, b, a))


def _smaller(a: int, b: int) -> int:
    return u32(select(a < b, a, b))


def _rounded(pattern: int, random: int, most: int, dropped: int, least: int) -> int:
    """Pattern of a magnitude in a narrower format, rounded up by chance.

    The number is significand 2^-drop in units of the last place kept, which is that of
    the subnormal numbers below `least`. It goes up where 2^32 times what is dropped,
    rounded down, exceeds the random word.
    """
    magnitude = _smaller(u32(pattern & MAGNITUDE_32), most)
    exponent = _larger(shift_right(magnitude, SIGNIFICAND_BITS), ONE)
    # The hidden bit is part of the pattern but for the exponent's first step.
    significand = u32(magnitude - shift_left(u32(exponent - ONE), SIGNIFICAND_BITS))
    raised = _larger(exponent, least)
    drop = u32(u32(raised - exponent) + dropped)
    shift = _smaller(drop, LONGEST_SHIFT)
    kept = shift_right(significand, shift)
    rest = u32(significand - shift_left(kept, shift))
    # Both as integers of the coarser of 2^-drop and 2^-32.
    chance = shift_right(
        rest, _smaller(u32(_larger(drop, WIDTH) - WIDTH), LONGEST_SHIFT)
    )
    drawn = shift_right(random, u32(WIDTH - _smaller(drop, WIDTH)))
    up = u32(select(drawn < chance, ONE, ZERO))
    field = shift_left(u32(raised - least), u32(SIGNIFICAND_BITS - dropped))
    return u32(u32(field + kept) + up)


def _float16(value: np.float32, random: int) -> int:
    pattern = bits32(value)
    rounded = _rounded(pattern, random, FLOAT16_MOST, FLOAT16_DROPPED, FLOAT16_LEAST)
    return u16(rounded | (shift_right(pattern, 16) & SIGN_16))


def _bfloat16(value: np.float32, random: int) -> int:
    pattern = bits32(value)
    rounded = _rounded(pattern, random, BFLOAT16_MOST, BFLOAT16_DROPPED, BFLOAT16_LEAST)
    return u16(rounded | (shift_right(pattern, 16) & SIGN_16))


def _float8_e4m3fn(value: np.float32, random: int) -> int:
    pattern = bits32(value)
    rounded = _rounded(pattern, random, E4M3FN_MOST, E4M3FN_DROPPED, E4M3FN_LEAST)
    return u8(rounded | (shift_right(pattern, 24) & SIGN_8))


def _float8_e5m2(value: np.float32, random: int) -> int:
    pattern = bits32(value)
    rounded = _rounded(pattern, random, E5M2_MOST, E5M2_DROPPED, E5M2_LEAST)
    return u8(rounded | (shift_right(pattern, 24) & SIGN_8))


def sample(
    block: tuple[int, int],
    key: tuple[int, int, int, int],
    parameters: tuple[float, ...],
) -> tuple[np.float32, np.float32, np.float32, np.float32]:
    """Four float32 values of a block; bound to a sampler."""
    raise NotImplementedError


def encode(value: np.float32, random: int) -> int:
    """Bit pattern of a rounded value; bound to one of `STOCHASTIC_ENCODERS`."""
    raise NotImplementedError


def draw_stochastic(
    block: tuple[int, int],
    key: tuple[int, int, int, int],
    parameters: tuple[float, ...],
) -> tuple[int, int, int, int]:
    """Four bit patterns of a block: the sampler's float32 values, rounded by chance."""
    v0, v1, v2, v3 = sample(block, key, parameters)
    r0, r1, r2, r3 = counter_words(block, ROUNDING_TAG, key)
    return encode(v0, r0), encode(v1, r1), encode(v2, r2), encode(v3, r3)


#: Encoder of each low-precision dtype, by name: (value, random word) -> pattern.
STOCHASTIC_ENCODERS: dict[str, Callable[[np.float32, int], int]] = {
    "float16": _float16,
    "bfloat16": _bfloat16,
    "float8_e4m3fn": _float8_e4m3fn,
    "float8_e5m2": _float8_e5m2,
}
