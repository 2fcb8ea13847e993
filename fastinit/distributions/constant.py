"""The constant distribution: one value everywhere, in any dtype."""

from __future__ import annotations

import math
import sys
from typing import Any

import numpy as np

from fastinit.arithmetic.primitives import u8, u16, u32, u64
from fastinit.distributions.law import Float64Array, Law
from fastinit.distributions.protocol import Distribution, Sampler, Sampling
from fastinit.dtypes import Dtype, numpy_dtype
from fastinit.errors import ArgumentError

__all__ = ["CONSTANT", "constant_law", "require_value", "round_constant"]

#: A constant takes no parameters, but all samplers do.
_UNUSED = (0.0, 0.0, 0.0, 0.0)

Block = tuple[Any, Any, Any, Any]
Key = tuple[int, int, int, int]
BlockIndex = tuple[int, int]


def _pattern8(block: BlockIndex, key: Key, parameters: tuple[float, ...]) -> Block:
    value = u8(key[0])
    return value, value, value, value


def _pattern16(block: BlockIndex, key: Key, parameters: tuple[float, ...]) -> Block:
    value = u16(key[0])
    return value, value, value, value


def _pattern32(block: BlockIndex, key: Key, parameters: tuple[float, ...]) -> Block:
    value = u32(key[0])
    return value, value, value, value


def _pattern64(block: BlockIndex, key: Key, parameters: tuple[float, ...]) -> Block:
    value = u64((u64(u32(key[1])) << 32) | u64(u32(key[0])))
    return value, value, value, value


def _pattern_pair32(
    block: BlockIndex, key: Key, parameters: tuple[float, ...]
) -> Block:
    """Real part in the first word of the key, imaginary part in the third."""
    real, imaginary = u32(key[0]), u32(key[2])
    return real, imaginary, real, imaginary


def _pattern_pair64(
    block: BlockIndex, key: Key, parameters: tuple[float, ...]
) -> Block:
    """Real part in the first two words of the key, imaginary part in the others."""
    real = u64((u64(u32(key[1])) << 32) | u64(u32(key[0])))
    imaginary = u64((u64(u32(key[3])) << 32) | u64(u32(key[2])))
    return real, imaginary, real, imaginary


def _exact(value: Any, dtype: Dtype) -> Any:
    """NumPy scalar of the dtype, or an error where the value does not fit."""
    if isinstance(value, complex):
        if value.imag:
            raise ArgumentError(
                f"constant {value!r} for dtype {dtype.name}",
                "a constant must be a value of the dtype, which has no imaginary part",
                "choose a real number, or complex64 or complex128",
            )
        value = value.real
    limits = None if dtype.kind != "integer" else np.iinfo(dtype.name)
    fits = True
    if limits is not None:
        fits = (
            math.isfinite(value)
            and value == int(value)
            and limits.min <= value <= limits.max
        )
    elif dtype.kind == "bool":
        fits = value in (0, 1)
    else:
        # An infinity becomes a NaN where the dtype has none.
        rounded = float(round_constant(value, dtype))
        fits = math.isfinite(rounded) or rounded == value or math.isnan(value)
    if fits:
        return round_constant(value, dtype)
    raise ArgumentError(
        f"constant {value!r} for dtype {dtype.name}",
        "a constant must be a value of the dtype",
        "choose a value in its range, or another dtype",
    )


def round_constant(value: Any, dtype: Dtype) -> Any:
    """Round a number to a dtype; narrow floats round the float32 value.

    Parameters
    ----------
    value : float, int or bool
        The number.
    dtype : Dtype
        What it is rounded to.

    Returns
    -------
    scalar : ndarray, shape ()
        Of the dtype.

    Examples
    --------
    >>> from fastinit.dtypes import DTYPES
    >>> round_constant(0.1, DTYPES["float32"]).item()
    0.10000000149011612
    """
    target = numpy_dtype(dtype.name)
    if dtype.kind == "integer":
        return np.asarray(int(value)).astype(target)
    with np.errstate(over="ignore"):
        wide = np.asarray(value, np.float32 if dtype.is_low_precision else np.float64)
        return wide.astype(target)


def require_value(value: float, dtype: Dtype) -> None:
    """Refuse a constant that rounding by chance would make two values of.

    Parameters
    ----------
    value : float
        What all elements are before rounding.
    dtype : Dtype
        What it is rounded to.

    Raises
    ------
    ArgumentError
        If rounding is stochastic and `value`, in float32, is no value of the dtype.

    Examples
    --------
    >>> from fastinit.dtypes import rounded_dtype
    >>> require_value(0.5, rounded_dtype("bfloat16", "stochastic"))
    """
    if not dtype.is_stochastic or math.isnan(value):
        return
    with np.errstate(over="ignore"):
        wide = float(np.float32(value))
    if wide != float(round_constant(value, dtype)):
        raise ArgumentError(
            f"constant {value!r} with stochastic rounding to {dtype.name}",
            "a constant that is rounded by chance must be a value of the dtype: else"
            " it would become two values",
            "round to nearest, or choose a value of the dtype",
        )


def _prepare(parameters: tuple[Any, ...], dtype: Dtype) -> Sampling:
    if dtype.is_complex:
        return _prepare_complex(parameters[0], dtype.part)
    pattern = _pattern(parameters[0], dtype)
    require_value(parameters[0], dtype)
    return Sampling("constant", _UNUSED, pattern)


def _pattern(value: Any, dtype: Dtype) -> int:
    """Bit pattern of a constant."""
    return int.from_bytes(_exact(value, dtype).tobytes(), sys.byteorder)


def _prepare_complex(value: Any, part: Dtype) -> Sampling:
    """Sampling of the parts; where they are one pattern that is all there is."""
    given = value if isinstance(value, complex) else complex(float(value), 0.0)
    real, imaginary = (_pattern(one, part) for one in (given.real, given.imag))
    if real == imaginary:
        return Sampling("constant", _UNUSED, real)
    return Sampling("constant_pair", _UNUSED, real | imaginary << 64)


def constant_law(parameters: tuple[Any, ...]) -> Law:
    """Law of a constant: all of its mass at one point.

    Parameters
    ----------
    parameters : tuple of 1 number
        The value; of a complex one the law is that of the real part.

    Returns
    -------
    law : Law
        With std 0.

    Examples
    --------
    >>> constant_law((2.0,)).support
    (2.0, 2.0)
    """
    given = parameters[0]
    value = float(given.real if isinstance(given, complex) else given)

    def cdf(x: Float64Array) -> Float64Array:
        return (np.asarray(x) >= value).astype(np.float64)

    def sf(x: Float64Array) -> Float64Array:
        return (np.asarray(x) < value).astype(np.float64)

    return Law("constant", (parameters[0],), cdf, sf, value, 0.0, 0.0, (value, value))


#: Every element is `value`, rounded once to the dtype.
CONSTANT = Distribution(
    name="constant",
    parameters=("value",),
    kinds=("float", "complex", "integer", "bool"),
    samplers={
        "constant": Sampler(
            {
                "uint8": _pattern8,
                "uint16": _pattern16,
                "uint32": _pattern32,
                "uint64": _pattern64,
            }
        ),
        "constant_pair": Sampler(
            {"uint32": _pattern_pair32, "uint64": _pattern_pair64}, is_complex=True
        ),
    },
    prepare=_prepare,
    law=constant_law,
)
