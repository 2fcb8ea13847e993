"""Values in the other byte order, as the bit patterns that are stored for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from fastinit.arithmetic.primitives import (
    Word,
    bits32,
    bits64,
    shift_left,
    shift_right,
    u16,
    u32,
)
from fastinit.arithmetic.unit_interval import join_words

__all__ = ["SWAPPERS", "draw_swapped", "swapped16", "swapped32", "swapped64"]

SECOND_BYTE = Word(0xFF00)
THIRD_BYTE = Word(0xFF0000)


def swapped16(pattern: int) -> int:
    """Two bytes in reversed order.

    Examples
    --------
    >>> hex(swapped16(0x1234))
    '0x3412'
    """
    return u16((pattern >> 8) | (pattern << 8))


def swapped32(pattern: int) -> int:
    """Four bytes in reversed order.

    Examples
    --------
    >>> hex(swapped32(0x12345678))
    '0x78563412'
    """
    outer = u32(shift_left(pattern, 24) | shift_right(pattern, 24))
    second = u32(shift_right(pattern, 8) & SECOND_BYTE)
    third = u32(shift_left(pattern, 8) & THIRD_BYTE)
    return u32(outer | u32(second | third))


def swapped64(pattern: int) -> int:
    """Eight bytes in reversed order.

    Examples
    --------
    >>> hex(swapped64(0x123456789ABCDEF0))
    '0xf0debc9a78563412'
    """
    low, high = u32(pattern), u32(pattern >> 32)
    return join_words(swapped32(low), swapped32(high))


def _swapped_single(value: np.float32) -> int:
    """Pattern of a float32 with its bytes reversed."""
    return swapped32(bits32(value))


def _swapped_double(value: float) -> int:
    """Pattern of a float64 with its bytes reversed."""
    return swapped64(bits64(value))


def sample(
    block: tuple[int, int],
    key: tuple[int, int, int, int],
    parameters: tuple[float, ...],
) -> tuple[Any, Any, Any, Any]:
    """Four stored values of a block in native order; bound to a sampler."""
    raise NotImplementedError


def swapped(value: Any) -> int:
    """Pattern of a value with its bytes reversed; bound to one of `SWAPPERS`."""
    raise NotImplementedError


def draw_swapped(
    block: tuple[int, int],
    key: tuple[int, int, int, int],
    parameters: tuple[float, ...],
) -> tuple[int, int, int, int]:
    """Four bit patterns of a block in the other byte order."""
    v0, v1, v2, v3 = sample(block, key, parameters)
    return swapped(v0), swapped(v1), swapped(v2), swapped(v3)


#: Function that reverses the bytes of a stored type, by its NumPy name.
SWAPPERS: dict[str, Callable[[Any], int]] = {
    "uint16": swapped16,
    "uint32": swapped32,
    "uint64": swapped64,
    "float32": _swapped_single,
    "float64": _swapped_double,
}
