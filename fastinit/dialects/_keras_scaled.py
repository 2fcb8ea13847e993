"""keras.initializers with fans: variance scaling and its named cases."""

from __future__ import annotations

import math
from collections.abc import Iterable
from numbers import Integral, Real
from typing import Any

from fastinit.dialects._keras_base import RandomInitializer
from fastinit.dialects._numbers import scalar
from fastinit.dialects._reporting import types_as_value_errors
from fastinit.errors import (
    ArgumentError,
    ArgumentTypeError,
    ReportedIndexError,
    shown,
)
from fastinit.fan_gain import fans
from fastinit.spec import Spec, spec_of
from fastinit.view import check_shape

__all__ = [
    "GlorotNormal",
    "GlorotUniform",
    "HeNormal",
    "HeUniform",
    "LecunNormal",
    "LecunUniform",
    "VarianceScaling",
]

_MODES = ("fan_in", "fan_out", "fan_avg")
#: Our names of Keras's distributions: its plain normal has the longer name.
_DISTRIBUTIONS = {
    "uniform": "uniform",
    "truncated_normal": "truncated_normal",
    "untruncated_normal": "normal",
}


def compute_fans(
    shape: Any, input_axes: Any = None, output_axes: Any = None
) -> tuple[int, int]:
    """Fans as Keras counts them, of shapes with less than two axes too.

    Parameters
    ----------
    shape : sequence of int
        Shape of the whole array, inputs and outputs last.
    input_axes, output_axes : sequence of int, optional
        Axes whose sizes make the fans, where both are given.

    Returns
    -------
    fan_in, fan_out : int
        Each at least 1.

    Raises
    ------
    ReportedIndexError
        If the shape does not have an axis.
    ArgumentTypeError
        If axes are no integers.

    Examples
    --------
    >>> compute_fans((3, 3, 16, 32)), compute_fans((5,))
    ((144, 288), (5, 5))
    """
    sizes = check_shape(shape)
    if input_axes is not None and output_axes is not None:
        found = _product(sizes, input_axes), _product(sizes, output_axes)
    elif len(sizes) < 2:
        found = (math.prod(sizes),) * 2
    else:
        found = fans(sizes, layout="...IO")
    return max(1, found[0]), max(1, found[1])


def _product(sizes: tuple[int, ...], axes: Any) -> int:
    """Product of the sizes of some axes."""
    listed = _listed(axes)
    for axis in listed:
        if not -len(sizes) <= axis < len(sizes):
            raise ReportedIndexError(
                f"axis {shown(axis)} of shape {sizes}",
                f"an axis lies in [{-len(sizes)}, {len(sizes)})",
                "name axes of the shape",
            )
    return math.prod(sizes[axis] for axis in listed)


def _listed(axes: Any) -> tuple[int, ...]:
    """Axes of an argument, each an integer."""
    listed = tuple(axes) if isinstance(axes, Iterable) else (None,)
    if all(
        isinstance(axis, Integral) and not isinstance(axis, bool) for axis in listed
    ):
        return tuple(map(int, listed))
    raise ArgumentTypeError(
        f"axes {shown(axes)}",
        "input_axes and output_axes are sequences of integers",
        "pass e.g. (0,), or (-2, -1)",
    )


def _checked_scale(scale: Any) -> Any:
    """Scale that is a finite number > 0, as a number of Python."""
    scale = scalar(scale)
    if not isinstance(scale, bool) and isinstance(scale, Real) and scale <= 0:
        raise ArgumentError(
            f"scale {shown(scale)}", "a scale is > 0", "pass e.g. 2.0 for ReLU"
        )
    with types_as_value_errors():
        spec_of("variance_scaling", scale=scale)
    return scale


class VarianceScaling(RandomInitializer):
    """Values of variance scale / fan.

    Parameters
    ----------
    scale : float
        Variance times fan, > 0.
    mode : {'fan_in', 'fan_out', 'fan_avg'}
        Which fan, or mean of both.
    distribution : {'truncated_normal', 'untruncated_normal', 'uniform'}
        In any case; 'normal' is the truncated one.
    seed : int or Generator, optional
        An int or None gives the same values in each call, a Generator others.
    input_axes, output_axes : sequence of int, optional
        Axes whose sizes make the fans, where both are given.

    Raises
    ------
    ArgumentError, ReportedValueError
        If scale, mode, distribution or seed is none.

    Examples
    --------
    >>> VarianceScaling(2.0, "fan_out", seed=0).spec((3, 3, 16, 32))
    Spec('variance_scaling(scale=2.0, mode=fan_out, fan_in=144, fan_out=288)')
    """

    def __init__(
        self,
        scale: float = 1.0,
        mode: str = "fan_in",
        distribution: str = "truncated_normal",
        seed: Any = None,
        input_axes: Any = None,
        output_axes: Any = None,
    ) -> None:
        scale = _checked_scale(scale)
        lowered = distribution.lower() if isinstance(distribution, str) else ""
        lowered = "truncated_normal" if lowered == "normal" else lowered
        for what, value, given, choices in (
            ("mode", mode, mode, _MODES),
            ("distribution", lowered, distribution, tuple(_DISTRIBUTIONS)),
        ):
            if value not in choices:
                raise ArgumentError(
                    f"invalid {what} {shown(given)}",
                    f"{what} is one of {', '.join(choices)}",
                    "choose one of these",
                )
        self.scale, self.mode, self.distribution = scale, mode, lowered
        self.input_axes, self.output_axes = input_axes, output_axes
        super().__init__(seed)

    def spec(self, shape: Any) -> Spec:
        """Law of the values of a shape.

        Parameters
        ----------
        shape : sequence of int
            Shape of the whole array.

        Returns
        -------
        spec : Spec
            With fans as numbers.
        """
        fan_in, fan_out = compute_fans(shape, self.input_axes, self.output_axes)
        return spec_of(
            "variance_scaling",
            scale=self.scale,
            mode=self.mode,
            distribution=_DISTRIBUTIONS[self.distribution],
            fan_in=fan_in,
            fan_out=fan_out,
        )

    def get_config(self) -> dict[str, Any]:
        """Arguments of the class, as plain values.

        Returns
        -------
        config : dict
            What `from_config` takes.
        """
        return {
            **super().get_config(),
            "scale": self.scale,
            "mode": self.mode,
            "distribution": self.distribution,
            "input_axes": self.input_axes,
            "output_axes": self.output_axes,
        }


class _Named(VarianceScaling):
    """Variance scaling whose law is that of the class."""

    _law: tuple[float, str, str]

    def __init__(
        self, seed: Any = None, input_axes: Any = None, output_axes: Any = None
    ) -> None:
        super().__init__(*self._law, seed, input_axes, output_axes)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the class, as plain values.

        Returns
        -------
        config : dict
            What `from_config` takes.
        """
        config = super().get_config()
        return {name: config[name] for name in ("seed", "input_axes", "output_axes")}


class GlorotUniform(_Named):
    """Uniform values of variance 2 / (fan_in + fan_out).

    Parameters
    ----------
    seed : int or Generator, optional
        As `VarianceScaling` takes it.
    input_axes, output_axes : sequence of int, optional
        Axes whose sizes make the fans, where both are given.

    References
    ----------
    Glorot & Bengio (2010), AISTATS, eq. 16.

    Examples
    --------
    >>> GlorotUniform(seed=0)((3, 4)).shape
    (3, 4)
    """

    _law = (1.0, "fan_avg", "uniform")


class GlorotNormal(_Named):
    """Truncated normal values of variance 2 / (fan_in + fan_out).

    Parameters
    ----------
    seed : int or Generator, optional
        As `VarianceScaling` takes it.
    input_axes, output_axes : sequence of int, optional
        Axes whose sizes make the fans, where both are given.

    References
    ----------
    Glorot & Bengio (2010), AISTATS, eq. 12.

    Examples
    --------
    >>> GlorotNormal(seed=0)((3, 4)).shape
    (3, 4)
    """

    _law = (1.0, "fan_avg", "truncated_normal")


class LecunUniform(_Named):
    """Uniform values of variance 1 / fan_in.

    Parameters
    ----------
    seed : int or Generator, optional
        As `VarianceScaling` takes it.
    input_axes, output_axes : sequence of int, optional
        Axes whose sizes make the fans, where both are given.

    References
    ----------
    LeCun, Bottou, Orr & Mueller (1998), Efficient BackProp, eq. 16.

    Examples
    --------
    >>> LecunUniform(seed=0)((3, 4)).shape
    (3, 4)
    """

    _law = (1.0, "fan_in", "uniform")


class LecunNormal(_Named):
    """Truncated normal values of variance 1 / fan_in.

    Parameters
    ----------
    seed : int or Generator, optional
        As `VarianceScaling` takes it.
    input_axes, output_axes : sequence of int, optional
        Axes whose sizes make the fans, where both are given.

    References
    ----------
    LeCun, Bottou, Orr & Mueller (1998), Efficient BackProp, eq. 16.

    Examples
    --------
    >>> LecunNormal(seed=0)((3, 4)).shape
    (3, 4)
    """

    _law = (1.0, "fan_in", "truncated_normal")


class HeUniform(_Named):
    """Uniform values of variance 2 / fan_in.

    Parameters
    ----------
    seed : int or Generator, optional
        As `VarianceScaling` takes it.
    input_axes, output_axes : sequence of int, optional
        Axes whose sizes make the fans, where both are given.

    References
    ----------
    He et al. (2015), ICCV, eq. 10.

    Examples
    --------
    >>> HeUniform(seed=0)((3, 4)).shape
    (3, 4)
    """

    _law = (2.0, "fan_in", "uniform")


class HeNormal(_Named):
    """Truncated normal values of variance 2 / fan_in.

    Parameters
    ----------
    seed : int or Generator, optional
        As `VarianceScaling` takes it.
    input_axes, output_axes : sequence of int, optional
        Axes whose sizes make the fans, where both are given.

    References
    ----------
    He et al. (2015), ICCV, eq. 10.

    Examples
    --------
    >>> HeNormal(seed=0)((3, 4)).shape
    (3, 4)
    """

    _law = (2.0, "fan_in", "truncated_normal")
