"""A stack of weights as the layers that a signal passes, and the product of each.

A dense layer is a convolution 1 x 1. Convolutions have stride 1 and circular padding,
so that every pixel has all inputs, and are sums of products over the kernel's places:
nothing is unfolded.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit.destinations import read_destination
from fastinit.dtypes import dtype_of
from fastinit.errors import (
    ArgumentError,
    ArgumentTypeError,
    DtypeError,
    FanError,
    LayoutError,
    shown,
)
from fastinit.layout import parse_layout

__all__ = ["Layer", "adjoint_product", "product", "read_layers"]

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, eq=False)
class Layer:
    """A weight in canonical order, and its size.

    Attributes
    ----------
    name : str
        Its name, or its number from 1 on.
    values : array, shape (out, in, k1, k2, ...)
        The weight in its own dtype; a view where that is possible.
    mean, square : float
        Mean of the elements, and mean of their squares.
    """

    name: str
    values: Array
    mean: float
    square: float

    @property
    def field(self) -> int:
        """Places of the kernel; 1 for a dense layer."""
        return math.prod(self.values.shape[2:])

    @property
    def fan_in(self) -> int:
        """Inputs that one output is tied to."""
        return int(self.values.shape[1]) * self.field

    @property
    def fan_out(self) -> int:
        """Outputs that one input is tied to."""
        return int(self.values.shape[0]) * self.field

    def matrices(self, dtype: Any) -> Array:
        """Contiguous matrices (out, in), one for each place of the kernel."""
        flat = self.values.reshape(*self.values.shape[:2], -1)
        return np.ascontiguousarray(np.moveaxis(flat, 2, 0), dtype=dtype)


def read_layers(weights: Any, layout: str) -> tuple[Layer, ...]:
    """Layers of a stack, in the order in which a signal passes them.

    Parameters
    ----------
    weights : sequence of array, or mapping of str to array
        What `fastinit.check` reads: NumPy arrays, CPU tensors of torch; of real
        floating dtypes.
    layout : str
        Order of the axes of each.

    Returns
    -------
    layers : tuple of Layer
        At least one.

    Raises
    ------
    ArgumentError, ArgumentTypeError
        If there is no weight, one is no array, is empty or not finite.
    FanError, LayoutError
        If an axis is missing, or outputs do not meet as many inputs.

    Examples
    --------
    >>> layers = read_layers([np.ones((5, 3)), np.ones((2, 5))], "OI")
    >>> [(one.name, one.fan_in, one.fan_out) for one in layers]
    [('1', 3, 5), ('2', 5, 2)]
    """
    named = [_read(name, one, layout) for name, one in _named(weights)]
    if not named:
        raise ArgumentError(
            "no weights were given",
            "a stack has at least one weight",
            "pass a list of arrays in the order in which the signal passes them",
        )
    for before, after in itertools.pairwise(named):
        _check_chain(before, after)
    ranks = {one.values.ndim for one in named if one.values.ndim > 2}
    if len(ranks) > 1:
        raise FanError(
            f"kernels of {' and '.join(str(rank - 2) for rank in sorted(ranks))} axes",
            "all convolutions of a stack have kernels of as many axes",
            "propagate each part of the network by itself",
        )
    return tuple(named)


def _named(weights: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(weights, Mapping):
        return ((str(name), one) for name, one in weights.items())
    is_array = hasattr(weights, "dtype") or isinstance(weights, str)
    if is_array or not isinstance(weights, Sequence):
        raise ArgumentTypeError(
            f"weights of type {type(weights).__name__}",
            "weights are a list of arrays, or a mapping of names to arrays",
            "put one array into a list: [array]",
        )
    return ((str(at), one) for at, one in enumerate(weights, 1))


def _read(name: str, array: Any, layout: str) -> Layer:
    values = read_destination(array)
    row = dtype_of(values.dtype)
    if row.kind != "float":
        raise DtypeError(
            f"weight {shown(name)} of dtype {row.name}",
            "a signal is propagated through real floating weights",
            "convert it first, or leave it out",
        )
    if values.size == 0:
        raise FanError(
            f"weight {shown(name)} of shape {values.shape}",
            "a layer has at least one input and one output",
            "leave empty weights out",
        )
    canonical = _canonical(name, values, layout)
    wide = canonical.reshape(-1).astype(np.float64)
    mean, square = float(wide.mean()), float(np.vdot(wide, wide)) / wide.size
    if not np.isfinite(wide).all():
        raise ArgumentError(
            f"weight {shown(name)} with elements that are not finite",
            "weights are finite numbers",
            "look for the cause with fastinit.check, or leave it out",
        )
    if not math.isfinite(square) or (square == 0.0 and wide.any()):
        raise ArgumentError(
            f"weight {shown(name)} of elements up to {np.abs(wide).max():.3g}",
            "their squares must be numbers of float64: about 1e-150 to 1e150",
            "scale it",
        )
    return Layer(name, canonical, mean, square)


def _canonical(name: str, values: Array, layout: str) -> Array:
    """Weight with its axes in the order (out, in, kernel), one of each side."""
    parsed = parse_layout(layout)
    try:
        roles = parsed.roles(values.shape)
    except FanError as error:
        given = f"weight {shown(name)}: {error.given}"
        raise FanError(given, error.allowed, "leave biases out") from error
    if "B" in roles or not {"I", "O"} <= set(roles):
        raise LayoutError(
            f"layout {parsed.text} of weight {shown(name)}",
            "a layer has axes I and O, and no copies or groups",
            "pass a layout such as 'OI...' or '...IO', and copies one by one",
        )
    places = [[at for at, one in enumerate(roles) if one == r] for r in "OIK"]
    moved = values.transpose([at for side in places for at in side])
    sides = [math.prod(values.shape[at] for at in side) for side in places[:2]]
    return moved.reshape(*sides, *(values.shape[at] for at in places[2]))


def _check_chain(before: Layer, after: Layer) -> None:
    """Refuse a layer that takes another number of inputs than come."""
    if before.values.shape[0] != after.values.shape[1]:
        raise FanError(
            f"weight {shown(after.name)} of {after.values.shape[1]} inputs behind "
            f"{shown(before.name)} of {before.values.shape[0]} outputs",
            "each layer takes as many inputs as the layer before has outputs",
            "order the weights as the signal passes them, leave out what is no part "
            "of the chain, and pass layout='...IO' where inputs come before outputs",
        )


def _places(layer: Layer) -> Iterator[tuple[int, ...]]:
    """Distances from the centre, in the order of the kernel's places.

    Of an even kernel the centre is the earlier of the two, as in torch's padding
    'same'.
    """
    sides = [range(-((k - 1) // 2), k // 2 + 1) for k in layer.values.shape[2:]]
    return itertools.product(*sides)


def product(layer: Layer, maps: Array) -> Array:
    """Signal behind a layer, before its activation.

    Parameters
    ----------
    layer : Layer
        The layer.
    maps : array of float, shape (in, batch, s1, s2, ...)
        Signal in front of it.

    Returns
    -------
    maps : array of float, shape (out, batch, s1, s2, ...)
        Cross-correlation with the weight, as torch and JAX define convolutions.

    Examples
    --------
    >>> layer, = read_layers([np.array([[[1.0, 0.0, 2.0]]])], "OIW")
    >>> product(layer, np.array([[[1.0, 10.0, 100.0]]])).tolist()
    [[[120.0, 201.0, 12.0]]]
    """
    space = maps.shape[1:]
    total = np.zeros((layer.values.shape[0], math.prod(space)), maps.dtype)
    for matrix, place in zip(layer.matrices(maps.dtype), _places(layer), strict=True):
        total += matrix @ _moved(maps, [-one for one in place]).reshape(len(maps), -1)
    return total.reshape(-1, *space)


def adjoint_product(layer: Layer, maps: Array) -> Array:
    """Gradient with respect to the input of a layer.

    Parameters
    ----------
    layer : Layer
        The layer.
    maps : array of float, shape (out, batch, s1, s2, ...)
        Gradient with respect to its output, before the activation.

    Returns
    -------
    maps : array of float, shape (in, batch, s1, s2, ...)
        The adjoint of `product`.

    Examples
    --------
    >>> layer, = read_layers([np.array([[1.0, 2.0]])], "OI")
    >>> adjoint_product(layer, np.array([[3.0]])).tolist()
    [[3.0], [6.0]]
    """
    total = np.zeros((layer.values.shape[1], *maps.shape[1:]), maps.dtype)
    flat = maps.reshape(len(maps), -1)
    for matrix, place in zip(layer.matrices(maps.dtype), _places(layer), strict=True):
        total += _moved((matrix.T @ flat).reshape(total.shape), place)
    return total


def _moved(maps: Array, steps: Sequence[int]) -> Array:
    if not any(steps):
        return maps
    return np.roll(maps, steps, tuple(range(2, 2 + len(steps))))
