"""What the functions of `fastinit.dialects.jax` return."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral
from typing import Any

from fastinit.api import create
from fastinit.dialects._constants import constant_array
from fastinit.dialects._jax_keys import (
    as_answer,
    dtype_for,
    identity_of,
)
from fastinit.dialects._numbers import spec_of_scalars
from fastinit.dialects._specs import check_random_dtype, truncated_spec
from fastinit.dtypes import dtype_of
from fastinit.errors import ArgumentError, FanError, ReportedValueError, shown
from fastinit.layout import layout_of_axes
from fastinit.spec import Spec
from fastinit.view import check_shape

_MODES = ("fan_in", "fan_out", "fan_avg", "fan_geo_avg")
_DISTRIBUTIONS = ("truncated_normal", "normal", "uniform")


@dataclass(frozen=True)
class Initializer:
    """What the functions of this module return: call it to make an array.

    Attributes
    ----------
    name : str
        Function that made it.
    arguments : tuple of (str, object)
        What it was called with, defaults included.
    dtype : object
        Dtype of the arrays where a call names none.
    """

    name: str
    arguments: tuple[tuple[str, Any], ...]
    dtype: Any = None

    def spec(self, shape: Any) -> Spec:
        """Law of the values of a shape.

        Parameters
        ----------
        shape : int or sequence of int
            Shape of the whole array.

        Returns
        -------
        spec : Spec
            In our terms: bounds are values, axes a layout.

        Raises
        ------
        FanError, LayoutError, ArgumentError
            If the shape has no such fans, or mode or distribution is none.

        Examples
        --------
        >>> Initializer("uniform", (("scale", 0.01),)).spec((3,))
        Spec('uniform(b=0.01)')
        """
        arguments = dict(self.arguments)
        if self.name == "constant":
            return spec_of_scalars("constant", val=arguments["value"])
        if self.name == "uniform":
            return spec_of_scalars("uniform", a=0.0, b=arguments["scale"])
        if self.name == "normal":
            return spec_of_scalars("normal", std=arguments["stddev"])
        if self.name == "truncated_normal":
            bounds = arguments["lower"], arguments["upper"]
            return truncated_spec(0.0, arguments["stddev"], *bounds)
        return _scaled_spec(check_shape(shape), **arguments)

    def __call__(
        self,
        key: Any,
        shape: Any,
        dtype: Any = None,
        out_sharding: Any = None,
        *,
        name: str = "",
    ) -> Any:
        """Make an array.

        Parameters
        ----------
        key : jax.Array, int or Generator
            A key of JAX, typed or raw; or a seed in [0, 2^64), or a source of one.
            Constants ignore it.
        shape : int or sequence of int
            Shape of the array.
        dtype : dtype, optional
            That of the initializer by default; else JAX's default for a key of JAX,
            float32 otherwise.
        out_sharding : jax.sharding.Sharding, optional
            Where the array of JAX is put.
        name : str
            Canonical name, beside the key part of what decides the values.

        Returns
        -------
        array : jax.Array or numpy.ndarray
            An array of JAX where the key is one.

        Raises
        ------
        ReportedValueError
            If the dtype holds no random values.
        FastinitError
            If another argument is wrong.

        Examples
        --------
        >>> Initializer("normal", (("stddev", 0.01),))(0, (3, 4)).shape
        (3, 4)
        """
        kind = dtype_for(key, self.dtype if dtype is None else dtype)
        if self.name == "constant":
            made = constant_array(dict(self.arguments)["value"], shape, kind)
            return as_answer(made, key, out_sharding)
        check_random_dtype(kind)
        if dtype_of(kind).is_complex and self.name in {"uniform", "truncated_normal"}:
            raise ReportedValueError(
                f"{self.name} of dtype {dtype_of(kind).name}",
                "JAX draws such values in real dtypes only",
                "use normal, or variance_scaling, which has complex laws",
            )
        identity = identity_of(key)
        if "seed" in identity or name:
            identity["name"] = name
        made = create(self.spec(shape), shape, dtype=kind, **identity)
        return as_answer(made, key, out_sharding)


def _scaled_spec(
    shape: tuple[int, ...],
    scale: Any,
    mode: Any,
    distribution: Any,
    in_axis: Any,
    out_axis: Any,
    batch_axis: Any,
) -> Spec:
    """Spec of variance scaling for a shape, whose checks come in JAX's order."""
    if len(shape) < 2 and isinstance(in_axis, int) and in_axis == -2:
        raise FanError(
            f"shape {shown(shape)} with the default in_axis",
            "a fan needs at least 2 dimensions, or an in_axis",
            "pass in_axis and out_axis, or another initializer",
        )
    fans = _fans_of_axes(in_axis, out_axis, batch_axis, rank=len(shape))
    for what, value, choices in (
        ("mode", mode, _MODES),
        ("distribution", distribution, _DISTRIBUTIONS),
    ):
        if value not in choices:
            raise ArgumentError(
                f"invalid {what} {shown(value)}",
                f"{what} is one of {', '.join(choices)}",
                "choose one of these",
            )
    law = {"scale": scale, "mode": mode, "distribution": distribution}
    return spec_of_scalars("variance_scaling", **law, **fans)


def _fans_of_axes(
    in_axis: Any, out_axis: Any, batch_axis: Any, rank: int
) -> dict[str, Any]:
    """Arguments of a Spec that axes mean: a layout, or fans of 1 for JAX's vectors.

    JAX counts the one axis of a vector for inputs and for outputs and divides by both,
    which leaves fans of 1; `out_axis=()` gives the size as the fan.
    """
    is_shared = rank == 1 and _is_sole(in_axis) and _is_sole(out_axis)
    if is_shared and batch_axis in ((), []):
        return {"fan_in": 1, "fan_out": 1}
    return {"layout": layout_of_axes(in_axis, out_axis, batch_axis, rank=rank)}


def _is_sole(axis: Any) -> bool:
    """Whether axes are the one axis of a vector."""
    one = axis[0] if isinstance(axis, (tuple, list)) and len(axis) == 1 else axis
    is_integer = not isinstance(one, bool) and isinstance(one, Integral)
    return is_integer and int(one) in {0, -1}
