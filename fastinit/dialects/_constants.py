"""Constants of JAX and Keras: a number, or an array of numbers."""

from __future__ import annotations

from numbers import Complex
from typing import Any

import numpy as np

from fastinit.api import create
from fastinit.dialects._numbers import refuse_tracer, scalar
from fastinit.dialects._reporting import types_as_value_errors
from fastinit.dtypes import DTYPES, Dtype, dtype_of, numpy_dtype
from fastinit.errors import ArgumentError, ReportedValueError, shown
from fastinit.spec import spec_of
from fastinit.view import check_shape


def constant_array(value: Any, shape: Any, dtype: Any) -> Any:
    """Array of one value, or of an array's values broadcast to a shape."""
    values = _array_of(value)
    if values.ndim == 0:
        # A 0-d array, of JAX too, means its number.
        with types_as_value_errors():
            spec = spec_of("constant", val=scalar(value))
        return create(spec, shape, dtype=dtype)
    values = _numbers_of(values, value)
    sizes = check_shape(shape)
    try:
        spread = np.broadcast_to(values, sizes)
    except ValueError as error:
        raise ArgumentError(
            f"value of shape {values.shape} for an array of shape {shown(shape)}",
            "a constant is a number, or an array that broadcasts to the shape",
            "reshape the value",
        ) from error
    _check_fit(values, dtype_of(dtype))
    made = create("zeros", sizes, dtype=dtype)
    # What would be lost has been refused; an exact zero may be an imaginary part.
    made[...] = spread if np.iscomplexobj(made) else spread.real
    return made


def _array_of(value: Any) -> np.ndarray[Any, Any]:
    """Array of what was given, whatever its elements are."""
    refuse_tracer(value)
    try:
        return np.asarray(value)
    except (ValueError, TypeError, RuntimeError, OverflowError) as error:
        raise _no_numbers(value) from error


def _numbers_of(values: np.ndarray[Any, Any], given: Any) -> np.ndarray[Any, Any]:
    """Array whose elements are numbers, of what was given; large ints are some too."""
    if values.dtype.name in DTYPES or values.dtype.kind in "iufc":
        return values
    numbers = [scalar(one) for one in values.flat] if values.dtype == object else [None]
    if not all(isinstance(one, Complex) for one in numbers):
        raise _no_numbers(given)
    try:
        return np.array(numbers, np.result_type(0.0, *numbers)).reshape(values.shape)
    except (OverflowError, TypeError) as error:
        raise _no_numbers(given) from error


def _no_numbers(value: Any) -> ReportedValueError:
    return ReportedValueError(
        f"constant {shown(value)}",
        "a constant is a number, or an array of numbers, all rows of one length",
        "pass numbers that fit float64",
    )


def _check_fit(values: np.ndarray[Any, Any], dtype: Dtype) -> None:
    """Refuse an array with a number that is no value of the dtype, as of one number."""
    fits = _parts_fit(values.real, dtype)
    if dtype.is_complex:
        fits &= _parts_fit(values.imag, dtype)
    else:
        fits &= values.imag == 0
    if not fits.all():
        raise ArgumentError(
            f"constant {shown(values[~fits][0].item())} in an array of dtype "
            f"{dtype.name}",
            "every number of a constant must be a value of the dtype",
            "choose values in its range, or another dtype",
        )


def _parts_fit(parts: np.ndarray[Any, Any], dtype: Dtype) -> Any:
    """Which real numbers are values of a dtype, rounding of floats apart."""
    if dtype.kind == "bool":
        return (parts == 0) | (parts == 1)
    if dtype.kind == "integer":
        limits = np.iinfo(dtype.name)
        if parts.dtype.kind not in "iub":
            parts = parts.astype(np.float64)
        # The limit above is a power of 2, which is exact in float64.
        is_inside = (parts >= limits.min) & (parts < int(limits.max) + 1)
        return is_inside & (parts == np.trunc(parts))
    with np.errstate(all="ignore"):
        rounded = parts.astype(numpy_dtype(dtype.part.name)).astype(np.float64)
        wide = parts.astype(np.float64)
    return np.isfinite(rounded) | (rounded == wide) | np.isnan(wide)
