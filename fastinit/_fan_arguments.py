"""What `fastinit.fan_gain` accepts as a shape, a number or a name.

Each function returns its argument as one exact type, or raises. They are Python
and not Cython because a model has few shapes: nothing here is hot.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np

from fastinit.errors import (
    ArgumentError,
    ArgumentTypeError,
    FanError,
    FastinitError,
    shown,
)

LARGEST_FAN = 2**63 - 1
MODES = ("fan_in", "fan_out")

#: Nonlinearities that have no gain in torch. They resemble some that have, so a
#: guess at a typing error would lead to a wrong gain.
WITHOUT_GAIN = frozenset(
    ("celu", "elu", "gelu", "hardsigmoid", "hardtanh", "logsigmoid", "relu6", "silu")
)


def count(value: Any, place: Any) -> int:
    """Integer in [0, 2^63); `place` says where it stands: a name or a shape."""
    where = place if isinstance(place, str) else f"shape {shown(place)}"
    if isinstance(value, bool) or not isinstance(value, (int, Integral)):
        raise ArgumentTypeError(
            f"{shown(value)} was given in {where}",
            "sizes and fans are integers; a bool, a float or a text is none",
            "pass an int, or the shape of the array",
        )
    number = int(value)
    if not 0 <= number <= LARGEST_FAN:
        raise FanError(
            f"{shown(number)} was given in {where}",
            "sizes and fans are integers in [0, 2^63)",
            "pass the canonical shape (out, in, ...) of one tensor, or its fans",
        )
    return number


def size_list(shape: Any) -> list[Any]:
    """Sizes of a shape that is no tuple: a list, a range, a 1-D array."""
    if not _is_collection(shape, Sequence):
        raise ArgumentTypeError(
            f"shape {shown(shape)} was given",
            "a shape is a tuple or another sequence of integers",
            "pass a tuple of ints, such as array.shape",
        )
    return list(shape)


def shape_list(shapes: Any) -> list[Any]:
    """Shapes of any iterable, a generator too."""
    if not _is_collection(shapes, Iterable):
        raise ArgumentTypeError(
            f"shapes {shown(shapes)} were given",
            "shapes are an iterable of tuples of integers",
            "pass a list of tuples, such as [array.shape for array in arrays]",
        )
    return list(shapes)


def _is_collection(values: Any, kind: type) -> bool:
    """Whether values are of that kind, not one text and not a 0-d array."""
    if isinstance(values, np.ndarray):
        return values.ndim > 0
    is_text = isinstance(values, (str, bytes, bytearray, memoryview))
    return isinstance(values, kind) and not is_text


def real(value: Any, name: str, least: float) -> float:
    """Finite number in [least, inf)."""
    if isinstance(value, bool) or not isinstance(value, (float, int, Real)):
        raise ArgumentTypeError(
            f"{name} {shown(value)} was given",
            f"the {name} is a real number; a bool or a text is none",
            "pass a float",
        )
    try:
        number = float(value)
    except OverflowError:
        # An int or a Fraction beyond the range of float64.
        number = math.inf
    if not (math.isfinite(number) and number >= least):
        raise ArgumentError(
            f"{name} {shown(value)} was given",
            f"the {name} is a finite number" + (" >= 0" if least == 0 else ""),
            "pass a number in that range",
        )
    # -0.0 is within the range, but a std of -0.0 would be odd; the sum is 0.0.
    return number + 0.0


def overflow(name: str, value: Any) -> ArgumentError:
    """Error for an argument that takes float64 to infinity."""
    return ArgumentError(
        f"{name} {shown(value)} was given",
        "what follows from it must be below 1.8e308, the limit of float64",
        f"pass a smaller {name}",
    )


def choice(value: Any, kind: str, choices: Sequence[str]) -> str:
    """One of the names; a near miss is told which name it is near to."""
    if not isinstance(value, str):
        raise ArgumentTypeError(
            f"{kind} {shown(value)} was given",
            f"a {kind} is a text, one of {', '.join(choices)}",
            f"pass a text, such as {choices[0]!r}",
        )
    if value not in choices:
        is_typing_error = value.lower() not in WITHOUT_GAIN
        near = difflib.get_close_matches(value.lower(), choices) * is_typing_error
        raise ArgumentError(
            f"{kind} {shown(value)} was given",
            f"the choices are {', '.join(choices)}",
            f"did you mean {near[0]!r}?" if near else "choose one of these",
        )
    return value


def mode_column(mode: Any) -> int:
    """Column of the fans: 0 for 'fan_in', 1 for 'fan_out', in any case."""
    lowered = mode.lower() if isinstance(mode, str) else mode
    return MODES.index(choice(lowered, "mode", MODES))


def fan_array(fans: Any) -> np.ndarray[Any, np.dtype[np.int64]]:
    """Array as `fans_of_shapes` returns it."""
    if not isinstance(fans, np.ndarray) or fans.dtype != np.int64:
        kind = fans.dtype if isinstance(fans, np.ndarray) else shown(fans)
        raise ArgumentTypeError(
            f"fans of {kind} were given",
            "the fans are an array of int64 in native byte order",
            "make it with fans_of_shapes",
        )
    if fans.ndim != 2 or fans.shape[1] != 2:
        raise ArgumentError(
            f"fans of shape {fans.shape} were given",
            "the fans are an array of shape (n, 2): fan_in and fan_out of n layers",
            "make it with fans_of_shapes",
        )
    return fans


def too_few_sizes(shape: Any) -> FanError:
    """Error for a shape with fewer than two dimensions."""
    return FanError(
        f"shape {shown(shape)} has no fan",
        "a fan needs at least 2 dimensions (out, in, ...)",
        "pass a 2-D or larger canonical shape, or use 'normal' or 'uniform'",
    )


def too_large(shape: Any) -> FanError:
    """Error for a product beyond 64 bits."""
    return FanError(
        f"shape {shown(shape)} has a fan of 2^63 or more",
        "a fan is an exact integer below 2^63",
        "pass the canonical shape of one tensor",
    )


def nothing_to_scale(given: str) -> FanError:
    """Error for a layer without connections."""
    return FanError(
        given,
        "a std needs a fan of at least 1, an empty tensor has nothing to scale",
        "leave empty tensors out",
    )


def in_row(name: str, row: int, error: FastinitError) -> FastinitError:
    """Return the same error, which also says in which row."""
    return type(error)(f"{name}[{row}]: {error.given}", error.allowed, error.remedy)
