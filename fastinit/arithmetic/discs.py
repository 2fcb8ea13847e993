"""Points of a disc from the words of a pair: uniform, and of a normal law cut there.

The angle is Box-Muller's own, and the radius comes from the same integer, taken from
the end of (0, 1) that is nearer.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinit.arithmetic.box_muller import (
    F32_ONE,
    F32_ZERO,
    ONE,
    TAIL_9,
    end_double,
    end_single,
    polar_double,
    polar_single,
)
from fastinit.arithmetic.primitives import select, sqrt32, sqrt64, u32
from fastinit.arithmetic.tail_step import minus_two_log_double, minus_two_log_single
from fastinit.arithmetic.unit_interval import radius_word

__all__ = [
    "disc_pair_double",
    "disc_pair_single",
    "truncated_pair_double",
    "truncated_pair_single",
]

# Largest radii: so far below 1 and sqrt(8) that no rounding of the sine, the cosine
# and the products leads out of the disc (test_no_point_leaves_its_disc).
F32_RIM = np.float32(1 - 2.0**-22)
F64_RIM = 1 - 2.0**-51
F32_TRUNCATED_RIM = np.float32(float.fromhex("0x1.6a09e0p+1"))
F64_TRUNCATED_RIM = float.fromhex("0x1.6a09e667f3bc9p+1")

# Probability of a modulus beyond 2 in a complex standard normal law, and the rest.
F32_BEYOND = np.float32(float.fromhex("0x1.2c155cp-6"))
F32_WITHIN = np.float32(float.fromhex("0x1.f69f56p-1"))
F64_BEYOND = float.fromhex("0x1.2c155b8213cf4p-6")
F64_WITHIN = float.fromhex("0x1.f69f5523ef618p-1")


def disc_pair_single(a: int, b: int) -> tuple[np.float32, np.float32]:
    """Point of the unit disc in float32, from the words of a pair.

    Parameters
    ----------
    a, b : words
        Main words of elements 2 j and 2 j + 1, in [0, 2^32).

    Returns
    -------
    x, y : numpy.float32
        Coordinates, never zero, x^2 + y^2 < 1.

    Notes
    -----
    The radius is sqrt(u), but at most 1 - 2^-22; u and the angle are those of
    `fastinit.arithmetic.box_muller.normal_pair_single`.

    Examples
    --------
    >>> x, y = disc_pair_single(0x3FFFFFFF, 0)
    >>> round(float(x), 4), round(float(y) * 2**32, 4)
    (0.5, 1.5708)
    """
    end = end_single(a, u32((b | ONE) & TAIL_9))
    radius = sqrt32(select(end < F32_ZERO, F32_ONE + end, end))
    return polar_single(select(radius < F32_RIM, radius, F32_RIM), b)


def truncated_pair_single(a: int, b: int) -> tuple[np.float32, np.float32]:
    """Two standard normals with a radius of at most sqrt(8), in float32.

    Parameters
    ----------
    a, b : words
        Main words of elements 2 j and 2 j + 1, in [0, 2^32).

    Returns
    -------
    x, y : numpy.float32
        Coordinates, never zero, x^2 + y^2 < 8.

    Notes
    -----
    The radius is sqrt(-2 ln(1 - (1 - exp(-4)) u)), but at most 0x1.6a09e0p+1; u and
    the angle are those of `fastinit.arithmetic.box_muller.normal_pair_single`.

    Examples
    --------
    >>> x, y = truncated_pair_single(0xFFFFFFFF, 0)
    >>> round(float(x), 5)
    2.82843
    """
    end = end_single(a, u32((b | ONE) & TAIL_9))
    radius = sqrt32(minus_two_log_single(end, F32_WITHIN, F32_BEYOND))
    kept = select(radius < F32_TRUNCATED_RIM, radius, F32_TRUNCATED_RIM)
    return polar_single(kept, b)


def disc_pair_double(words: tuple[int, int], extensions: tuple[int, int]) -> Any:
    """Point of the unit disc in float64, from the words of a pair.

    Parameters
    ----------
    words : tuple of 2 words
        Main words (a, b) of elements 2 j and 2 j + 1.
    extensions : tuple of 2 words
        Extension words (c, d) of the same elements.

    Returns
    -------
    x, y : float
        As of `disc_pair_single`, with a radius of at most 1 - 2^-51.

    Examples
    --------
    >>> x, y = disc_pair_double((0x3FFFFFFF, 0), (0, 0))
    >>> round(x, 12)
    0.499999999767
    """
    a, b = words
    c, d = extensions
    end = end_double(radius_word(a, b, c))
    radius = sqrt64(select(end < 0.0, 1.0 + end, end))
    return polar_double(select(radius < F64_RIM, radius, F64_RIM), b, d)


def truncated_pair_double(words: tuple[int, int], extensions: tuple[int, int]) -> Any:
    """Two standard normals with a radius of at most sqrt(8), in float64.

    Parameters
    ----------
    words : tuple of 2 words
        Main words (a, b) of elements 2 j and 2 j + 1.
    extensions : tuple of 2 words
        Extension words (c, d) of the same elements.

    Returns
    -------
    x, y : float
        As of `truncated_pair_single`, with a radius of at most 0x1.6a09e667f3bc9p+1.

    Examples
    --------
    >>> x, y = truncated_pair_double((0xFFFFFFFF, 0), (0, 0))
    >>> round(x, 5)
    2.82843
    """
    a, b = words
    c, d = extensions
    end = end_double(radius_word(a, b, c))
    radius = sqrt64(minus_two_log_double(end, F64_WITHIN, F64_BEYOND))
    kept = select(radius < F64_TRUNCATED_RIM, radius, F64_TRUNCATED_RIM)
    return polar_double(kept, b, d)
