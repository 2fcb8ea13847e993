"""Words to fixed-point numbers of the unit intervals.

Each function is named by its interval. The signed forms are centred on their
grid cells, so they are symmetric and never zero; the half-open form is not,
because in [0.5, 1) every centred point would be a tie of the float format.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinit.arithmetic.primitives import (
    Word,
    double,
    i32,
    i64,
    shift_right,
    shift_signed,
    single,
    u32,
    u64,
)

__all__ = [
    "join_words",
    "radius_word",
    "scaled_half_open_double",
    "scaled_half_open_single",
    "scaled_signed_double",
    "scaled_signed_single",
]


TOP_8 = Word(0xFF000000)


def join_words(high: int, low: int) -> int:
    """64-bit integer from two words, in [0, 2^64).

    Examples
    --------
    >>> hex(join_words(1, 2))
    '0x100000002'
    """
    return u64((u64(high) << 32) | u64(low))


def radius_word(a: int, b: int, c: int) -> int:
    """64 bits of the radius, from the words of a pair and the first's extension.

    Examples
    --------
    >>> hex(radius_word(1, 2, 0x300))
    '0x101000003'
    """
    return join_words(a, u32(((b << 23) & TOP_8) | (c >> 8)))


def scaled_signed_single(word: int) -> np.float32:
    """2^24 times a number of (-1, 1) without zero, from the top 24 bits of a word.

    With s the top 24 bits as a signed number this is 2 s + 1: odd, exact,
    symmetric, in [-(2^24 - 1), 2^24 - 1].

    Examples
    --------
    >>> float(scaled_signed_single(0)), float(scaled_signed_single(0xFFFFFFFF))
    (1.0, -1.0)
    """
    return single(i32(shift_signed(word, 7) | 1))


def scaled_half_open_single(word: int) -> np.float32:
    """2^24 times a number of [0, 1): the top 24 bits of a word.

    Examples
    --------
    >>> float(scaled_half_open_single(0xFFFFFFFF)) == 2**24 - 1
    True
    """
    return single(i32(shift_right(word, 8)))


def scaled_signed_double(word: int, extension: int) -> Any:
    """2^53 times a number of (-1, 1) without zero, from the top 53 bits of a pair.

    Examples
    --------
    >>> scaled_signed_double(0, 0), scaled_signed_double(0xFFFFFFFF, 0xFFFFFFFF)
    (1.0, -1.0)
    """
    return double(i64((i64(join_words(word, extension)) >> 10) | 1))


def scaled_half_open_double(word: int, extension: int) -> Any:
    """2^53 times a number of [0, 1): the top 53 bits of a pair of words.

    Examples
    --------
    >>> scaled_half_open_double(0xFFFFFFFF, 0xFFFFFFFF) == 2.0**53 - 1
    True
    """
    return double(i64(join_words(word, extension) >> 11))
