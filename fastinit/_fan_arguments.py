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
    LayoutError,
    shown,
)
from fastinit.gain_table import ALIASES, GAINS, SENSES
from fastinit.layout import Layout, layout_of_axes

LARGEST_FAN = 2**63 - 1
MODES = ("fan_in", "fan_out")
#: Modes that take one fan or a mean of both.
ALL_MODES = (*MODES, "fan_avg", "fan_geo_avg")

#: Activations with a gain. Where torch has none, some resemble one that it has, so a
#: guess at a typing error would lead to a wrong gain.
KNOWN_GAINS = frozenset((*GAINS, *ALIASES))


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
            f"a {kind} is a text, one of {_listed(choices)}",
            f"pass a text, such as {choices[0]!r}",
        )
    if value not in choices:
        raise ArgumentError(
            f"{kind} {shown(value)} was given",
            f"the choices are {_listed(choices)}",
            _nearest(value.lower(), kind, choices),
        )
    return value


def _listed(choices: Sequence[str]) -> str:
    """Names, the first ones of very many."""
    if len(choices) <= 16:
        return ", ".join(choices)
    return f"{', '.join(choices[:12])} and {len(choices) - 12} more (docs/gains.md)"


def _nearest(value: str, kind: str, choices: Sequence[str]) -> str:
    """What to do about a name that is none of the choices."""
    if kind == "nonlinearity" and value in KNOWN_GAINS.difference(choices):
        return (
            f"torch has no gain of {value}, fastinit has: sense=forward, or "
            "activation_gain"
        )
    near = difflib.get_close_matches(value, choices)
    return f"did you mean {near[0]!r}?" if near else "choose one of these"


def refuse_slope(activation: Any, slope: Any) -> None:
    """Refuse a slope that an activation does not take."""
    if slope is not None:
        raise ArgumentError(
            f"slope {shown(slope)} for activation {shown(activation)}",
            "only 'leaky_relu' takes a slope",
            "leave it out, or pass a function with its parameters in it",
        )


def gain_of_function(activation: Any, column: int) -> float:
    """Gain of a function, by quadrature; the column is that of a sense."""
    from fastinit.quadrature import normal_moments

    mean, square, slope = normal_moments(activation)
    moment = (square, square - mean * mean, slope)[column]
    # Below this a variance is what rounding leaves of the moments of a constant.
    if math.isfinite(moment) and moment > 1e-14 * square and moment > 0.0:
        return 1.0 / math.sqrt(moment)
    raise ArgumentError(
        f"activation {shown(activation)} with {SENSES[column]} moment {moment:.4g}",
        "a gain needs a signal: a constant has none, a jump has no slope",
        "pass another activation, or ask for another sense",
    )


def mode_column(mode: Any) -> int:
    """Column of the fans: 0 for 'fan_in', 1 for 'fan_out', in any case."""
    lowered = mode.lower() if isinstance(mode, str) else mode
    return MODES.index(choice(lowered, "mode", MODES))


def mode_number(mode: Any) -> int:
    """Place of a mode among `ALL_MODES`, in any case."""
    lowered = mode.lower() if isinstance(mode, str) else mode
    return ALL_MODES.index(choice(lowered, "mode", ALL_MODES))


def layout_of_some_axes(
    in_axis: Any, out_axis: Any, batch_axis: Any, shape: Any
) -> str:
    """Layout of a shape by JAX's axes, with JAX's defaults for those not given."""
    return layout_of_axes(
        -2 if in_axis is None else in_axis,
        -1 if out_axis is None else out_axis,
        () if batch_axis is None else batch_axis,
        rank=None if shape is None else len(size_list(shape)),
    )


def layout_beside_axes(layout: Any) -> LayoutError:
    """Error for a layout that is said twice."""
    return LayoutError(
        f"layout {shown(layout)} beside in_axis, out_axis or batch_axis",
        "a layout and JAX's axes say the same",
        "pass one or the other",
    )


def group_count(groups: Any, layout: Layout) -> int:
    """Count of groups, >= 1; with an axis of groups there is none to count."""
    parts = count(groups, "groups")
    if parts < 1 or (parts > 1 and "G" in layout.marks):
        raise FanError(
            f"groups={parts} in layout {layout.text}",
            "groups is an integer >= 1, and 1 where the layout has an axis G",
            "leave out groups, or mark the axis (GI) or (GO) that holds them all",
        )
    return parts


def check_groups(size: int, groups: int, shape: Any) -> None:
    """Refuse a channel axis that the groups do not divide."""
    if size % groups:
        raise FanError(
            f"groups={groups} of shape {shown(shape)}",
            f"the groups divide the axis that holds them all, which has {size}",
            "correct groups or the layout: '(GI)OHW' is a transposed convolution",
        )


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
