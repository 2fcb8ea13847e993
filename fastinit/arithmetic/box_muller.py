"""Box-Muller in float32 and float64: two standard normals from a pair of elements.

The radius sqrt(-2 ln u) and the angle are evaluated from the integers, not from
rounded uniforms, so that both ends keep their relative accuracy: with u >= 1/2
the radius works on 1 - u from the complemented words, and the sine and cosine are
one function of an angle and of its complement. The polynomials are fitted by
docs/accuracy/fit_polynomials.py.

Box & Muller (1958), "A note on the generation of random normal deviates".
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinit.arithmetic.primitives import (
    Word,
    Word64,
    bits32,
    bits64,
    double,
    double_from_bits,
    fma32,
    fma64,
    i32,
    i64,
    shift_signed,
    single,
    single_from_bits,
    sqrt32,
    sqrt64,
    u32,
    u64,
)
from fastinit.arithmetic.unit_interval import join_words

__all__ = ["normal_pair_double", "normal_pair_single"]

SIGN_32 = Word(0x80000000)
MANTISSA_32 = Word(0x007FFFFF)
HALF_BITS_32 = Word(0x3F000000)

F32_ZERO = np.float32(0)
F32_HALF = np.float32(0.5)
F32_ONE = np.float32(1)
F32_TWO_M31 = np.float32(2.0**-31)
F32_TWO_M32 = np.float32(2.0**-32)
F32_TWO_M40 = np.float32(2.0**-40)
F32_TWO_M41 = np.float32(2.0**-41)
F32_TWO_LN2 = np.float32(1.3862943649291992)

# Q of -2 ln(1 - h) = 2 h + h^2 Q(h) on [0, 1/2].
F32_LOG_0 = np.float32(float.fromhex("0x1.00001ep+0"))
F32_LOG_1 = np.float32(float.fromhex("0x1.5542f6p-1"))
F32_LOG_2 = np.float32(float.fromhex("0x1.01e9dap-1"))
F32_LOG_3 = np.float32(float.fromhex("0x1.6830e8p-2"))
F32_LOG_4 = np.float32(float.fromhex("0x1.5c3ae6p-1"))
F32_LOG_5 = np.float32(float.fromhex("-0x1.2f3e04p+0"))
F32_LOG_6 = np.float32(float.fromhex("0x1.f88f30p+1"))
F32_LOG_7 = np.float32(float.fromhex("-0x1.3cfc7cp+2"))
F32_LOG_8 = np.float32(float.fromhex("0x1.be525cp+1"))

# T of sin(pi x / 2) = x + x T(x^2) on [-1, 1].
F32_SINE_0 = np.float32(float.fromhex("0x1.243f6ap-1"))
F32_SINE_1 = np.float32(float.fromhex("-0x1.4abbb8p-1"))
F32_SINE_2 = np.float32(float.fromhex("0x1.46671cp-4"))
F32_SINE_3 = np.float32(float.fromhex("-0x1.32225ep-8"))
F32_SINE_4 = np.float32(float.fromhex("0x1.3aede2p-13"))


SIGN_64 = Word64(0x8000000000000000)
MANTISSA_64 = Word64(0x000FFFFFFFFFFFFF)
HALF_BITS_64 = Word64(0x3FE0000000000000)

F64_TWO_M63 = 2.0**-63
F64_TWO_M64 = 2.0**-64
F64_TWO_M65 = 2.0**-65
F64_TWO_LN2 = 1.3862943611198906

# Q and T as above, for float64.
F64_LOG_0 = float.fromhex("0x1.000000000000cp+0")
F64_LOG_1 = float.fromhex("0x1.55555555530f8p-1")
F64_LOG_2 = float.fromhex("0x1.0000000135f77p-1")
F64_LOG_3 = float.fromhex("0x1.999998f0fcad5p-2")
F64_LOG_4 = float.fromhex("0x1.555570f660e3dp-2")
F64_LOG_5 = float.fromhex("0x1.248f49fa64528p-2")
F64_LOG_6 = float.fromhex("0x1.003a7c9e2eed8p-2")
F64_LOG_7 = float.fromhex("0x1.c094f965867bap-3")
F64_LOG_8 = float.fromhex("0x1.dfe3c8b9b7f04p-3")
F64_LOG_9 = float.fromhex("-0x1.a2b340b208013p-4")
F64_LOG_10 = float.fromhex("0x1.ffbd5b1fc5deep+0")
F64_LOG_11 = float.fromhex("-0x1.247f09b4ae68dp+3")
F64_LOG_12 = float.fromhex("0x1.2af406335b991p+5")
F64_LOG_13 = float.fromhex("-0x1.d63fc6123f6bbp+6")
F64_LOG_14 = float.fromhex("0x1.24536d9fd86e6p+8")
F64_LOG_15 = float.fromhex("-0x1.1992d353ba9edp+9")
F64_LOG_16 = float.fromhex("0x1.9d5e347eac40bp+9")
F64_LOG_17 = float.fromhex("-0x1.bed3c74e21347p+9")
F64_LOG_18 = float.fromhex("0x1.5074cb2fe5125p+9")
F64_LOG_19 = float.fromhex("-0x1.3c2518ed19913p+8")
F64_LOG_20 = float.fromhex("0x1.1a45410582357p+6")

F64_SINE_0 = float.fromhex("0x1.243f6a8885a31p-1")
F64_SINE_1 = float.fromhex("-0x1.4abbce625be89p-1")
F64_SINE_2 = float.fromhex("0x1.466bc6775cce9p-4")
F64_SINE_3 = float.fromhex("-0x1.32d2cce7323a9p-8")
F64_SINE_4 = float.fromhex("0x1.50783504b396fp-13")
F64_SINE_5 = float.fromhex("-0x1.e307906ac68b1p-19")
F64_SINE_6 = float.fromhex("0x1.e906aa0e2c70ep-25")
F64_SINE_7 = float.fromhex("-0x1.72651a4484f9fp-31")
F64_SINE_8 = float.fromhex("0x1.f93f59eeb7571p-38")


def _minus_two_log_single(high: int, low: int) -> np.float32:
    """-2 ln u for u = (2^8 high + low + 1/2) 2^-40, in [2^-40, 57).

    `high` is a word, `low` has 8 bits. The complement replaces u by 1 - u where
    u >= 1/2, so that x <= 1/2 always: then either -2 ln(1 - x) directly, or
    x = 2^-n m with m in [1/2, 1) and 2 n ln 2 - 2 ln(1 - (1 - m)). Both terms
    are >= 0, so nothing cancels.
    """
    is_upper = i32(high) < 0
    flip = u32(shift_signed(high, 31))
    whole = single(i32(high ^ flip))
    part = single(i32((low ^ flip) & 0xFF))
    x = fma32(whole, F32_TWO_M32, fma32(part, F32_TWO_M40, F32_TWO_M41))
    pattern = bits32(x)
    m = single_from_bits(u32((pattern & MANTISSA_32) | HALF_BITS_32))
    h = x if is_upper else F32_ONE - m
    n = i32(0) if is_upper else i32(126 - (pattern >> 23))
    q = fma32(h, F32_LOG_8, F32_LOG_7)
    q = fma32(h, q, F32_LOG_6)
    q = fma32(h, q, F32_LOG_5)
    q = fma32(h, q, F32_LOG_4)
    q = fma32(h, q, F32_LOG_3)
    q = fma32(h, q, F32_LOG_2)
    q = fma32(h, q, F32_LOG_1)
    q = fma32(h, q, F32_LOG_0)
    return fma32(h * h, q, fma32(single(n), F32_TWO_LN2, h + h))


def _quarter_sine_single(x: np.float32) -> np.float32:
    """sin(pi x / 2) for x in [-1, 1]."""
    y = x * x
    t = fma32(y, F32_SINE_4, F32_SINE_3)
    t = fma32(y, t, F32_SINE_2)
    t = fma32(y, t, F32_SINE_1)
    t = fma32(y, t, F32_SINE_0)
    return fma32(x, t, x)


def normal_pair_single(a: int, b: int) -> tuple[np.float32, np.float32]:
    """Two independent standard normals in float32, from the words of a pair.

    Parameters
    ----------
    a, b : words
        Main words of elements 2 j and 2 j + 1, in [0, 2^32).

    Returns
    -------
    even, odd : numpy.float32
        Values of the two elements, in (-7.55, 7.55), never zero.

    Notes
    -----
    u = (2^8 a + (b mod 2^8) + 1/2) 2^-40; the sign is the top bit of b; the angle
    is pi t with t = (2 tau + 1) 2^-32 and tau the low 31 bits of b as a signed
    number; even = +-sqrt(-2 ln u) cos(pi t), odd = +-sqrt(-2 ln u) sin(pi t).

    Examples
    --------
    >>> even, odd = normal_pair_single(0, 0)
    >>> round(float(even), 4)
    7.5391
    """
    radius = sqrt32(_minus_two_log_single(a, b & 0xFF))
    signed = single_from_bits(u32(bits32(radius) ^ (b & SIGN_32)))
    # 2 t = 2^-31 turn, and 1 - 2 |t| from the same integer, not from rounded t.
    turn = i32((b << 1) | 1)
    magnitude = turn if turn >= 0 else i32(-turn)
    rest = i32(u32(SIGN_32 - u32(magnitude)))
    sine = _quarter_sine_single(single(turn) * F32_TWO_M31)
    cosine = _quarter_sine_single(single(rest) * F32_TWO_M31)
    return signed * cosine, signed * sine


def _minus_two_log_double(r: int) -> float:
    """-2 ln u for u = (r + 1/2) 2^-64, in [2^-64, 91); r has 64 bits.

    The steps of `_minus_two_log_single`.
    """
    flip = u64(i64(r) >> 63)
    x = fma64(double(i64(r ^ flip)), F64_TWO_M64, F64_TWO_M65)
    pattern = bits64(x)
    m = double_from_bits(u64((pattern & MANTISSA_64) | HALF_BITS_64))
    h = x if flip else 1.0 - m
    n = i64(0) if flip else i64(1022 - i64(pattern >> 52))
    q = fma64(h, F64_LOG_20, F64_LOG_19)
    q = fma64(h, q, F64_LOG_18)
    q = fma64(h, q, F64_LOG_17)
    q = fma64(h, q, F64_LOG_16)
    q = fma64(h, q, F64_LOG_15)
    q = fma64(h, q, F64_LOG_14)
    q = fma64(h, q, F64_LOG_13)
    q = fma64(h, q, F64_LOG_12)
    q = fma64(h, q, F64_LOG_11)
    q = fma64(h, q, F64_LOG_10)
    q = fma64(h, q, F64_LOG_9)
    q = fma64(h, q, F64_LOG_8)
    q = fma64(h, q, F64_LOG_7)
    q = fma64(h, q, F64_LOG_6)
    q = fma64(h, q, F64_LOG_5)
    q = fma64(h, q, F64_LOG_4)
    q = fma64(h, q, F64_LOG_3)
    q = fma64(h, q, F64_LOG_2)
    q = fma64(h, q, F64_LOG_1)
    q = fma64(h, q, F64_LOG_0)
    return fma64(h * h, q, fma64(double(n), F64_TWO_LN2, h + h))


def _quarter_sine_double(x: float) -> float:
    """sin(pi x / 2) for x in [-1, 1]."""
    y = x * x
    t = fma64(y, F64_SINE_8, F64_SINE_7)
    t = fma64(y, t, F64_SINE_6)
    t = fma64(y, t, F64_SINE_5)
    t = fma64(y, t, F64_SINE_4)
    t = fma64(y, t, F64_SINE_3)
    t = fma64(y, t, F64_SINE_2)
    t = fma64(y, t, F64_SINE_1)
    t = fma64(y, t, F64_SINE_0)
    return fma64(x, t, x)


def normal_pair_double(words: tuple[int, int], extensions: tuple[int, int]) -> Any:
    """Two independent standard normals in float64, from the words of a pair.

    Parameters
    ----------
    words : tuple of 2 words
        Main words (a, b) of elements 2 j and 2 j + 1.
    extensions : tuple of 2 words
        Extension words (c, d) of the same elements.

    Returns
    -------
    even, odd : float
        Values of the two elements, in (-9.5, 9.5), never zero.

    Notes
    -----
    As `normal_pair_single` with longer integers: u = (R + 1/2) 2^-64 with
    R = 2^32 a + 2^24 (b mod 2^8) + (c div 2^8); tau is the low 63 bits of b:d as
    a signed number, t = (2 tau + 1) 2^-64. So float64 refines float32.

    Examples
    --------
    >>> even, odd = normal_pair_double((0, 0), (0, 0))
    >>> round(even, 4)
    9.4926
    """
    a, b = words
    c, d = extensions
    r = join_words(a, u32((b << 24) | (c >> 8)))
    radius = sqrt64(_minus_two_log_double(r))
    signed = double_from_bits(u64(bits64(radius) ^ (u64(b & SIGN_32) << 32)))
    turn = i64((join_words(b, d) << 1) | 1)
    magnitude = turn if turn >= 0 else i64(-turn)
    rest = i64(SIGN_64 - u64(magnitude))
    sine = _quarter_sine_double(double(turn) * F64_TWO_M63)
    cosine = _quarter_sine_double(double(rest) * F64_TWO_M63)
    return signed * cosine, signed * sine
