"""Binary floating point in exact integers: IEEE 754 with round to nearest even.

A number is (-1)^sign mantissa 2^exponent, so that zeros have signs. Sums and
products of numbers are exact; only `Format.nearest` and `Format.sqrt` round.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from fractions import Fraction

__all__ = ["FORMATS", "Format", "Number", "from_double", "integer"]


@dataclass(slots=True)
class Number:
    """(-1)^sign mantissa 2^exponent, exactly."""

    sign: int
    mantissa: int
    exponent: int

    def __add__(self, other: Number) -> Number:
        """Exact sum; equal magnitudes of opposite sign give +0."""
        low = min(self.exponent, other.exponent)
        left = self.mantissa << (self.exponent - low)
        right = other.mantissa << (other.exponent - low)
        total = (-left if self.sign else left) + (-right if other.sign else right)
        if total == 0:
            return Number(self.sign & other.sign, 0, 0)
        return Number(int(total < 0), abs(total), low)

    def __mul__(self, other: Number) -> Number:
        """Exact product."""
        return Number(
            self.sign ^ other.sign,
            self.mantissa * other.mantissa,
            self.exponent + other.exponent,
        )

    def __neg__(self) -> Number:
        return Number(1 - self.sign, self.mantissa, self.exponent)

    def __lt__(self, other: Number) -> bool:
        difference = self + -other
        return bool(difference.sign and difference.mantissa)

    def fraction(self) -> Fraction:
        """Value as a fraction, without the sign of a zero."""
        size = Fraction(self.mantissa) * Fraction(2) ** self.exponent
        return -size if self.sign else size


def integer(value: int, exponent: int = 0) -> Number:
    """Number value 2^exponent."""
    return Number(int(value < 0), abs(value), exponent)


def from_double(value: float) -> Number:
    """Number that a Python float is."""
    return FORMATS["float64"].decode(struct.unpack("<Q", struct.pack("<d", value))[0])


@dataclass(frozen=True)
class Format:
    """A binary format.

    Attributes
    ----------
    precision : int
        Bits of the mantissa, the hidden one included.
    exponent_bits : int
        Bits of the exponent.
    is_finite : bool
        True where the largest exponent has numbers too, all but the last, a NaN.
    """

    precision: int
    exponent_bits: int
    is_finite: bool = False

    @property
    def bias(self) -> int:
        """Bias of the exponent."""
        return (1 << (self.exponent_bits - 1)) - 1

    @property
    def smallest(self) -> int:
        """Exponent of the smallest subnormal number."""
        return 2 - self.bias - self.precision

    @property
    def largest(self) -> Number:
        """Largest finite number."""
        mantissa, exponent = (1 << self.precision) - 1, self.bias + 1 - self.precision
        return Number(0, mantissa - self.is_finite, exponent + self.is_finite)

    def _shift(self, number: Number) -> int:
        """Bits that the format has no room for."""
        return max(
            number.mantissa.bit_length() - self.precision,
            self.smallest - number.exponent,
        )

    def nearest(self, number: Number) -> Number:
        """Nearest number of the format, ties to even."""
        if number.mantissa == 0:
            return number
        shift, kept = max(0, self._shift(number)), number.mantissa
        if shift > 0:
            kept, lost = divmod(kept, 1 << shift)
            half = 1 << (shift - 1)
            kept += lost > half or (lost == half and kept & 1)
        if self.largest < Number(0, kept, number.exponent + shift):
            msg = f"{number} is beyond {self}"
            raise OverflowError(msg)
        return Number(number.sign, kept, number.exponent + shift)

    def by_chance(self, number: Number, word: int) -> Number:
        """Number below or above, up where 2^32 times what is dropped exceeds a word."""
        shift = max(0, self._shift(number)) if number.mantissa else 0
        kept, lost = divmod(number.mantissa, 1 << shift)
        kept += (lost << 32) >> shift > word
        return Number(number.sign, kept, number.exponent + shift)

    def fma(self, a: Number, b: Number, c: Number) -> Number:
        """Compute a b + c, rounded once."""
        return self.nearest(a * b + c)

    def sqrt(self, number: Number) -> Number:
        """Square root of a positive number, rounded once."""
        # An even exponent and some bits more than the format keeps; what isqrt
        # drops only matters as "not exactly", which one last bit can say.
        spare = 2 * self.precision + 4 + (number.exponent & 1)
        wide = number.mantissa << spare
        root = math.isqrt(wide)
        mantissa = 2 * root + int(root * root != wide)
        return self.nearest(Number(0, mantissa, (number.exponent - spare) // 2 - 1))

    def divide(self, a: Number, b: Number) -> Number:
        """Quotient of two numbers, rounded once."""
        spare = 2 * self.precision + b.mantissa.bit_length() + 4
        quotient, rest = divmod(a.mantissa << spare, b.mantissa)
        mantissa = 2 * quotient + int(rest != 0)
        exponent = a.exponent - b.exponent - spare - 1
        return self.nearest(Number(a.sign ^ b.sign, mantissa, exponent))

    def encode(self, number: Number) -> int:
        """Bit pattern of a number of the format."""
        width = self.precision - 1
        sign = number.sign << (self.exponent_bits + width)
        shift = self._shift(number)
        if number.mantissa == 0:
            return sign
        assert shift <= 0 or number.mantissa % (1 << shift) == 0, number
        exponent = number.exponent + shift
        mantissa = number.mantissa >> shift if shift > 0 else number.mantissa << -shift
        field = exponent - self.smallest
        # The hidden bit adds one to the field of normal numbers by itself.
        return sign | ((field << width) + mantissa)

    def decode(self, pattern: int) -> Number:
        """Number that a bit pattern stands for."""
        width = self.precision - 1
        sign = pattern >> (self.exponent_bits + width)
        field = (pattern >> width) & ((1 << self.exponent_bits) - 1)
        mantissa = pattern & ((1 << width) - 1)
        magnitude = (field << width) + mantissa
        first_not_finite = ((1 << self.exponent_bits) - 1) << width
        if self.is_finite:
            first_not_finite = (1 << (self.exponent_bits + width)) - 1
        assert magnitude < first_not_finite, "not finite"
        if field == 0:
            return Number(sign, mantissa, self.smallest if mantissa else 0)
        return Number(sign, mantissa | (1 << width), self.smallest + field - 1)

    def at_least(self, number: Number) -> Number:
        """Smallest number of the format that is >= a number."""
        below = self.nearest(number)
        return self._neighbour(below, +1) if below < number else below

    def at_most(self, number: Number) -> Number:
        """Largest number of the format that is <= a number."""
        above = self.nearest(number)
        return self._neighbour(above, -1) if number < above else above

    def less_than(self, number: Number) -> Number:
        """Largest number of the format that is < a number."""
        above = self.nearest(number)
        return above if above < number else self._neighbour(above, -1)

    def _neighbour(self, number: Number, step: int) -> Number:
        """Next number of the format up or down; a zero keeps the sign it came from."""
        if number.mantissa == 0:
            return Number(int(step < 0), 1, self.smallest)
        away = (step < 0) == bool(number.sign)
        return self.decode(self.encode(number) + (1 if away else -1))


#: The formats of the stream, by dtype name.
FORMATS = {
    "float16": Format(11, 5),
    "bfloat16": Format(8, 8),
    "float8_e4m3fn": Format(4, 4, is_finite=True),
    "float8_e5m2": Format(3, 5),
    "float32": Format(24, 8),
    "float64": Format(53, 11),
}
