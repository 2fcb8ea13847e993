"""torch.nn.init: its element-wise initializers, under its names.

Each is the initializer of the same name in `fastinit`, with torch's errors and
warnings: what torch reports as a RuntimeError, or as a ValueError, is one here too.
Everything takes NumPy arrays as well as torch tensors; a generator is a
`fastinit.Generator`; what torch does not have (seed, name, view, layout ...) is given
by keyword. In complex tensors torch draws the parts of a uniform law each from its
interval, which doubles the variance, and adds a mean to both; so do these, where
`fastinit` itself has JAX's laws. Initializers that draw no single elements
(orthogonal_, eye_, dirac_, sparse_) are not here.
"""

from __future__ import annotations

import functools
import inspect
import math
import warnings
from collections.abc import Callable
from numbers import Complex, Real
from typing import Any, TypeVar, cast

from fastinit import fan_initializers, gains, initializers, truncated
from fastinit.api import fill, make_plan
from fastinit.dialects._numbers import scalar
from fastinit.dialects._reporting import types_as_value_errors, values_as_runtime_errors
from fastinit.errors import ArgumentError, ArgumentTypeError, shown
from fastinit.keywords import split_fans
from fastinit.sections import Sections
from fastinit.spec import spec_of
from fastinit.view import View

__all__ = [
    "calculate_gain",
    "constant_",
    "kaiming_normal_",
    "kaiming_uniform_",
    "normal_",
    "ones_",
    "trunc_normal_",
    "uniform_",
    "xavier_normal_",
    "xavier_uniform_",
    "zeros_",
]

F = TypeVar("F", bound=Callable[..., Any])

_MODES = ("fan_in", "fan_out")
_FAR = (
    "mean is more than 2 std from [a, b] in nn.init.trunc_normal_. "
    "The distribution of values may be incorrect."
)
#: Activations of which fastinit has a gain, and torch none.
_GAINS_OF_OURS = frozenset(gains.ACTIVATIONS).difference(gains.NONLINEARITIES)


def calculate_gain(nonlinearity: str, param: float | None = None) -> float:
    """Gain of a nonlinearity, torch's conventions included.

    Parameters
    ----------
    nonlinearity : str
        One of torch's twelve names.
    param : float, optional
        Negative slope of 'leaky_relu', 0.01 by default; ignored by the others.

    Returns
    -------
    gain : float
        5/3 for tanh and 3/4 for selu, by convention; sqrt(2) for relu.

    Raises
    ------
    ArgumentError, ReportedValueError
        If the name is unknown, or the slope is no finite number.

    Examples
    --------
    >>> calculate_gain("selu")
    0.75
    """
    if isinstance(nonlinearity, str) and nonlinearity.lower() in _GAINS_OF_OURS:
        raise ArgumentError(
            f"nonlinearity {shown(nonlinearity)} was given",
            f"torch has gains of {', '.join(gains.NONLINEARITIES)}",
            f"use fastinit.activation_gain({nonlinearity.lower()!r})",
        )
    with types_as_value_errors():
        return gains.calculate_gain(nonlinearity, param)


def _sampler(function: F) -> F:
    """Initializer that takes numbers, and reports those out of range, as torch does.

    A number may be a tensor without axes.
    """
    parameters = inspect.signature(function).parameters.values()
    names = {one.name for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD}

    @functools.wraps(function)
    def initializer(tensor: Any, *arguments: Any, **how: Any) -> Any:
        numbers = map(scalar, arguments)
        how |= {name: scalar(how[name]) for name in names.intersection(how)}
        with values_as_runtime_errors():
            return function(tensor, *numbers, **how)

    return cast("F", initializer)


def _kaiming(function: F) -> F:
    """Initializer that checks names as torch does, and does nothing to no elements."""
    signature = inspect.signature(function)
    sampler = _sampler(function)

    @functools.wraps(function)
    def initializer(tensor: Any, *arguments: Any, **how: Any) -> Any:
        bound = signature.bind(tensor, *arguments, **how)
        bound.apply_defaults()
        if 0 in getattr(tensor, "shape", ()):
            text = "Initializing zero-element tensors is a no-op"
            warnings.warn(text, stacklevel=2)
            return tensor
        _check_names(**bound.arguments)
        return sampler(tensor, *arguments, **how)

    return cast("F", initializer)


def _check_names(a: Any, mode: Any, nonlinearity: Any, sense: Any, **_: Any) -> None:
    """Refuse what torch reports as a ValueError, before its sampler is asked."""
    lowered = mode.lower() if isinstance(mode, str) else mode
    if lowered not in _MODES:
        raise ArgumentError(
            f"mode {shown(mode)}",
            f"modes of torch are {' and '.join(_MODES)}",
            "choose one of these; fastinit.kaiming_normal_ has means of both",
        )
    if sense != "torch":
        # A gain of ours, which the sampler checks.
        return
    # That a slope is NaN is for the sampler to report.
    is_nan = isinstance(a, float) and math.isnan(a)
    with types_as_value_errors():
        gains.calculate_gain(nonlinearity, None if is_nan else a)


def _is_complex(tensor: Any) -> bool:
    """Whether a tensor is complex; what is no tensor is for the initializer to say."""
    dtype = getattr(tensor, "dtype", None)
    return str(dtype).removeprefix("torch.").startswith("complex")


def _part_means(function: F) -> F:
    """Initializer whose mean is real and, in complex tensors, that of either part."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def initializer(tensor: Any, *arguments: Any, **how: Any) -> Any:
        bound = signature.bind(tensor, *arguments, **how)
        bound.apply_defaults()
        mean = bound.arguments["mean"]
        if isinstance(mean, Complex) and not isinstance(mean, Real):
            raise ArgumentTypeError(
                f"mean {shown(mean)}",
                "torch takes a real mean, which it adds to either part",
                "use fastinit.normal_, whose mean may be complex",
            )
        if not _is_complex(tensor):
            return function(tensor, *arguments, **how)
        # A checked Spec first: only numbers become complex ones.
        number = spec_of("normal", mean=mean).arguments["mean"]
        bound.arguments["mean"] = complex(number, number) if number else number
        return function(*bound.args, **bound.kwargs)

    return cast("F", initializer)


def _part_bounds(function: F, scheme: str, names: tuple[str, ...]) -> F:
    """Initializer that draws, in complex tensors, either part from its interval."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def initializer(tensor: Any, *arguments: Any, **how: Any) -> Any:
        if not _is_complex(tensor) or 0 in tensor.shape:
            return function(tensor, *arguments, **how)
        bound = signature.bind(tensor, *arguments, **how)
        bound.apply_defaults()
        fans, rest = split_fans(bound.kwargs)
        view = rest.get("view")
        if isinstance(view, Sections):
            raise ArgumentError(
                f"Sections of a complex tensor for {scheme}_",
                "a square is drawn for one tensor",
                "fill the sections one by one, or use fastinit's own initializer",
            )
        given = {name: bound.arguments[name] for name in names}
        given |= {name: rest.pop(name) for name in ("sense",) if name in rest}
        shape = view.shape if isinstance(view, View) else tensor.shape
        a, b = spec_of(scheme, **given, **fans).resolve(tuple(shape))
        drawn = spec_of("uniform", a=a, b=b)
        return fill(tensor, drawn, generator=bound.arguments["generator"], **rest)

    return cast("F", initializer)


def _truncated(function: F) -> F:
    """Initializer that warns of bounds far from the mean, as torch does."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def initializer(tensor: Any, *arguments: Any, **how: Any) -> Any:
        bound = signature.bind(tensor, *arguments, **how)
        bound.apply_defaults()
        law = {name: bound.arguments[name] for name in ("mean", "std", "a", "b")}
        spec = spec_of("trunc_normal", **law)
        mean, std, a, b = (spec.arguments[name] for name in law)
        if mean < a - 2 * std or mean > b + 2 * std:
            if hasattr(tensor, "dtype"):
                # Numbers out of range are an error, and no reason to warn.
                make_plan(spec, (), tensor.dtype)
            # Where warnings are errors this is the end: nothing is written yet.
            warnings.warn(_FAR, stacklevel=3)
        return function(tensor, *arguments, **how)

    return cast("F", initializer)


constant_ = _sampler(initializers.constant_)
ones_ = initializers.ones_
zeros_ = initializers.zeros_
uniform_ = _sampler(initializers.uniform_)
normal_ = _sampler(_part_means(initializers.normal_))
trunc_normal_ = _sampler(_truncated(truncated.trunc_normal_))
xavier_uniform_ = _sampler(
    _part_bounds(fan_initializers.xavier_uniform_, "xavier_uniform", ("gain",))
)
xavier_normal_ = _sampler(fan_initializers.xavier_normal_)
kaiming_uniform_ = _kaiming(
    _part_bounds(
        fan_initializers.kaiming_uniform_,
        "kaiming_uniform",
        ("a", "mode", "nonlinearity"),
    )
)
kaiming_normal_ = _kaiming(fan_initializers.kaiming_normal_)
