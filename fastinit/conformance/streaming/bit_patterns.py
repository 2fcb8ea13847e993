"""How the bit pattern of a floating dtype is read: its parts, and its values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit.dtypes import Dtype, numpy_dtype

__all__ = ["BitFormat", "bit_format"]

Float64Array = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class BitFormat:
    """A floating dtype as unsigned integers.

    Attributes
    ----------
    dtype : Dtype
        Its row.
    storage : str
        NumPy name of the unsigned integer of its width.
    entries : int
        What the upper bits can be that a pattern is looked up by: 2^16, or 2^8.
    top_shift : int
        Bits below these.
    low_bits : int
        How many of them place a value inside its entry: 0, 16 or 32.
    sign : int
        The sign bit, which is also the pattern of -0.
    exponent : int
        Those of the upper bits that are all set where a value is not finite: the
        exponent; in float8_e4m3fn, which has no infinity, all but the sign.
    mantissa_bits : int
        Stored bits of the significand.
    """

    dtype: Dtype
    storage: str
    entries: int
    top_shift: int
    low_bits: int
    sign: int
    exponent: int
    mantissa_bits: int

    def values(self, patterns: Any) -> Float64Array:
        """Values of bit patterns.

        Parameters
        ----------
        patterns : uint64 array, shape (k,)
            Bit patterns.

        Returns
        -------
        values : float64 array, shape (k,)
            What they stand for.

        Examples
        --------
        >>> from fastinit.dtypes import dtype_of
        >>> bit_format(dtype_of("float16")).values(np.array([0x3C00], np.uint64))
        array([1.])
        """
        held = np.asarray(patterns, dtype=np.uint64).astype(self.storage)
        # Signalling NaNs among patterns raise the invalid flag when they are cast.
        with np.errstate(invalid="ignore"):
            return held.view(numpy_dtype(self.dtype.name)).astype(np.float64)

    @property
    def has_infinity(self) -> bool:
        """Whether what is not finite begins with an infinity."""
        return self.exponent << self.top_shift < self.sign - 1

    @property
    def is_finite(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Whether each value of the upper bits stands for finite values."""
        tops = np.arange(self.entries)
        return np.asarray((tops & self.exponent) != self.exponent)


#: Exponent bits within the upper bits, and stored bits of the significand.
_LAYOUTS = {
    "float64": (0x7FF0, 52),
    "float32": (0x7F80, 23),
    "float16": (0x7C00, 10),
    "bfloat16": (0x7F80, 7),
    "float8_e4m3fn": (0x7F, 3),
    "float8_e5m2": (0x7C, 2),
}


def bit_format(dtype: Dtype) -> BitFormat:
    """Bit format of a floating dtype.

    Parameters
    ----------
    dtype : Dtype
        A row of kind 'float'.

    Returns
    -------
    form : BitFormat
        The format.

    Examples
    --------
    >>> from fastinit.dtypes import dtype_of
    >>> bit_format(dtype_of("float32")).low_bits
    16
    """
    width = 8 * dtype.itemsize
    exponent, mantissa = _LAYOUTS[dtype.name]
    return BitFormat(
        dtype,
        f"uint{width}",
        1 << min(width, 16),
        max(width - 16, 0),
        min(max(width - 16, 0), 32),
        1 << (width - 1),
        exponent,
        mantissa,
    )
