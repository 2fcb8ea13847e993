"""From a uniform number to -2 ln of a survival function: steps into a tail.

A law that is truncated below has the survival function 1 - u drop at its u-quantile,
drop = 1 - rest, relative to its bound. The logarithm cannot underflow however far out
the bound is, and near the bound it is relatively accurate.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinit.arithmetic.box_muller import (
    F32_LOG_0,
    F32_LOG_1,
    F32_LOG_2,
    F32_LOG_3,
    F32_LOG_4,
    F32_LOG_5,
    F32_LOG_6,
    F32_LOG_7,
    F32_LOG_8,
    F32_ONE,
    F32_TWO_LN2,
    F32_ZERO,
    F64_LOG_0,
    F64_LOG_1,
    F64_LOG_2,
    F64_LOG_3,
    F64_LOG_4,
    F64_LOG_5,
    F64_LOG_6,
    F64_LOG_7,
    F64_LOG_8,
    F64_LOG_9,
    F64_LOG_10,
    F64_LOG_11,
    F64_LOG_12,
    F64_LOG_13,
    F64_LOG_14,
    F64_LOG_15,
    F64_LOG_16,
    F64_LOG_17,
    F64_LOG_18,
    F64_LOG_19,
    F64_LOG_20,
    F64_TWO_LN2,
    HALF_BITS_32,
    HALF_BITS_64,
    MANTISSA_32,
    MANTISSA_64,
)
from fastinit.arithmetic.primitives import (
    bits32,
    bits64,
    double,
    double_from_bits,
    fma32,
    fma64,
    i32,
    i64,
    select,
    single,
    single_from_bits,
    u32,
    u64,
)

__all__ = ["minus_two_log_double", "minus_two_log_single"]

F32_HALF = np.float32(0.5)


def minus_two_log_single(
    end: np.float32, drop: np.float32, rest: np.float32
) -> np.float32:
    """-2 ln(1 - u drop), u by its signed distance from the nearer end.

    The two forms of Box-Muller's logarithm: of 1 - h where h = u drop is at most 1/2,
    else of 2^-n m = rest + (1 - u) drop.

    Examples
    --------
    >>> one = np.float32(1)
    >>> float(minus_two_log_single(np.float32(-(2.0**-20)), one, np.float32(0)))
    27.725887298583984
    """
    is_upper = end < F32_ZERO
    h = select(is_upper, F32_ONE + end, end) * drop
    y = fma32(select(is_upper, -end, F32_ONE - end), drop, rest)
    is_near = h <= F32_HALF
    pattern = bits32(y)
    m = single_from_bits(u32((pattern & MANTISSA_32) | HALF_BITS_32))
    h = select(is_near, h, F32_ONE - m)
    n = select(is_near, i32(0), i32(126 - (pattern >> 23)))
    q = fma32(h, F32_LOG_8, F32_LOG_7)
    q = fma32(h, q, F32_LOG_6)
    q = fma32(h, q, F32_LOG_5)
    q = fma32(h, q, F32_LOG_4)
    q = fma32(h, q, F32_LOG_3)
    q = fma32(h, q, F32_LOG_2)
    q = fma32(h, q, F32_LOG_1)
    q = fma32(h, q, F32_LOG_0)
    return fma32(h * h, q, fma32(single(n), F32_TWO_LN2, h + h))


def minus_two_log_double(end: float, drop: float, rest: float) -> Any:
    """-2 ln(1 - u drop), u by its signed distance from the nearer end.

    The steps of `minus_two_log_single`.

    Examples
    --------
    >>> minus_two_log_double(-(2.0**-20), 1.0, 0.0)
    27.725887222397812
    """
    is_upper = end < 0.0
    h = select(is_upper, 1.0 + end, end) * drop
    y = fma64(select(is_upper, -end, 1.0 - end), drop, rest)
    is_near = h <= 0.5
    pattern = bits64(y)
    m = double_from_bits(u64((pattern & MANTISSA_64) | HALF_BITS_64))
    h = select(is_near, h, 1.0 - m)
    n = select(is_near, i64(0), i64(1022 - i64(pattern >> 52)))
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
