"""The few operations that differ by target, in pure Python.

The rest of the arithmetic is written in terms of these and of ``+ - * & | ^ << >>``.
A compiler target replaces each function here by one of the same name
(`fastinit.arithmetic.targets`); run as it stands, the text is the reference.
Words are Python integers in [0, 2^32), floats are `numpy.float32` or `float`.
"""

from __future__ import annotations

import ctypes
import math
import struct
import sys
from fractions import Fraction
from typing import Any

import numpy as np

__all__ = [
    "Word",
    "Word64",
    "address_of",
    "array_at",
    "bits32",
    "bits64",
    "clear",
    "copy_bytes",
    "divide32",
    "divide64",
    "double",
    "double_from_bits",
    "fence",
    "fma32",
    "fma64",
    "i32",
    "i64",
    "lane_blocks",
    "lane_steps",
    "magnitude32",
    "magnitude64",
    "multiply_wide",
    "prange",
    "select",
    "shift_left",
    "shift_right",
    "shift_signed",
    "single",
    "single_from_bits",
    "sqrt32",
    "sqrt64",
    "store_at",
    "store_lanes",
    "store_line",
    "store_row",
    "u8",
    "u16",
    "u32",
    "u64",
    "workspace",
]


#: The loop over spans; a compiler target may run it on several threads.
prange = range


class Word(int):
    """A 32-bit constant: an integer here, a typed uint32 on a compiler."""


class Word64(int):
    """A 64-bit constant: an integer here, a typed uint64 on a compiler."""


def u8(value: int) -> int:
    """Low 8 bits of an integer, in [0, 2^8)."""
    return int(value) & 0xFF


def u16(value: int) -> int:
    """Low 16 bits of an integer, in [0, 2^16)."""
    return int(value) & 0xFFFF


def u32(value: int) -> int:
    """Low 32 bits of an integer, in [0, 2^32)."""
    return int(value) & 0xFFFFFFFF


def u64(value: int) -> int:
    """Low 64 bits of an integer, in [0, 2^64)."""
    return int(value) & 0xFFFFFFFFFFFFFFFF


def i32(value: int) -> int:
    """Low 32 bits of an integer as a two's complement number, in [-2^31, 2^31)."""
    return ((int(value) + 0x80000000) & 0xFFFFFFFF) - 0x80000000


def i64(value: int) -> int:
    """Low 64 bits of an integer as a two's complement number, in [-2^63, 2^63)."""
    return ((int(value) + (1 << 63)) & 0xFFFFFFFFFFFFFFFF) - (1 << 63)


def shift_left(word: int, bits: int) -> int:
    """Word times 2^bits, modulo 2^32."""
    return (word << bits) & 0xFFFFFFFF


def shift_right(word: int, bits: int) -> int:
    """Word divided by 2^bits and rounded down."""
    return int(word) >> int(bits)


def shift_signed(word: int, bits: int) -> int:
    """Word as a signed number, divided by 2^bits and rounded down."""
    return i32(word) >> int(bits)


def select(condition: Any, a: Any, b: Any) -> Any:
    """A where the condition holds, else b; both are evaluated, and of one type.

    The text says so and not ``a if condition else b`` because a branch would end the
    straight line that vectors need.
    """
    return a if condition else b


def magnitude32(value: int) -> int:
    """Absolute value of a number of (-2^31, 2^31)."""
    return abs(value)


def magnitude64(value: int) -> int:
    """Absolute value of a number of (-2^63, 2^63)."""
    return abs(value)


def multiply_wide(a: int, b: int) -> tuple[int, int]:
    """High and low word of the 64-bit product of two words."""
    product = int(a) * int(b)
    return product >> 32, product & 0xFFFFFFFF


def single(value: float) -> np.float32:
    """Nearest float32, ties to even, of a 32-bit integer or a float64."""
    return np.float32(value)


def double(value: float) -> float:
    """Nearest float64, ties to even, of a 64-bit integer or a float32."""
    return float(value)


def bits32(value: np.float32) -> int:
    """Bit pattern of a float32, in [0, 2^32)."""
    return int(struct.unpack("<I", struct.pack("<f", value))[0])


def single_from_bits(pattern: int) -> np.float32:
    """float32 with a given bit pattern."""
    return np.float32(struct.unpack("<f", struct.pack("<I", pattern))[0])


def bits64(value: float) -> int:
    """Bit pattern of a float64, in [0, 2^64)."""
    return int(struct.unpack("<Q", struct.pack("<d", value))[0])


def double_from_bits(pattern: int) -> float:
    """float64 with a given bit pattern."""
    return float(struct.unpack("<d", struct.pack("<Q", pattern))[0])


def fma64(a: float, b: float, c: float) -> float:
    """Compute a * b + c rounded once to float64."""
    exact = _exact_fma(a, b, c)
    # int / int is correctly rounded in Python, which makes this one rounding.
    return a * b + c if exact is None else exact.numerator / exact.denominator


def fma32(a: np.float32, b: np.float32, c: np.float32) -> np.float32:
    """Compute a * b + c rounded once to float32."""
    exact = _exact_fma(float(a), float(b), float(c))
    if exact is None:
        return np.float32(float(a) * float(b) + float(c))
    nearest = exact.numerator / exact.denominator
    # Rounding to odd in 53 bits first makes the second rounding, to 24, exact.
    if Fraction(nearest) != exact and not bits64(nearest) & 1:
        up = exact > Fraction(nearest)
        nearest = math.nextafter(nearest, math.inf if up else -math.inf)
    return np.float32(nearest)


def _exact_fma(a: float, b: float, c: float) -> Fraction | None:
    """Compute a * b + c exactly, or None where the sign of a zero or an inf decides."""
    if not (math.isfinite(a) and math.isfinite(b) and math.isfinite(c)):
        return None
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    return exact or None


def sqrt32(value: np.float32) -> np.float32:
    """Correctly rounded square root of a float32."""
    return np.float32(np.sqrt(np.float32(value)))


def sqrt64(value: float) -> float:
    """Correctly rounded square root of a float64."""
    return math.sqrt(value)


def divide32(a: np.float32, b: np.float32) -> np.float32:
    """Correctly rounded quotient of two float32, b not zero.

    The operator would come with a test for zero, which is a branch on a compiler.
    """
    return np.float32(np.float32(a) / np.float32(b))


def divide64(a: float, b: float) -> float:
    """Correctly rounded quotient of two float64, b not zero."""
    return a / b


def array_at(address: int, count: int, stored: Any) -> Any:
    """Contiguous one-dimensional array over memory that somebody else owns.

    Parameters
    ----------
    address : int
        Address of the first byte.
    count : int
        Number of elements, >= 0.
    stored : type
        NumPy scalar type of the elements.
    """
    size = count * np.dtype(stored).itemsize
    if not size:
        return np.empty(0, stored)
    buffer = (ctypes.c_char * size).from_address(int(address))
    return np.frombuffer(buffer, stored)


def address_of(array: Any) -> int:
    """Address of the first element of an array."""
    return int(array.ctypes.data)


def store_at(address: int, value: Any) -> None:
    """Store one value at an address of any alignment."""
    raw = np.asarray(value).tobytes()
    ctypes.memmove(int(address), raw, len(raw))


def lane_blocks(low: int, lanes: int, itemsize: int) -> int:
    """Low words of the indices of `lanes` blocks from one on.

    A compiler target makes a vector of them, in an order that suits `store_lanes` for
    elements of `itemsize` bytes; here there is one lane.
    """
    return u32(low)


def lane_steps(low: int, step: int, lanes: int, itemsize: int) -> int:
    """Low words of the indices of `lanes` blocks, `step` from one to the next.

    As `lane_blocks`, in the order of `store_row`.
    """
    return u32(low)


def store_row(address: int, lanes: int, stored: Any, value: Any) -> None:
    """Store one value of each of `lanes` blocks, side by side."""
    raw = np.array(value, stored).tobytes()
    ctypes.memmove(int(address), raw, len(raw))


def store_lanes(
    address: int, lanes: int, stored: Any, v0: Any, v1: Any, v2: Any, v3: Any
) -> None:
    """Store the four values of `lanes` blocks, a block after the other."""
    raw = np.array((v0, v1, v2, v3), stored).tobytes()
    ctypes.memmove(int(address), raw, len(raw))


class _Workspace(int):
    """Address of memory that lives as long as this number."""

    memory: Any


def workspace(size: int) -> int:
    """Address of a few bytes that belong to the function that asks for them.

    A compiler target takes a constant size and gives memory of its stack.
    """
    memory = ctypes.create_string_buffer(size)
    place = _Workspace(ctypes.addressof(memory))
    place.memory = memory
    return place


def copy_bytes(source: int, destination: int, size: int) -> None:
    """Copy bytes between places that do not overlap."""
    ctypes.memmove(int(destination), int(source), int(size))


def store_line(address: int, word: int) -> None:
    """Store a 64-bit word eight times from an address that is a multiple of 64.

    A compiler target may store past the caches, for memory that is not read soon;
    `fence` then makes the lines visible to other threads.
    """
    raw = int(word).to_bytes(8, sys.byteorder) * 8
    ctypes.memmove(int(address), raw, len(raw))


def clear(address: int, size: int) -> None:
    """Set bytes to zero; processors have their own fast way for this one value."""
    ctypes.memset(int(address), 0, int(size))


def fence() -> None:
    """Make earlier stores visible to other threads."""
