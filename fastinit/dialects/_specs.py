"""What more than one dialect needs: laws, constants and what dtypes may hold."""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinit.api import create
from fastinit.dialects._reporting import types_as_value_errors
from fastinit.dtypes import dtype_of
from fastinit.errors import ArgumentError, ReportedValueError, shown
from fastinit.spec import Spec, spec_of


def truncated_spec(mean: Any, std: Any, lower: Any, upper: Any) -> Spec:
    """Spec of a truncated normal whose bounds are in units of std from the mean."""
    # A checked Spec first: the products below need numbers.
    numbers = spec_of("trunc_normal", mean=mean, std=std, a=lower, b=upper).arguments
    mean, std = numbers["mean"], numbers["std"]
    bounds = {"a": mean + std * numbers["a"], "b": mean + std * numbers["b"]}
    return spec_of("trunc_normal", mean=mean, std=std, **bounds)


def constant_array(value: Any, shape: Any, dtype: Any) -> Any:
    """Array of one value, or of an array's values broadcast to a shape."""
    if np.ndim(value) == 0:
        # A 0-d array, of JAX too, means its number.
        number = value.item() if hasattr(value, "item") else value
        with types_as_value_errors():
            spec = spec_of("constant", val=number)
        return create(spec, shape, dtype=dtype)
    made = create("zeros", shape, dtype=dtype)
    try:
        made[...] = np.asarray(value)
    except ValueError as error:
        raise ArgumentError(
            f"value of shape {np.shape(value)} for an array of shape {shown(shape)}",
            "a constant is a number, or an array that broadcasts to the shape",
            "reshape the value",
        ) from error
    return made


def check_random_dtype(dtype: Any) -> None:
    """Refuse, as JAX and Keras do, a dtype that cannot hold random values."""
    kind = dtype_of(dtype)
    if kind.kind in {"integer", "bool"}:
        raise ReportedValueError(
            f"dtype {kind.name} for random values",
            "random values need a floating dtype",
            "pass float32, float64, float16 or bfloat16",
        )
