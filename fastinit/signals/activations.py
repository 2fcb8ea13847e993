"""Activations as functions of arrays: the values and slopes behind the names.

The slope is what backpropagation multiplies by: at a kink that of one side, and of a
jump it knows nothing, as autograd does not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit import _fan_arguments as arguments
from fastinit.errors import (
    ArgumentError,
    ArgumentTypeError,
    FastinitError,
    shown,
)
from fastinit.gain_table import ALIASES
from fastinit.gains import ACTIVATIONS
from fastinit.quadrature import elementwise

__all__ = ["FUNCTIONS", "Activation", "activation_of"]

Array = np.ndarray[Any, Any]
Function = Callable[[Any], Any]

#: Of Klambauer et al. (2017), as every library rounds them.
_SELU_ALPHA, _SELU_SCALE = 1.6732632423543772, 1.0507009873554805
#: Step of central differences, times max(1, |z|): the error is about 1e-10.
_STEP = float(np.cbrt(np.finfo(np.float64).eps))


@dataclass(frozen=True)
class Activation:
    """A function of each element, and its derivative.

    Attributes
    ----------
    name : str
        For texts.
    value, slope : callable
        Take an array of float32 or float64 of any shape, return one like it.
    """

    name: str
    value: Function
    slope: Function


def _where(condition: Any, z: Any) -> Any:
    return condition.astype(z.dtype)


def _sigmoid(z: Any) -> Any:
    from scipy.special import expit

    return expit(z)


def _softplus(z: Any) -> Any:
    return np.logaddexp(z, z.dtype.type(0))


def _cumulative(z: Any) -> Any:
    from scipy.special import ndtr

    return ndtr(z)


def _erf(z: Any) -> Any:
    from scipy.special import erf

    return erf(z)


def _density(z: Any) -> Any:
    return np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)


def _leaky(slope: float) -> tuple[Function, Function]:
    return (
        lambda z: np.where(z > 0, z, slope * z),
        lambda z: np.where(z > 0, 1.0, slope).astype(z.dtype),
    )


def _logistic(scale: float) -> tuple[Function, Function]:
    """Functions z sigmoid(scale z): silu, and the quick approximation of gelu."""

    def slope(z: Any) -> Any:
        s = _sigmoid(scale * z)
        return s * (1 + scale * z * (1 - s))

    return lambda z: z * _sigmoid(scale * z), slope


def _exponential_linear(alpha: float, scale: float) -> tuple[Function, Function]:
    def value(z: Any) -> Any:
        return scale * np.where(z > 0, z, alpha * np.expm1(np.minimum(z, 0)))

    def slope(z: Any) -> Any:
        return scale * np.where(z > 0, 1.0, alpha * np.exp(np.minimum(z, 0)))

    return value, lambda z: slope(z).astype(z.dtype)


def _clipped_line(low: float, high: float, scale: float) -> tuple[Function, Function]:
    """Functions scale (z - low) in [low, high], constant outside."""
    return (
        lambda z: scale * (np.clip(z, low, high) - low),
        lambda z: scale * _where((z > low) & (z < high), z),
    )


def _gelu_tanh() -> tuple[Function, Function]:
    root, cubic = math.sqrt(2 / math.pi), 0.044715

    def slope(z: Any) -> Any:
        t = np.tanh(root * (z + cubic * z**3))
        return (1 + t) / 2 + z / 2 * (1 - t * t) * root * (1 + 3 * cubic * z * z)

    return lambda z: z / 2 * (1 + np.tanh(root * (z + cubic * z**3))), slope


def _mish_slope(z: Any) -> Any:
    t = np.tanh(_softplus(z))
    return t + z * (1 - t * t) * _sigmoid(z)


def _tanh_slope(z: Any) -> Any:
    # 1 - tanh^2 has no digits left where tanh is nearly 1.
    return 1 / np.cosh(np.clip(z, -40, 40)) ** 2


#: Value and slope by name; 'leaky_relu' is made with its slope.
FUNCTIONS: dict[str, tuple[Function, Function]] = {
    "linear": (lambda z: z, np.ones_like),
    "relu": (lambda z: np.maximum(z, 0), lambda z: _where(z > 0, z)),
    "relu6": _clipped_line(0.0, 6.0, 1.0),
    "relu_squared": (
        lambda z: np.maximum(z, 0) ** 2,
        lambda z: 2 * np.maximum(z, 0),
    ),
    "elu": _exponential_linear(1.0, 1.0),
    "selu": _exponential_linear(_SELU_ALPHA, _SELU_SCALE),
    "gelu": (
        lambda z: z * _cumulative(z),
        lambda z: _cumulative(z) + z * _density(z),
    ),
    "gelu_tanh": _gelu_tanh(),
    "gelu_quick": _logistic(1.702),
    "silu": _logistic(1.0),
    "mish": (lambda z: z * np.tanh(_softplus(z)), _mish_slope),
    "hardswish": (
        lambda z: z * np.clip(z + 3, 0, 6) / 6,
        lambda z: np.where(abs(z) < 3, z / 3 + 0.5, z > 0).astype(z.dtype),
    ),
    "softplus": (_softplus, _sigmoid),
    "squareplus": (
        lambda z: (z + np.sqrt(z * z + 4)) / 2,
        lambda z: (1 + z / np.sqrt(z * z + 4)) / 2,
    ),
    "sparse_plus": (
        lambda z: np.where(z > 1, z, np.clip(z + 1, 0, 2) ** 2 / 4),
        lambda z: np.clip(z + 1, 0, 2) / 2,
    ),
    "sigmoid": (_sigmoid, lambda z: _sigmoid(z) * _sigmoid(-z)),
    "hardsigmoid": _clipped_line(-3.0, 3.0, 1 / 6),
    "sparse_sigmoid": _clipped_line(-1.0, 1.0, 0.5),
    "logsigmoid": (lambda z: -_softplus(-z), lambda z: _sigmoid(-z)),
    "tanh": (np.tanh, _tanh_slope),
    "hardtanh": (
        lambda z: np.clip(z, -1, 1),
        lambda z: _where(abs(z) < 1, z),
    ),
    "tanhshrink": (lambda z: z - np.tanh(z), lambda z: np.tanh(z) ** 2),
    "softshrink": (
        lambda z: z - np.clip(z, -0.5, 0.5),
        lambda z: _where(abs(z) > 0.5, z),
    ),
    "softsign": (lambda z: z / (1 + abs(z)), lambda z: 1 / (1 + abs(z)) ** 2),
    "lisht": (
        lambda z: z * np.tanh(z),
        lambda z: np.tanh(z) + z * _tanh_slope(z),
    ),
    "atan": (np.arctan, lambda z: 1 / (1 + z * z)),
    "erf": (_erf, lambda z: 2 / math.sqrt(math.pi) * np.exp(-z * z)),
    "sin": (np.sin, np.cos),
    "cos": (np.cos, lambda z: -np.sin(z)),
    "snake": (lambda z: z + np.sin(z) ** 2, lambda z: 1 + np.sin(2 * z)),
    "gaussian": (
        lambda z: np.exp(-z * z),
        lambda z: -2 * z * np.exp(-z * z),
    ),
    "exponential": (np.exp, np.exp),
    "abs": (np.abs, np.sign),
}


def activation_of(
    activation: Any, slope: Any = None, derivative: Any = None
) -> Activation:
    """Activation of a name or a function.

    Parameters
    ----------
    activation : str or callable
        One of `fastinit.gains.ACTIVATIONS`, or a function of an array or a float.
    slope : float, optional
        Negative slope of 'leaky_relu', dimensionless, 0.01 if not given.
    derivative : callable, optional
        Derivative of a function; central differences of about 1e-10 by default.

    Returns
    -------
    activation : Activation
        Value and slope.

    Raises
    ------
    ArgumentError
        If a name is unknown, or a slope or derivative has no use.
    ArgumentTypeError
        If an argument is of the wrong type.

    Examples
    --------
    >>> square = activation_of(np.square)
    >>> square.slope(np.array([1.0, 3.0])).round(8).tolist()
    [2.0, 6.0]
    """
    if isinstance(activation, str):
        name = arguments.choice(activation, "activation", ACTIVATIONS)
        if derivative is not None:
            raise ArgumentError(
                f"a derivative for activation {name!r}",
                "a name brings its own; only a function takes one",
                "leave it out",
            )
        if name == "leaky_relu":
            number = arguments.real(0.01 if slope is None else slope, "slope", -np.inf)
            return Activation(name, *_leaky(number))
        arguments.refuse_slope(activation, slope)
        return Activation(name, *FUNCTIONS[ALIASES.get(name, name)])
    arguments.refuse_slope(activation, slope)
    if derivative is not None and not callable(derivative):
        raise ArgumentTypeError(
            f"derivative {shown(derivative)}",
            "a derivative is a function of an array or a number",
            "pass a function, or leave it out",
        )
    value = _acting(activation)
    name = getattr(activation, "__name__", type(activation).__name__)
    return Activation(
        name, value, _differences(value) if derivative is None else _acting(derivative)
    )


def _acting(function: Any) -> Function:
    """Function on arrays of any shape; float32 goes through float64."""

    def value(z: Any) -> Any:
        # A copy: some functions work in place, as torch's with an underscore do.
        flat = z.astype(np.float64).reshape(-1)
        return elementwise(function, flat).reshape(z.shape).astype(z.dtype, copy=False)

    # What is no function is refused now, not after the weights have been read.
    try:
        value(np.zeros(2))
    except FastinitError:
        raise
    except (TypeError, ValueError) as error:
        raise ArgumentTypeError(
            f"activation {shown(function)} ({error})",
            "it acts on a NumPy array, or on a float",
            "pass a name such as 'tanh', or wrap a function of torch's: "
            "lambda z: f(torch.from_numpy(z)).numpy()",
        ) from error
    return value


def _differences(value: Function) -> Function:
    """Central differences, in float64."""

    def slope(z: Any) -> Any:
        wide = z.astype(np.float64, copy=False)
        step = _STEP * np.maximum(np.abs(wide), 1.0)
        right, left = wide + step, wide - step
        with np.errstate(all="ignore"):
            found = (value(right) - value(left)) / (right - left)
        return found.astype(z.dtype, copy=False)

    return slope
