"""The narrow float dtypes: the float32 value rounded once to nearest even.

The compilers of the CPU know none of them, so the kernels store bit patterns.
No law gives a value that rounds beyond the largest finite one, and a NaN never
comes in. Were one larger, a 16-bit dtype would have an infinity, as in IEEE 754, and
an 8-bit one its largest value: float8_e4m3fn has no infinity.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from fastinit.arithmetic.primitives import (
    Word,
    bits32,
    select,
    shift_right,
    single_from_bits,
    u8,
    u16,
    u32,
)

__all__ = [
    "ENCODERS",
    "bfloat16_bits",
    "draw_encoded",
    "float8_e4m3fn_bits",
    "float8_e5m2_bits",
    "float16_bits",
]

ONE = Word(1)
#: One less than half of the last place of a bfloat16 in a float32 pattern.
BELOW_HALF = Word(0x7FFF)
MAGNITUDE_32 = Word(0x7FFFFFFF)
SIGN_8 = Word(0x80)
SIGN_16 = Word(0x8000)

# What `_narrowed` takes, of each dtype: the pattern of float32 that magnitudes are cut
# to; the bits that are dropped; what moves the exponent from one bias to the other
# and adds one less than half of the last place; the smallest normal number; and the
# number whose own last place is the spacing of the subnormal ones.
#: 65536, from where on float16 is infinite.
FLOAT16_MOST = Word(0x47800000)
FLOAT16_DROPPED = Word(13)
FLOAT16_CARRY = Word(0xC8000FFF)
#: 2^-14 and 2^-1.
FLOAT16_NORMAL = Word(0x38800000)
FLOAT16_SPACING = Word(0x3F000000)
#: 448.
E4M3FN_MOST = Word(0x43E00000)
E4M3FN_DROPPED = Word(20)
E4M3FN_CARRY = Word(0xC407FFFF)
#: 2^-6 and 2^14.
E4M3FN_NORMAL = Word(0x3C800000)
E4M3FN_SPACING = Word(0x46800000)
#: 57344.
E5M2_MOST = Word(0x47600000)
E5M2_DROPPED = Word(21)
E5M2_CARRY = Word(0xC80FFFFF)
#: 2^-14 and 2^7.
E5M2_NORMAL = Word(0x38800000)
E5M2_SPACING = Word(0x43000000)


def bfloat16_bits(value: np.float32) -> int:
    """Bit pattern of a float32 rounded to bfloat16.

    Examples
    --------
    >>> hex(bfloat16_bits(np.float32(1.0)))
    '0x3f80'
    """
    pattern = bits32(value)
    # Half of the last place kept, or just under it for an even one; the sign stays.
    even = u32(shift_right(pattern, 16) & ONE)
    return u16(shift_right(u32(u32(pattern + BELOW_HALF) + even), 16))


def _narrowed(
    magnitude: int, dropped: int, carry: int, normal: int, spacing: int
) -> int:
    """Pattern of a magnitude, given as that of a float32, in a narrower format."""
    # Half of the last place kept, or just under it for an even one.
    odd = u32(shift_right(magnitude, dropped) & ONE)
    rounded = shift_right(u32(u32(magnitude + carry) + odd), dropped)
    # Adding `spacing` lets the float32 adder round at the spacing of the subnormals.
    wide = single_from_bits(magnitude) + single_from_bits(spacing)
    subnormal = u32(bits32(wide) - spacing)
    return u32(select(magnitude < normal, subnormal, rounded))


def _cut(pattern: int, most: int) -> int:
    """Pattern of the magnitude of a float32, at most `most`."""
    magnitude = u32(pattern & MAGNITUDE_32)
    return u32(select(magnitude < most, magnitude, most))


def float16_bits(value: np.float32) -> int:
    """Bit pattern of a float32 rounded to float16.

    Examples
    --------
    >>> hex(float16_bits(np.float32(-2.0)))
    '0xc000'
    """
    pattern = bits32(value)
    kept = _cut(pattern, FLOAT16_MOST)
    rounded = _narrowed(
        kept, FLOAT16_DROPPED, FLOAT16_CARRY, FLOAT16_NORMAL, FLOAT16_SPACING
    )
    return u16(rounded | (shift_right(pattern, 16) & SIGN_16))


def float8_e4m3fn_bits(value: np.float32) -> int:
    """Bit pattern of a float32 rounded to float8_e4m3fn, at most 448.

    Examples
    --------
    >>> hex(float8_e4m3fn_bits(np.float32(-2.0)))
    '0xc0'
    """
    pattern = bits32(value)
    kept = _cut(pattern, E4M3FN_MOST)
    rounded = _narrowed(
        kept, E4M3FN_DROPPED, E4M3FN_CARRY, E4M3FN_NORMAL, E4M3FN_SPACING
    )
    return u8(rounded | (shift_right(pattern, 24) & SIGN_8))


def float8_e5m2_bits(value: np.float32) -> int:
    """Bit pattern of a float32 rounded to float8_e5m2, at most 57344.

    Examples
    --------
    >>> hex(float8_e5m2_bits(np.float32(-2.0)))
    '0xc0'
    """
    pattern = bits32(value)
    kept = _cut(pattern, E5M2_MOST)
    rounded = _narrowed(kept, E5M2_DROPPED, E5M2_CARRY, E5M2_NORMAL, E5M2_SPACING)
    return u8(rounded | (shift_right(pattern, 24) & SIGN_8))


def sample(
    block: tuple[int, int],
    key: tuple[int, int, int, int],
    parameters: tuple[float, ...],
) -> tuple[np.float32, np.float32, np.float32, np.float32]:
    """Four float32 values of a block; bound to a sampler."""
    raise NotImplementedError


def encode(value: np.float32) -> int:
    """Bit pattern of a rounded value; bound to one of `ENCODERS`."""
    raise NotImplementedError


def draw_encoded(
    block: tuple[int, int],
    key: tuple[int, int, int, int],
    parameters: tuple[float, ...],
) -> tuple[int, int, int, int]:
    """Four bit patterns of a block: the sampler's float32 values, rounded."""
    v0, v1, v2, v3 = sample(block, key, parameters)
    return encode(v0), encode(v1), encode(v2), encode(v3)


#: Encoder of each low-precision dtype, by name.
ENCODERS: dict[str, Callable[[np.float32], int]] = {
    "float16": float16_bits,
    "bfloat16": bfloat16_bits,
    "float8_e4m3fn": float8_e4m3fn_bits,
    "float8_e5m2": float8_e5m2_bits,
}
