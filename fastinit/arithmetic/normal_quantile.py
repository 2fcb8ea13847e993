"""Quantiles of the normal law in float32, without a branch.

With t the smaller of the probabilities below and above a quantile x and q = 1/2 - t,
x = +-q P where P depends on log2(4 t (1 - t)) alone, smoothly: so the centre needs one
polynomial, and the tail another in the square root of that logarithm. The polynomials
are fitted by docs/accuracy/fit_truncated_normal.py.

Giles (2010), "Approximating the erfinv function", GPU Computing Gems 2.
"""

from __future__ import annotations

import numpy as np

from fastinit.arithmetic.primitives import (
    Word,
    bits32,
    fma32,
    select,
    shift_signed,
    single,
    single_from_bits,
    sqrt32,
    u32,
)

__all__ = [
    "central_ratio_single",
    "quantile_ratio_single",
    "shifted_log2_single",
]

MANTISSA_32 = Word(0x007FFFFF)
#: The largest float32 below sqrt(1/2), and the same with 4 taken from its exponent.
ROOT_HALF_32 = Word(0x3F3504F3)
SHIFTED_ROOT_HALF_32 = Word(0x3D3504F3)

F32_ZERO = np.float32(0)
F32_ONE = np.float32(1)
F32_SHIFT = np.float32(4)
#: End of the central polynomial in -log2(4 t (1 - t)): x = 3.09.
F32_CENTRAL_END = np.float32(8)
#: Centre of the polynomial of the tail, in the square root of that number.
F32_TAIL_CENTRE = np.float32(4.875)

# p of log2(1 + f) = f p(f), for 1 + f in [sqrt(1/2), sqrt(2)).
F32_LOG2_0 = np.float32(float.fromhex("0x1.715472p+0"))
F32_LOG2_1 = np.float32(float.fromhex("-0x1.7155c6p-1"))
F32_LOG2_2 = np.float32(float.fromhex("0x1.ec7a24p-2"))
F32_LOG2_3 = np.float32(float.fromhex("-0x1.70b5b0p-2"))
F32_LOG2_4 = np.float32(float.fromhex("0x1.25ba02p-2"))
F32_LOG2_5 = np.float32(float.fromhex("-0x1.006f7ap-2"))
F32_LOG2_6 = np.float32(float.fromhex("0x1.e33b68p-3"))
F32_LOG2_7 = np.float32(float.fromhex("-0x1.25dc20p-3"))

# x / q by log2(4 t (1 - t)) + 4, in [-4, 4].
F32_CENTRAL_0 = np.float32(float.fromhex("0x1.1be4ccp+2"))
F32_CENTRAL_1 = np.float32(float.fromhex("-0x1.ea0cbep-2"))
F32_CENTRAL_2 = np.float32(float.fromhex("-0x1.c6b98cp-8"))
F32_CENTRAL_3 = np.float32(float.fromhex("0x1.f7918cp-11"))
F32_CENTRAL_4 = np.float32(float.fromhex("0x1.1d146cp-13"))
F32_CENTRAL_5 = np.float32(float.fromhex("0x1.2aea40p-18"))
F32_CENTRAL_6 = np.float32(float.fromhex("-0x1.b36c30p-21"))
F32_CENTRAL_7 = np.float32(float.fromhex("-0x1.c04efep-24"))
F32_CENTRAL_8 = np.float32(float.fromhex("0x1.f03962p-31"))
F32_CENTRAL_9 = np.float32(float.fromhex("0x1.ab2eacp-31"))

# x / q by sqrt(-log2(4 t (1 - t))) - 4.875, up to sqrt(48).
F32_TAIL_0 = np.float32(float.fromhex("0x1.60e6d2p+3"))
F32_TAIL_1 = np.float32(float.fromhex("0x1.3051fep+1"))
F32_TAIL_2 = np.float32(float.fromhex("0x1.1dc97ep-9"))
F32_TAIL_3 = np.float32(float.fromhex("-0x1.543730p-10"))
F32_TAIL_4 = np.float32(float.fromhex("0x1.9f1058p-12"))
F32_TAIL_5 = np.float32(float.fromhex("-0x1.fe2a0ap-14"))
F32_TAIL_6 = np.float32(float.fromhex("0x1.4da69cp-15"))
F32_TAIL_7 = np.float32(float.fromhex("-0x1.9e9cf6p-17"))
F32_TAIL_8 = np.float32(float.fromhex("0x1.3d7f0ap-17"))
F32_TAIL_9 = np.float32(float.fromhex("-0x1.d3f20ap-18"))
F32_TAIL_10 = np.float32(float.fromhex("0x1.9671b0p-20"))
F32_TAIL_11 = np.float32(float.fromhex("0x1.c7ac38p-22"))
F32_TAIL_12 = np.float32(float.fromhex("-0x1.4da880p-23"))


def shifted_log2_single(y: np.float32) -> np.float32:
    """log2(y) + 4 of a normal number; its error is absolute.

    Examples
    --------
    >>> float(shifted_log2_single(np.float32(0.125)))
    1.0
    """
    # The shift comes with the exponent, at no cost; it centres what follows.
    pattern = u32(bits32(y) - SHIFTED_ROOT_HALF_32)
    f = single_from_bits(u32((pattern & MANTISSA_32) + ROOT_HALF_32)) - F32_ONE
    p = fma32(f, F32_LOG2_7, F32_LOG2_6)
    p = fma32(f, p, F32_LOG2_5)
    p = fma32(f, p, F32_LOG2_4)
    p = fma32(f, p, F32_LOG2_3)
    p = fma32(f, p, F32_LOG2_2)
    p = fma32(f, p, F32_LOG2_1)
    p = fma32(f, p, F32_LOG2_0)
    return fma32(f, p, single(shift_signed(pattern, 23)))


def central_ratio_single(z: np.float32) -> np.float32:
    """Quantile over q by z = log2(4 t (1 - t)) + 4, for z >= -4.

    Examples
    --------
    >>> round(float(central_ratio_single(np.float32(4))), 4)
    2.5066
    """
    p = fma32(z, F32_CENTRAL_9, F32_CENTRAL_8)
    p = fma32(z, p, F32_CENTRAL_7)
    p = fma32(z, p, F32_CENTRAL_6)
    p = fma32(z, p, F32_CENTRAL_5)
    p = fma32(z, p, F32_CENTRAL_4)
    p = fma32(z, p, F32_CENTRAL_3)
    p = fma32(z, p, F32_CENTRAL_2)
    p = fma32(z, p, F32_CENTRAL_1)
    return fma32(z, p, F32_CENTRAL_0)


def quantile_ratio_single(z: np.float32) -> np.float32:
    """Quantile over q by z = log2(4 t (1 - t)) + 4, for z >= -44.

    Examples
    --------
    >>> q, depth = 0.5 - 2.0**-40, 38.0
    >>> round(float(quantile_ratio_single(np.float32(4 - depth))) * q, 3)
    7.048
    """
    depth = F32_SHIFT - z
    is_central = depth <= F32_CENTRAL_END
    # A root of a negative number would be a NaN, which is not wanted even unused.
    root = sqrt32(select(is_central, F32_CENTRAL_END, depth))
    z = select(is_central, z, root - F32_TAIL_CENTRE)
    p = select(is_central, F32_ZERO, F32_TAIL_12)
    p = fma32(z, p, select(is_central, F32_ZERO, F32_TAIL_11))
    p = fma32(z, p, select(is_central, F32_ZERO, F32_TAIL_10))
    p = fma32(z, p, select(is_central, F32_CENTRAL_9, F32_TAIL_9))
    p = fma32(z, p, select(is_central, F32_CENTRAL_8, F32_TAIL_8))
    p = fma32(z, p, select(is_central, F32_CENTRAL_7, F32_TAIL_7))
    p = fma32(z, p, select(is_central, F32_CENTRAL_6, F32_TAIL_6))
    p = fma32(z, p, select(is_central, F32_CENTRAL_5, F32_TAIL_5))
    p = fma32(z, p, select(is_central, F32_CENTRAL_4, F32_TAIL_4))
    p = fma32(z, p, select(is_central, F32_CENTRAL_3, F32_TAIL_3))
    p = fma32(z, p, select(is_central, F32_CENTRAL_2, F32_TAIL_2))
    p = fma32(z, p, select(is_central, F32_CENTRAL_1, F32_TAIL_1))
    return fma32(z, p, select(is_central, F32_CENTRAL_0, F32_TAIL_0))
