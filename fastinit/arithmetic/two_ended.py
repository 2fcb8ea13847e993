"""A uniform number by its distance from both ends of (0, 1) and from the middle.

A quantile function needs u near 0, 1 - u near 1 and u - 1/2 near 1/2 with their own
relative accuracy, so each is taken from the integer. The word of an element's partner
lends it some low bits, as in Box-Muller; they matter to the partner's own value in
its last places only.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinit.arithmetic.primitives import (
    Word,
    Word64,
    double,
    fma32,
    fma64,
    i32,
    i64,
    magnitude32,
    shift_left,
    shift_right,
    single,
    u32,
    u64,
)
from fastinit.arithmetic.unit_interval import join_words

__all__ = [
    "ends_double",
    "ends_single",
    "scaled_end_single",
    "scaled_ends_single",
]

ONE = Word(1)
SIGN_32 = Word(0x80000000)
UPPER_24 = Word(0xFFFFFF00)
LENT_15 = Word(0x0000FFFE)
LOWEST_15 = Word(0x00007FFF)
BYTE_3 = Word(0x00FF0000)
F32_TWO_M32 = np.float32(2.0**-32)
F32_TWO_M48 = np.float32(2.0**-48)

ONE_64 = Word64(1)
SIGN_64 = Word64(0x8000000000000000)
UPPER_53 = Word64(0xFFFFFFFFFFFFF800)
LOWER_11 = Word64(0x00000000000007FF)
F64_TWO_M64 = 2.0**-64
F64_TWO_M80 = 2.0**-80


def scaled_end_single(word: int) -> tuple[np.float32, np.float32]:
    """Distances from the nearer end and from the middle, times 2^32.

    With u = (R + 1/2) 2^-31, R the upper 31 bits of a word, they are 2^32 times
    min(u, 1 - u) and u - 1/2.

    Examples
    --------
    >>> near, centred = scaled_end_single(0)
    >>> float(near), float(centred) == -(2.0**31)
    (1.0, True)
    """
    turn = u32(word | ONE)
    return single(magnitude32(i32(turn))), single(i32(turn ^ SIGN_32))


def scaled_ends_single(word: int) -> tuple[np.float32, np.float32]:
    """Signed distance from the nearer end and distance from the middle, times 2^32.

    As `scaled_end_single`, but u - 1 instead of 1 - u.

    Examples
    --------
    >>> float(scaled_ends_single(0xFFFFFFFF)[0])
    -1.0
    """
    turn = u32(word | ONE)
    return single(i32(turn)), single(i32(turn ^ SIGN_32))


def ends_single(word: int, partner: int) -> tuple[np.float32, np.float32]:
    """Signed distance from the nearer end, u or u - 1, and u - 1/2, of 47 bits.

    u = (2^15 word + partner mod 2^15 + 1/2) 2^-47; each is rounded once.

    Examples
    --------
    >>> float(ends_single(0, 0)[0]) == 2.0**-48
    True
    """
    upper = u32(word & UPPER_24)
    lent = u32(shift_left(partner, 1) & LENT_15) | ONE
    lower = single(i32((shift_left(word, 16) & BYTE_3) | lent)) * F32_TWO_M48
    return (
        fma32(single(i32(upper)), F32_TWO_M32, lower),
        fma32(single(i32(upper ^ SIGN_32)), F32_TWO_M32, lower),
    )


def ends_double(word: int, partner: int, extension: int) -> Any:
    """Signed distance from the nearer end, u or u - 1, and u - 1/2, of 79 bits.

    u = (2^47 word + 2^32 (partner mod 2^15) + extension + 1/2) 2^-79.

    Examples
    --------
    >>> ends_double(0xFFFFFFFF, 0x7FFF, 0xFFFFFFFF)[0] == -(2.0**-80)
    True
    """
    low = u32(shift_left(partner, 17) | shift_right(extension, 15))
    r = join_words(word, low)
    lent = u64(u64(extension & LOWEST_15) << 1) | ONE_64
    lower = double(i64(u64((r & LOWER_11) << 16) | lent)) * F64_TWO_M80
    upper = u64(r & UPPER_53)
    return (
        fma64(double(i64(upper)), F64_TWO_M64, lower),
        fma64(double(i64(upper ^ SIGN_64)), F64_TWO_M64, lower),
    )
