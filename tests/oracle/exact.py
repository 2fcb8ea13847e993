"""The true normals of a pair of elements, and errors in units in the last place.

`pair` uses mpmath and is right to 150 bits; the array functions use a wider format
than the one under test, and their own error is measured against `pair`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import mpmath
import numpy as np

from oracle.normal import angle_integer, radius_integer

__all__ = [
    "EXTREME_WORDS",
    "array_ulps",
    "pair",
    "pairs_double",
    "pairs_extended",
    "ulps",
]

_CONTEXT = mpmath.mp.clone()
_CONTEXT.prec = 160
#: Fraction bits below the leading bit of float32 and float64.
_FRACTION_BITS = {"float32": 23, "float64": 52}

#: Words where a radius or an angle is extreme or changes its branch.
EXTREME_WORDS = tuple(
    sorted(
        {0x55555555, 0xAAAAAAAA}
        | {
            (base + step) % 2**32
            for base in (0, *(2**k for k in range(32)))
            for step in (-2, -1, 0, 1, 2)
        }
        | {2**32 - 2**k for k in range(32)}
    )
)


def pair(words: Sequence[int]) -> tuple[mpmath.mpf, mpmath.mpf]:
    """z(2 j) and z(2 j + 1) of the words (A, B) or (A, B, C, D)."""
    radius_bits, turn_bits = (40, 32) if len(words) == 2 else (64, 64)
    u = _CONTEXT.ldexp(2 * radius_integer(words) + 1, -radius_bits - 1)
    t = _CONTEXT.ldexp(angle_integer(words), -turn_bits)
    r = _CONTEXT.sqrt(-2 * _CONTEXT.log(u))
    if words[1] % 2:
        r = -r
    return r * _CONTEXT.cospi(t), r * _CONTEXT.sinpi(t)


def ulps(value: float, true: mpmath.mpf, dtype: str) -> float:
    """Error of a value in units in the last place of the true one."""
    exponent = int(_CONTEXT.floor(_CONTEXT.log(abs(true), 2)))
    unit = _CONTEXT.ldexp(1, exponent - _FRACTION_BITS[dtype])
    return float(abs(_CONTEXT.mpf(float(value)) - true) / unit)


def array_ulps(values: Any, true: Any, dtype: str) -> Any:
    """Errors of an array in units in the last place of the true values."""
    _, exponents = np.frexp(true)
    units = np.ldexp(np.ones_like(true), exponents - 1 - _FRACTION_BITS[dtype])
    return np.abs(values.astype(true.dtype) - true) / units


def pairs_double(a: Any, b: Any) -> tuple[Any, Any]:
    """Normals of float32 pairs in float64, from arrays of words A and B.

    The 41 bits of u and the 32 of t are exact in float64.
    """
    r = (a.astype(np.uint64) << np.uint64(8)) | (
        (b >> np.uint32(1)) & np.uint32(0xFF)
    ).astype(np.uint64)
    u = np.ldexp(2.0 * r.astype(np.float64) + 1.0, -41)
    turn = (b | np.uint32(1)).view(np.int32).astype(np.float64)
    radius = np.copysign(np.sqrt(-2.0 * np.log(u)), 0.5 - (b & np.uint32(1)))
    quarter = np.pi / 2 * 2.0**-31
    cosine = np.sin((2.0**31 - np.abs(turn)) * quarter)
    return radius * cosine, radius * np.sin(turn * quarter)


def pairs_extended(words: Sequence[Any]) -> tuple[Any, Any]:
    """Normals of float64 pairs in x87 extended precision, from four arrays of words.

    u or 1 - u and both angles have at most 64 bits, so they are exact.
    """
    a, b, c, d = (array.astype(np.uint64) for array in words)
    r = (a << np.uint64(32)) | ((b & np.uint64(0x1FE)) << np.uint64(23))
    r |= c >> np.uint64(8)
    is_upper = r >> np.uint64(63) == 1
    wide = np.longdouble
    one = wide(1)
    x = np.ldexp(2 * np.where(is_upper, ~r, r).astype(wide) + one, -65)
    safe = np.where(is_upper, wide(0.25), x)
    log = np.where(is_upper, np.log1p(-np.where(is_upper, x, 0)), np.log(safe))
    turn = ((b >> np.uint64(1)) << np.uint64(33)) | (d << np.uint64(1)) | np.uint64(1)
    turn = turn.view(np.int64)
    angle = np.ldexp(turn.astype(wide), -63)
    pi = wide("3.14159265358979323846264338327950288")
    radius = np.copysign(np.sqrt(-2 * log), wide(0.5) - (b & np.uint64(1)))
    cosine = np.sin(pi / 2 * (one - np.abs(angle)))
    return radius * cosine, radius * np.sin(pi / 2 * angle)
