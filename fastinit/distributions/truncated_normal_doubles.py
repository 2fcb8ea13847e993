"""The texts of the samplers of truncated normals in float64.

Those of `truncated_normal_samplers`, with 79 bits of each element.
"""

from __future__ import annotations

from typing import Any

from fastinit.arithmetic.central_quotient import central_quotient_double
from fastinit.arithmetic.normal_quantile_double import (
    quantile_ratio_double,
    shifted_log2_double,
)
from fastinit.arithmetic.philox import counter_words
from fastinit.arithmetic.primitives import divide64, fma64, select, sqrt64
from fastinit.arithmetic.tail_step import minus_two_log_double
from fastinit.arithmetic.two_ended import ends_double

__all__ = [
    "central_block_double",
    "symmetric_block_double",
    "tail_block_double",
    "wide_block_double",
]

Block = tuple[Any, Any, Any, Any]
Key = tuple[int, int, int, int]
BlockIndex = tuple[int, int]
Parameters = tuple[float, ...]
#: Word of an element, that of its partner, its extension word.
Words = tuple[int, int, int]


def _clamp(value: Any, parameters: Parameters) -> Any:
    """Value moved into [parameters[0], parameters[1]]."""
    low, high = parameters[0], parameters[1]
    raised = select(value < low, low, value)
    return select(raised > high, high, raised)


def _both_double(t4: float) -> float:
    """4 t (1 - t) from 4 t."""
    return fma64(t4 * -0.25, t4, t4)


def _symmetric_double(words: Words, parameters: Parameters) -> Any:
    """Parameters: those of `SymmetricParameters`."""
    end, centred = ends_double(words[0], words[1], words[2])
    near = select(end < 0.0, -end, end)
    t4 = fma64(near, parameters[3], parameters[4])
    q = centred * parameters[5]
    ratio = central_quotient_double(_both_double(t4))
    return _clamp(fma64(q, ratio, parameters[2]), parameters)


def _quadruple_double(end: float, parameters: Parameters) -> Any:
    """4 t: the smaller of the probabilities on both sides."""
    drop, is_upper = parameters[3], end < 0.0
    # As in float32.
    left = select(
        is_upper,
        fma64(end, drop, parameters[8]),
        fma64(end, drop, parameters[7]),
    )
    right = select(
        is_upper,
        fma64(-end, drop, parameters[10]),
        fma64(-end, drop, parameters[9]),
    )
    return select(right < left, right, left)


def _place_double(centred: float, ratio: float, parameters: Parameters) -> Any:
    """Value from u - 1/2 and the ratio of quantile and centred probability."""
    q = fma64(centred, parameters[4], parameters[5])
    q = q + parameters[6]
    return _clamp(fma64(q, ratio, parameters[2]), parameters)


def _central_double(words: Words, parameters: Parameters) -> Any:
    """Parameters: those of `StraddlingParameters`."""
    end, centred = ends_double(words[0], words[1], words[2])
    ratio = central_quotient_double(_both_double(_quadruple_double(end, parameters)))
    return _place_double(centred, ratio, parameters)


def _wide_double(words: Words, parameters: Parameters) -> Any:
    """Parameters: those of `StraddlingParameters`."""
    end, centred = ends_double(words[0], words[1], words[2])
    y = _both_double(_quadruple_double(end, parameters))
    ratio = quantile_ratio_double(shifted_log2_double(y))
    return _place_double(centred, ratio, parameters)


def _tail_double(words: Words, parameters: Parameters) -> Any:
    """Parameters: those of `TailParameters`."""
    end, _ = ends_double(words[0], words[1], words[2])
    fall = minus_two_log_double(end, parameters[4], parameters[5])
    root = sqrt64(fall + parameters[6])
    d = divide64(fall, root + parameters[7])
    s = fma64(divide64(d, d + 2.5), parameters[8], -1.0)
    p = fma64(s, parameters[37], parameters[36])
    p = fma64(s, p, parameters[35])
    p = fma64(s, p, parameters[34])
    p = fma64(s, p, parameters[33])
    p = fma64(s, p, parameters[32])
    p = fma64(s, p, parameters[31])
    p = fma64(s, p, parameters[30])
    p = fma64(s, p, parameters[29])
    p = fma64(s, p, parameters[28])
    p = fma64(s, p, parameters[27])
    p = fma64(s, p, parameters[26])
    p = fma64(s, p, parameters[25])
    p = fma64(s, p, parameters[24])
    p = fma64(s, p, parameters[23])
    p = fma64(s, p, parameters[22])
    p = fma64(s, p, parameters[21])
    p = fma64(s, p, parameters[20])
    p = fma64(s, p, parameters[19])
    p = fma64(s, p, parameters[18])
    p = fma64(s, p, parameters[17])
    p = fma64(s, p, parameters[16])
    p = fma64(s, p, parameters[15])
    p = fma64(s, p, parameters[14])
    p = fma64(s, p, parameters[13])
    p = fma64(s, p, parameters[12])
    p = fma64(s, p, parameters[11])
    p = fma64(s, p, parameters[10])
    p = fma64(s, p, parameters[9])
    value = parameters[2] + fma64(d, p, parameters[3])
    return _clamp(value, parameters)


def symmetric_block_double(
    block: BlockIndex, key: Key, parameters: Parameters
) -> Block:
    """Four values of a law with symmetric bounds within 3.09 std.

    Parameters
    ----------
    block : tuple of 2 words
        Low and high word of the index of the block.
    key : tuple of 4 words
        (k0, k1, c2, c3) of the tensor.
    parameters : tuple of float
        Those of `SymmetricParameters`.

    Returns
    -------
    values : tuple of 4 float
        Of the four elements, within the bounds.
    """
    w0, w1, w2, w3 = counter_words(block, 0, key)
    x0, x1, x2, x3 = counter_words(block, 1, key)
    return (
        _symmetric_double((w0, w1, x0), parameters),
        _symmetric_double((w1, w0, x1), parameters),
        _symmetric_double((w2, w3, x2), parameters),
        _symmetric_double((w3, w2, x3), parameters),
    )


def central_block_double(block: BlockIndex, key: Key, parameters: Parameters) -> Block:
    """Four values of a law with bounds within 3.09 std, on either side of the mean.

    Parameters
    ----------
    block : tuple of 2 words
        Low and high word of the index of the block.
    key : tuple of 4 words
        (k0, k1, c2, c3) of the tensor.
    parameters : tuple of float
        Those of `StraddlingParameters`.

    Returns
    -------
    values : tuple of 4 float
        Of the four elements, within the bounds.
    """
    w0, w1, w2, w3 = counter_words(block, 0, key)
    x0, x1, x2, x3 = counter_words(block, 1, key)
    return (
        _central_double((w0, w1, x0), parameters),
        _central_double((w1, w0, x1), parameters),
        _central_double((w2, w3, x2), parameters),
        _central_double((w3, w2, x3), parameters),
    )


def wide_block_double(block: BlockIndex, key: Key, parameters: Parameters) -> Block:
    """Four values of a law with bounds on either side of the mean.

    Parameters
    ----------
    block : tuple of 2 words
        Low and high word of the index of the block.
    key : tuple of 4 words
        (k0, k1, c2, c3) of the tensor.
    parameters : tuple of float
        Those of `StraddlingParameters`.

    Returns
    -------
    values : tuple of 4 float
        Of the four elements, within the bounds.
    """
    w0, w1, w2, w3 = counter_words(block, 0, key)
    x0, x1, x2, x3 = counter_words(block, 1, key)
    return (
        _wide_double((w0, w1, x0), parameters),
        _wide_double((w1, w0, x1), parameters),
        _wide_double((w2, w3, x2), parameters),
        _wide_double((w3, w2, x3), parameters),
    )


def tail_block_double(block: BlockIndex, key: Key, parameters: Parameters) -> Block:
    """Four values of a law with a bound near the mean or beyond it.

    Parameters
    ----------
    block : tuple of 2 words
        Low and high word of the index of the block.
    key : tuple of 4 words
        (k0, k1, c2, c3) of the tensor.
    parameters : tuple of float
        Those of `TailParameters`.

    Returns
    -------
    values : tuple of 4 float
        Of the four elements, within the bounds.
    """
    w0, w1, w2, w3 = counter_words(block, 0, key)
    x0, x1, x2, x3 = counter_words(block, 1, key)
    return (
        _tail_double((w0, w1, x0), parameters),
        _tail_double((w1, w0, x1), parameters),
        _tail_double((w2, w3, x2), parameters),
        _tail_double((w3, w2, x3), parameters),
    )
