"""float16 and bfloat16: the float32 value rounded once to nearest even.

The compilers of the CPU know neither type, so the kernels store bit patterns.
No law gives a value that rounds beyond the largest finite one, and a NaN never
comes in; were one larger, it would become an infinity, as in IEEE 754.
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
    u16,
    u32,
)

__all__ = ["ENCODERS", "bfloat16_bits", "draw_encoded", "float16_bits"]

ONE = Word(1)
#: One less than half of the last place of a bfloat16 in a float32 pattern.
BELOW_HALF = Word(0x7FFF)
MAGNITUDE_32 = Word(0x7FFFFFFF)
#: 65536 as a float32 pattern: from here on float16 is infinite.
FLOAT16_INFINITE = Word(0x47800000)
#: 2^-14, the smallest normal float16, as a float32 pattern.
FLOAT16_SMALLEST_NORMAL = Word(0x38800000)
#: Difference of the exponent biases, 127 - 15, in the place of the exponent.
FLOAT16_REBIAS = Word(112 << 23)
#: 0.5: its last bit is worth 2^-24, the spacing of float16's subnormals.
HALF_BITS = Word(0x3F000000)
F32_HALF = np.float32(0.5)


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


def float16_bits(value: np.float32) -> int:
    """Bit pattern of a float32 rounded to float16.

    Examples
    --------
    >>> hex(float16_bits(np.float32(-2.0)))
    '0xc000'
    """
    pattern = bits32(value)
    magnitude = u32(pattern & MAGNITUDE_32)
    kept = select(magnitude < FLOAT16_INFINITE, magnitude, FLOAT16_INFINITE)
    rebiased = u32(kept - FLOAT16_REBIAS + 0xFFF + ((kept >> 13) & 1))
    normal = shift_right(rebiased, 13)
    # Adding 0.5 lets the float32 adder round at the spacing of the subnormals.
    subnormal = u32(bits32(single_from_bits(kept) + F32_HALF) - HALF_BITS)
    rounded = select(kept < FLOAT16_SMALLEST_NORMAL, subnormal, normal)
    return u16(rounded | ((pattern >> 16) & 0x8000))


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
}
