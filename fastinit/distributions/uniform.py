"""The uniform distribution on [a, b).

A symmetric interval is sampled on centred points, which are symmetric and never
zero; any other on k 2^-24, which keeps both a and the spacing exact.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from fastinit.arithmetic.philox import counter_words
from fastinit.arithmetic.primitives import fma32, fma64, select, single
from fastinit.arithmetic.unit_interval import (
    scaled_half_open_double,
    scaled_half_open_single,
    scaled_signed_double,
    scaled_signed_single,
)
from fastinit.distributions.constant import constant_law, require_value, round_constant
from fastinit.distributions.law import Float64Array, Law
from fastinit.distributions.protocol import Distribution, Sampler, Sampling
from fastinit.dtypes import Dtype, numpy_dtype
from fastinit.errors import ArgumentError

__all__ = ["UNIFORM"]

Block = tuple[Any, Any, Any, Any]
Key = tuple[int, int, int, int]
BlockIndex = tuple[int, int]
Parameters = tuple[float, float, float, float]


#: Smallest normal float32 and float64: a scale below would have few bits left.
_SMALLEST_SCALE = (2.0**-126, 2.0**-1022)


def _clamp(value: Any, low: Any, high: Any) -> Any:
    """Value moved into [low, high]."""
    raised = select(value < low, low, value)
    return select(raised > high, high, raised)


def _symmetric_single(block: BlockIndex, key: Key, parameters: Parameters) -> Block:
    """Parameters: b 2^-24, lowest, highest, a."""
    w0, w1, w2, w3 = counter_words(block, 0, key)
    scale = single(parameters[0])
    return (
        scaled_signed_single(w0) * scale,
        scaled_signed_single(w1) * scale,
        scaled_signed_single(w2) * scale,
        scaled_signed_single(w3) * scale,
    )


def _half_open_single(block: BlockIndex, key: Key, parameters: Parameters) -> Block:
    """Parameters: (b - a) 2^-24, lowest, highest, a."""
    w0, w1, w2, w3 = counter_words(block, 0, key)
    scale, a = single(parameters[0]), single(parameters[3])
    return (
        fma32(scaled_half_open_single(w0), scale, a),
        fma32(scaled_half_open_single(w1), scale, a),
        fma32(scaled_half_open_single(w2), scale, a),
        fma32(scaled_half_open_single(w3), scale, a),
    )


def _symmetric_double(block: BlockIndex, key: Key, parameters: Parameters) -> Block:
    """Parameters: b 2^-53, lowest, highest, a."""
    w0, w1, w2, w3 = counter_words(block, 0, key)
    x0, x1, x2, x3 = counter_words(block, 1, key)
    scale = parameters[0]
    return (
        scaled_signed_double(w0, x0) * scale,
        scaled_signed_double(w1, x1) * scale,
        scaled_signed_double(w2, x2) * scale,
        scaled_signed_double(w3, x3) * scale,
    )


def _half_open_double(block: BlockIndex, key: Key, parameters: Parameters) -> Block:
    """Parameters: (b - a) 2^-53, lowest, highest, a."""
    w0, w1, w2, w3 = counter_words(block, 0, key)
    x0, x1, x2, x3 = counter_words(block, 1, key)
    scale, a = parameters[0], parameters[3]
    return (
        fma64(scaled_half_open_double(w0, x0), scale, a),
        fma64(scaled_half_open_double(w1, x1), scale, a),
        fma64(scaled_half_open_double(w2, x2), scale, a),
        fma64(scaled_half_open_double(w3, x3), scale, a),
    )


def _symmetric_single_clamped(
    block: BlockIndex, key: Key, parameters: Parameters
) -> Block:
    """Parameters: b 2^-24, lowest, highest, a."""
    v0, v1, v2, v3 = _symmetric_single(block, key, parameters)
    low, high = single(parameters[1]), single(parameters[2])
    return (
        _clamp(v0, low, high),
        _clamp(v1, low, high),
        _clamp(v2, low, high),
        _clamp(v3, low, high),
    )


def _half_open_single_clamped(
    block: BlockIndex, key: Key, parameters: Parameters
) -> Block:
    """Parameters: (b - a) 2^-24, lowest, highest, a."""
    v0, v1, v2, v3 = _half_open_single(block, key, parameters)
    low, high = single(parameters[1]), single(parameters[2])
    return (
        _clamp(v0, low, high),
        _clamp(v1, low, high),
        _clamp(v2, low, high),
        _clamp(v3, low, high),
    )


def _symmetric_double_clamped(
    block: BlockIndex, key: Key, parameters: Parameters
) -> Block:
    """Parameters: b 2^-53, lowest, highest, a."""
    v0, v1, v2, v3 = _symmetric_double(block, key, parameters)
    low, high = parameters[1], parameters[2]
    return (
        _clamp(v0, low, high),
        _clamp(v1, low, high),
        _clamp(v2, low, high),
        _clamp(v3, low, high),
    )


def _half_open_double_clamped(
    block: BlockIndex, key: Key, parameters: Parameters
) -> Block:
    """Parameters: (b - a) 2^-53, lowest, highest, a."""
    v0, v1, v2, v3 = _half_open_double(block, key, parameters)
    low, high = parameters[1], parameters[2]
    return (
        _clamp(v0, low, high),
        _clamp(v1, low, high),
        _clamp(v2, low, high),
        _clamp(v3, low, high),
    )


def representable_ends(a: float, b: float, dtype: Dtype) -> tuple[float, float]:
    """Smallest value >= a and largest value < b of a dtype.

    Parameters
    ----------
    a, b : float
        Ends of the interval, finite, a < b.
    dtype : Dtype
        A floating dtype.

    Returns
    -------
    lowest, highest : float
        Values of the dtype; lowest > highest where it has none in [a, b).

    Examples
    --------
    >>> from fastinit.dtypes import DTYPES
    >>> representable_ends(0.0, 1.0, DTYPES["float16"])
    (0.0, 0.99951171875)
    """
    held = numpy_dtype(dtype.name)
    # Towards the largest finite value: float8_e4m3fn has no infinity.
    kind, most = held.type, dtype.max_finite
    lowest = kind(a)
    if float(lowest) < a:
        lowest = np.nextafter(lowest, kind(most), dtype=held)
    highest = kind(b)
    if float(highest) >= b:
        highest = np.nextafter(highest, kind(-most), dtype=held)
    return float(lowest), float(highest)


def _check(a: float, b: float, dtype: Dtype) -> None:
    largest = dtype.max_finite
    if not (math.isfinite(a) and math.isfinite(b)) or a > b:
        raise ArgumentError(
            f"uniform(a={a!r}, b={b!r})",
            "the ends of [a, b) must be finite with a <= b",
            "give finite ends in ascending order",
        )
    if max(abs(a), abs(b)) > largest:
        raise ArgumentError(
            f"uniform(a={a!r}, b={b!r}) in {dtype.name}",
            f"the ends must lie within +-{largest:.6g}, what {dtype.name} can hold",
            "narrow the interval or choose a wider dtype",
        )


def _prepare(parameters: tuple[Any, ...], dtype: Dtype) -> Sampling:
    # An end of -0.0 is one of 0.0: the two are one key of the cache of samplings.
    a, b = (float(value) + 0.0 for value in parameters)
    _check(a, b, dtype)
    if a == b:
        require_value(a, dtype)
        only = float(round_constant(a, dtype))
        return Sampling("uniform_half_open", (0.0, only, only, only))
    lowest, highest = representable_ends(a, b, dtype)
    if lowest > highest:
        raise ArgumentError(
            f"uniform(a={a!r}, b={b!r}) in {dtype.name}",
            "[a, b) must hold at least one value of the dtype",
            "widen the interval or choose a wider dtype",
        )
    return _sampling(a, b, (lowest, highest), dtype)


def _sampling(a: float, b: float, ends: tuple[float, float], dtype: Dtype) -> Sampling:
    """Sampler of [a, b), with a clamp only where rounding can leave `ends`."""
    bits = 53 if dtype.precision == 64 else 24
    largest = 2.0**bits - 1
    if a == -b:
        kind = "uniform_symmetric"
        scale, origin, smallest = _round(math.ldexp(b, -bits), dtype), 0.0, -largest
    else:
        kind = "uniform_half_open"
        width = math.ldexp(b, -bits) - math.ldexp(a, -bits)
        scale, origin, smallest = _round(width, dtype), _round(a, dtype), 0.0
    if scale < _SMALLEST_SCALE[dtype.precision == 64]:
        raise ArgumentError(
            f"uniform(a={a!r}, b={b!r}) in {dtype.name}",
            "the spacing of the values must be a normal number of the arithmetic: "
            "b - a, or b where a = -b, of at least 2e-31, in float64 2e-292",
            "widen the interval, or fill a wider one and scale it",
        )
    # Rounding is monotonic, so the extreme integers give the extreme values.
    extremes = [_value(k, scale, origin, dtype) for k in (smallest, largest)]
    if not ends[0] <= extremes[0] <= extremes[1] <= ends[1]:
        kind += "_clamped"
    return Sampling(kind, (scale, *ends, origin))


def _value(k: float, scale: float, origin: float, dtype: Dtype) -> float:
    """Value in the dtype that the sampler makes of an integer k.

    Rounded by chance it may be either neighbour, so that it counts as it is.
    """
    if dtype.precision == 64:
        return fma64(k, scale, origin)
    value = fma32(np.float32(k), np.float32(scale), np.float32(origin))
    if dtype.is_stochastic:
        return float(value)
    return float(value.astype(numpy_dtype(dtype.name)))


def _round(value: float, dtype: Dtype) -> float:
    """Value rounded to the format of the arithmetic."""
    return value if dtype.precision == 64 else float(np.float32(value))


def _law(parameters: tuple[Any, ...]) -> Law:
    a, b = (float(value) for value in parameters)
    if a == b:
        return constant_law((a,))
    # Halves, as b - a may be beyond the largest float64.
    half = 0.5 * b - 0.5 * a

    def cdf(x: Float64Array) -> Float64Array:
        return np.clip((0.5 * np.asarray(x) - 0.5 * a) / half, 0.0, 1.0)

    def sf(x: Float64Array) -> Float64Array:
        return np.clip((0.5 * b - 0.5 * np.asarray(x)) / half, 0.0, 1.0)

    # Fourth central moment of the uniform law over its squared variance: 9/5.
    return Law(
        *("uniform", (a, b), cdf, sf),
        *(0.5 * a + 0.5 * b, half / math.sqrt(3), 1.8, (a, b)),
    )


#: Uniform on [a, b).
UNIFORM = Distribution(
    name="uniform",
    parameters=("a", "b"),
    kinds=("float",),
    samplers={
        "uniform_symmetric": Sampler(
            {"float32": _symmetric_single, "float64": _symmetric_double}
        ),
        "uniform_half_open": Sampler(
            {"float32": _half_open_single, "float64": _half_open_double}
        ),
        "uniform_symmetric_clamped": Sampler(
            {"float32": _symmetric_single_clamped, "float64": _symmetric_double_clamped}
        ),
        "uniform_half_open_clamped": Sampler(
            {"float32": _half_open_single_clamped, "float64": _half_open_double_clamped}
        ),
    },
    prepare=_prepare,
    law=_law,
)
