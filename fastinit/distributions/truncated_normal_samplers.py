"""The texts of the samplers of truncated normals.

Where the interval holds the mean with half a std on either side, a value is the
quantile of a probability between those of the bounds: with a short polynomial where
both lie within 3.09 std, one parameter less where they are symmetric, and a longer
one beyond. Any other interval is reached from the bound that is nearer to the mean.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinit.arithmetic.normal_quantile import (
    central_ratio_single,
    quantile_ratio_single,
    shifted_log2_single,
)
from fastinit.arithmetic.philox import counter_words
from fastinit.arithmetic.primitives import divide32, fma32, select, single, sqrt32
from fastinit.arithmetic.tail_step import minus_two_log_single
from fastinit.arithmetic.two_ended import (
    ends_single,
    scaled_end_single,
    scaled_ends_single,
)

__all__ = [
    "central_block_single",
    "symmetric_block_single",
    "tail_block_single",
    "wide_block_single",
]

Block = tuple[Any, Any, Any, Any]
Key = tuple[int, int, int, int]
BlockIndex = tuple[int, int]
Parameters = tuple[float, ...]

F32_ZERO = np.float32(0)
F32_MINUS_ONE = np.float32(-1)
F32_MINUS_QUARTER = np.float32(-0.25)
#: BEND of `tail_polynomial`.
F32_BEND = np.float32(2.5)


def _clamp(value: Any, parameters: Parameters) -> Any:
    """Value moved into [parameters[0], parameters[1]]."""
    low, high = single(parameters[0]), single(parameters[1])
    raised = select(value < low, low, value)
    return select(raised > high, high, raised)


def _depth_single(t4: np.float32) -> np.float32:
    """log2(4 t (1 - t)) + 4 from 4 t."""
    return shifted_log2_single(fma32(t4 * F32_MINUS_QUARTER, t4, t4))


def _symmetric_single(word: int, parameters: Parameters) -> Any:
    """Parameters: those of `SymmetricParameters`."""
    near, centred = scaled_end_single(word)
    t4 = fma32(near, single(parameters[3]), single(parameters[4]))
    q = centred * single(parameters[5])
    ratio = central_ratio_single(_depth_single(t4))
    return _clamp(fma32(q, ratio, single(parameters[2])), parameters)


def _quadruple_single(end: np.float32, parameters: Parameters) -> Any:
    """4 t: the smaller of the probabilities on both sides."""
    drop, is_upper = single(parameters[3]), end < F32_ZERO
    # The sums are chosen from and not the parameters: a compiler would choose before
    # it rounds these, and round again for each element.
    left = select(
        is_upper,
        fma32(end, drop, single(parameters[8])),
        fma32(end, drop, single(parameters[7])),
    )
    right = select(
        is_upper,
        fma32(-end, drop, single(parameters[10])),
        fma32(-end, drop, single(parameters[9])),
    )
    return select(right < left, right, left)


def _place_single(
    centred: np.float32, ratio: np.float32, parameters: Parameters
) -> Any:
    """Value from u - 1/2 and the ratio of quantile and centred probability."""
    q = fma32(centred, single(parameters[4]), single(parameters[5]))
    q = q + single(parameters[6])
    return _clamp(fma32(q, ratio, single(parameters[2])), parameters)


def _central_single(word: int, parameters: Parameters) -> Any:
    """Parameters: those of `StraddlingParameters`, for 2^32 times the distances."""
    end, centred = scaled_ends_single(word)
    ratio = central_ratio_single(_depth_single(_quadruple_single(end, parameters)))
    return _place_single(centred, ratio, parameters)


def _wide_single(word: int, partner: int, parameters: Parameters) -> Any:
    """Parameters: those of `StraddlingParameters`."""
    end, centred = ends_single(word, partner)
    ratio = quantile_ratio_single(_depth_single(_quadruple_single(end, parameters)))
    return _place_single(centred, ratio, parameters)


def _tail_single(word: int, partner: int, parameters: Parameters) -> Any:
    """Parameters: those of `TailParameters`."""
    end, _ = ends_single(word, partner)
    fall = minus_two_log_single(end, single(parameters[4]), single(parameters[5]))
    root = sqrt32(fall + single(parameters[6]))
    d = divide32(fall, root + single(parameters[7]))
    s = fma32(divide32(d, d + F32_BEND), single(parameters[8]), F32_MINUS_ONE)
    p = fma32(s, single(parameters[19]), single(parameters[18]))
    p = fma32(s, p, single(parameters[17]))
    p = fma32(s, p, single(parameters[16]))
    p = fma32(s, p, single(parameters[15]))
    p = fma32(s, p, single(parameters[14]))
    p = fma32(s, p, single(parameters[13]))
    p = fma32(s, p, single(parameters[12]))
    p = fma32(s, p, single(parameters[11]))
    p = fma32(s, p, single(parameters[10]))
    p = fma32(s, p, single(parameters[9]))
    value = single(parameters[2]) + fma32(d, p, single(parameters[3]))
    return _clamp(value, parameters)


def symmetric_block_single(
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
    values : tuple of 4 float32
        Of the four elements, within the bounds.
    """
    w0, w1, w2, w3 = counter_words(block, 0, key)
    return (
        _symmetric_single(w0, parameters),
        _symmetric_single(w1, parameters),
        _symmetric_single(w2, parameters),
        _symmetric_single(w3, parameters),
    )


def central_block_single(block: BlockIndex, key: Key, parameters: Parameters) -> Block:
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
    values : tuple of 4 float32
        Of the four elements, within the bounds.
    """
    w0, w1, w2, w3 = counter_words(block, 0, key)
    return (
        _central_single(w0, parameters),
        _central_single(w1, parameters),
        _central_single(w2, parameters),
        _central_single(w3, parameters),
    )


def wide_block_single(block: BlockIndex, key: Key, parameters: Parameters) -> Block:
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
    values : tuple of 4 float32
        Of the four elements, within the bounds.
    """
    w0, w1, w2, w3 = counter_words(block, 0, key)
    return (
        _wide_single(w0, w1, parameters),
        _wide_single(w1, w0, parameters),
        _wide_single(w2, w3, parameters),
        _wide_single(w3, w2, parameters),
    )


def tail_block_single(block: BlockIndex, key: Key, parameters: Parameters) -> Block:
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
    values : tuple of 4 float32
        Of the four elements, within the bounds.
    """
    w0, w1, w2, w3 = counter_words(block, 0, key)
    return (
        _tail_single(w0, w1, parameters),
        _tail_single(w1, w0, parameters),
        _tail_single(w2, w3, parameters),
        _tail_single(w3, w2, parameters),
    )
