"""Box-Muller in float32 and float64: two standard normals from a pair of elements.

The radius sqrt(-2 ln u) and the angle are evaluated from the integers, not from
rounded uniforms, so that both ends keep their relative accuracy: with u >= 1/2
the radius works on 1 - u from the complemented words, and the sine and cosine on the
angle or its complement, whichever is smaller. The polynomials are fitted by
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
    magnitude32,
    magnitude64,
    select,
    shift_left,
    single,
    single_from_bits,
    sqrt32,
    sqrt64,
    u32,
    u64,
)
from fastinit.arithmetic.unit_interval import radius_word

__all__ = [
    "end_double",
    "end_single",
    "normal_pair_double",
    "normal_pair_single",
    "polar_double",
    "polar_single",
]

ONE = Word(1)
SIGN_32 = Word(0x80000000)
ALL_BUT_ONE = Word(0xFFFFFFFE)
MANTISSA_32 = Word(0x007FFFFF)
HALF_BITS_32 = Word(0x3F000000)
UPPER_24 = Word(0xFFFFFF00)
LOWER_17 = Word(0x0001FE00)
TAIL_9 = Word(0x000001FF)

F32_ZERO = np.float32(0)
F32_ONE = np.float32(1)
F32_TWO_M31 = np.float32(2.0**-31)
F32_TWO_M32 = np.float32(2.0**-32)
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

# sin(pi x / 2) = x H + x S(x^2), cos(pi x / 2) = 1 + x^2 K(x^2) on [0, 1/2]; H is the
# rounded pi / 2, and the constant term of S makes up for its rounding.
F32_HALF_PI = np.float32(float.fromhex("0x1.921fb6p+0"))
F32_SINE_0 = np.float32(float.fromhex("-0x1.a32b9ap-25"))
F32_SINE_1 = np.float32(float.fromhex("-0x1.4abbbap-1"))
F32_SINE_2 = np.float32(float.fromhex("0x1.465eeap-4"))
F32_SINE_3 = np.float32(float.fromhex("-0x1.2da156p-8"))
F32_COSINE_0 = np.float32(float.fromhex("-0x1.3bd3ccp+0"))
F32_COSINE_1 = np.float32(float.fromhex("0x1.03c1b0p-2"))
F32_COSINE_2 = np.float32(float.fromhex("-0x1.55b2b6p-6"))
F32_COSINE_3 = np.float32(float.fromhex("0x1.d4f7eep-11"))


ONE_64 = Word64(1)
SIGN_64 = Word64(0x8000000000000000)
MANTISSA_64 = Word64(0x000FFFFFFFFFFFFF)
HALF_BITS_64 = Word64(0x3FE0000000000000)
UPPER_53 = Word64(0xFFFFFFFFFFFFF800)
LOWER_11 = Word64(0x00000000000007FF)

F64_TWO_M63 = 2.0**-63
F64_TWO_M64 = 2.0**-64
F64_TWO_M65 = 2.0**-65
F64_TWO_LN2 = 1.3862943611198906

# Q, H, S and K as above, for float64.
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

F64_HALF_PI = float.fromhex("0x1.921fb54442d18p+0")
F64_SINE_0 = float.fromhex("0x1.0264be08c52e1p-54")
F64_SINE_1 = float.fromhex("-0x1.4abbce625be41p-1")
F64_SINE_2 = float.fromhex("0x1.466bc6775877ap-4")
F64_SINE_3 = float.fromhex("-0x1.32d2cce2dc202p-8")
F64_SINE_4 = float.fromhex("0x1.50782fcff5462p-13")
F64_SINE_5 = float.fromhex("-0x1.e300681360748p-19")
F64_SINE_6 = float.fromhex("0x1.e3f0247bcb5c8p-25")
F64_COSINE_0 = float.fromhex("-0x1.3bd3cc9be45dep+0")
F64_COSINE_1 = float.fromhex("0x1.03c1f081b5a52p-2")
F64_COSINE_2 = float.fromhex("-0x1.55d3c7e3bfe55p-6")
F64_COSINE_3 = float.fromhex("0x1.e1f50675b1d7ap-11")
F64_COSINE_4 = float.fromhex("-0x1.a6d1e238afff0p-16")
F64_COSINE_5 = float.fromhex("0x1.f9c4ad81beb78p-22")
F64_COSINE_6 = float.fromhex("-0x1.b03447dd7dc26p-28")


def end_single(high: int, low: int) -> np.float32:
    """Signed distance of u = (2^9 high + low) 2^-41 from the nearer end of (0, 1).

    `high` is a word, `low` has 9 bits and is odd: as a signed number of 41 bits they
    give u or, where u >= 1/2, u - 1. Either part of it is exact, so it is rounded once.

    Examples
    --------
    >>> float(end_single(0, 1)) == 2.0**-41, float(end_single(2**32 - 2**8, 1))
    (True, -5.960419002803974e-08)
    """
    upper = single(i32(high & UPPER_24))
    lower = single(i32((shift_left(high, 9) & LOWER_17) | low))
    return fma32(upper, F32_TWO_M32, lower * F32_TWO_M41)


def _minus_two_log_single(high: int, low: int) -> np.float32:
    """-2 ln u for u = (2^9 high + low) 2^-41, in [2^-40, 57).

    With x = u or, where u >= 1/2, x = u - 1, |x| <= 1/2 always: then either
    -2 ln(1 - |x|) directly, or x = 2^-n m with m in [1/2, 1) and
    2 n ln 2 - 2 ln(1 - (1 - m)). Both terms are >= 0, so nothing cancels.
    """
    x = end_single(high, low)
    is_complement = x < F32_ZERO
    pattern = bits32(x)
    m = single_from_bits(u32((pattern & MANTISSA_32) | HALF_BITS_32))
    h = select(is_complement, -x, F32_ONE - m)
    n = select(is_complement, i32(0), i32(126 - (pattern >> 23)))
    q = fma32(h, F32_LOG_8, F32_LOG_7)
    q = fma32(h, q, F32_LOG_6)
    q = fma32(h, q, F32_LOG_5)
    q = fma32(h, q, F32_LOG_4)
    q = fma32(h, q, F32_LOG_3)
    q = fma32(h, q, F32_LOG_2)
    q = fma32(h, q, F32_LOG_1)
    q = fma32(h, q, F32_LOG_0)
    return fma32(h * h, q, fma32(single(n), F32_TWO_LN2, h + h))


def _sine_and_cosine_single(x: np.float32) -> tuple[np.float32, np.float32]:
    """sin(pi x / 2) and cos(pi x / 2) for x in [0, 1/2]."""
    y = x * x
    s = fma32(y, F32_SINE_3, F32_SINE_2)
    s = fma32(y, s, F32_SINE_1)
    s = fma32(y, s, F32_SINE_0)
    k = fma32(y, F32_COSINE_3, F32_COSINE_2)
    k = fma32(y, k, F32_COSINE_1)
    k = fma32(y, k, F32_COSINE_0)
    return fma32(x, F32_HALF_PI, x * s), fma32(y, k, F32_ONE)


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
    The sign is the lowest bit of b, tau the other 31 as a signed number;
    u = (2^8 a + (tau mod 2^8) + 1/2) 2^-40; the angle is pi t with
    t = (2 tau + 1) 2^-32; even = +-sqrt(-2 ln u) cos(pi t), and odd = +-sqrt(-2 ln u)
    sin(pi t).

    Examples
    --------
    >>> even, odd = normal_pair_single(0, 0)
    >>> round(float(even), 4)
    7.5391
    """
    # The low 9 bits of 2 tau + 1 are 2 (tau mod 2^8) + 1.
    radius = sqrt32(_minus_two_log_single(a, u32((b | ONE) & TAIL_9)))
    return polar_single(radius, b)


def polar_single(radius: np.float32, b: int) -> tuple[np.float32, np.float32]:
    """Cartesian coordinates of a point, from its radius and the word of its angle.

    Parameters
    ----------
    radius : float32
        Distance from the origin, > 0.
    b : word
        Its lowest bit is the sign, the others are tau.

    Returns
    -------
    x, y : numpy.float32
        +-radius cos(pi t) and +-radius sin(pi t), t = (2 tau + 1) 2^-32.

    Examples
    --------
    >>> [float(one) for one in polar_single(np.float32(2), 0x3FFFFFFE)]
    [1.4142135381698608, 1.4142135381698608]
    """
    turn = u32(b | ONE)
    even = u32(bits32(radius) ^ shift_left(b, 31))
    odd = u32(even ^ (b & SIGN_32))
    # 2 t = 2^-31 turn; past an eighth of a circle, 1 - 2 |t| from the same integer.
    magnitude = magnitude32(i32(turn))
    rest = i32(SIGN_32 - u32(magnitude))
    is_steep = rest < magnitude
    near = select(is_steep, rest, magnitude)
    sine, cosine = _sine_and_cosine_single(single(near) * F32_TWO_M31)
    return (
        single_from_bits(even) * select(is_steep, sine, cosine),
        single_from_bits(odd) * select(is_steep, cosine, sine),
    )


def end_double(r: int) -> Any:
    """Signed distance of u = (r + 1/2) 2^-64 from the nearer end of (0, 1).

    Examples
    --------
    >>> end_double(0) == 2.0**-65, end_double(2**64 - 1) == -(2.0**-65)
    (True, True)
    """
    upper = double(i64(r & UPPER_53))
    lower = double(i64(r & LOWER_11))
    return fma64(upper, F64_TWO_M64, fma64(lower, F64_TWO_M64, F64_TWO_M65))


def _minus_two_log_double(r: int) -> float:
    """-2 ln u for u = (r + 1/2) 2^-64, in [2^-64, 91); r has 64 bits.

    The steps of `_minus_two_log_single`.
    """
    x = end_double(r)
    is_complement = x < 0.0
    pattern = bits64(x)
    m = double_from_bits(u64((pattern & MANTISSA_64) | HALF_BITS_64))
    h = select(is_complement, -x, 1.0 - m)
    n = select(is_complement, i64(0), i64(1022 - i64(pattern >> 52)))
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


def _sine_and_cosine_double(x: float) -> tuple[float, float]:
    """sin(pi x / 2) and cos(pi x / 2) for x in [0, 1/2]."""
    y = x * x
    s = fma64(y, F64_SINE_6, F64_SINE_5)
    s = fma64(y, s, F64_SINE_4)
    s = fma64(y, s, F64_SINE_3)
    s = fma64(y, s, F64_SINE_2)
    s = fma64(y, s, F64_SINE_1)
    s = fma64(y, s, F64_SINE_0)
    k = fma64(y, F64_COSINE_6, F64_COSINE_5)
    k = fma64(y, k, F64_COSINE_4)
    k = fma64(y, k, F64_COSINE_3)
    k = fma64(y, k, F64_COSINE_2)
    k = fma64(y, k, F64_COSINE_1)
    k = fma64(y, k, F64_COSINE_0)
    return fma64(x, F64_HALF_PI, x * s), fma64(y, k, 1.0)


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
    R = 2^32 a + 2^24 (b div 2 mod 2^8) + (c div 2^8); the angle has the bits of d
    below those of b div 2, tau = 2^32 (b div 2) + d as a signed number of 63 bits,
    t = (2 tau + 1) 2^-64. So float64 refines float32.

    Examples
    --------
    >>> even, odd = normal_pair_double((0, 0), (0, 0))
    >>> round(even, 4)
    9.4926
    """
    a, b = words
    c, d = extensions
    r = radius_word(a, b, c)
    return polar_double(sqrt64(_minus_two_log_double(r)), b, d)


def polar_double(radius: float, b: int, d: int) -> Any:
    """Cartesian coordinates of a point, as `polar_single`.

    Parameters
    ----------
    radius : float
        Distance from the origin, > 0.
    b, d : words
        Main word and extension word of the angle.

    Returns
    -------
    x, y : float
        As of `polar_single`, with the bits of d below those of tau.

    Examples
    --------
    >>> polar_double(2.0, 0x3FFFFFFE, 0xFFFFFFFF)
    (1.414213562373095, 1.4142135623730951)
    """
    even = u64(bits64(radius) ^ (u64(b) << 63))
    odd = u64(even ^ (u64(b & SIGN_32) << 32))
    turn = i64((u64(b & ALL_BUT_ONE) << 32) | (u64(d) << 1) | ONE_64)
    magnitude = magnitude64(turn)
    rest = i64(SIGN_64 - u64(magnitude))
    is_steep = rest < magnitude
    near = select(is_steep, rest, magnitude)
    sine, cosine = _sine_and_cosine_double(double(near) * F64_TWO_M63)
    return (
        double_from_bits(even) * select(is_steep, sine, cosine),
        double_from_bits(odd) * select(is_steep, cosine, sine),
    )
