"""What more than one dialect needs: laws and what dtypes may hold."""

from __future__ import annotations

from typing import Any

from fastinit.dialects._numbers import spec_of_scalars
from fastinit.dtypes import dtype_of
from fastinit.errors import ReportedValueError
from fastinit.spec import Spec, spec_of


def truncated_spec(mean: Any, std: Any, lower: Any, upper: Any) -> Spec:
    """Spec of a truncated normal whose bounds are in units of std from the mean."""
    # A checked Spec first: the products below need numbers.
    given = {"mean": mean, "std": std, "a": lower, "b": upper}
    numbers = spec_of_scalars("trunc_normal", **given).arguments
    mean, std = numbers["mean"], numbers["std"]
    bounds = {"a": mean + std * numbers["a"], "b": mean + std * numbers["b"]}
    return spec_of("trunc_normal", mean=mean, std=std, **bounds)


def check_random_dtype(dtype: Any) -> None:
    """Refuse, as JAX and Keras do, a dtype that cannot hold random values."""
    kind = dtype_of(dtype)
    if kind.kind in {"integer", "bool"}:
        raise ReportedValueError(
            f"dtype {kind.name} for random values",
            "random values need a floating dtype",
            "pass float32, float64, float16 or bfloat16",
        )
