"""The way forward through a stack, and the way back: what is measured there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit import _fan_arguments as arguments
from fastinit.creators import normal
from fastinit.destinations import read_destination
from fastinit.errors import ArgumentError, DtypeError, FanError, shown
from fastinit.signals.activations import Activation
from fastinit.signals.layers import Layer, adjoint_product, product

__all__ = ["Passage", "Size", "input_maps", "pass_through"]

Array = np.ndarray[Any, Any]


def input_maps(
    given: Any, layers: Sequence[Layer], square: float, how: tuple[int, int, int]
) -> Array:
    """Input of a stack, given or drawn.

    Parameters
    ----------
    given : array, shape (batch, in, s1, s2, ...), or None
        What the user has.
    layers : sequence of Layer
        The stack.
    square : float
        Mean square of what is drawn.
    how : tuple of int
        batch, side and seed of what is drawn.

    Returns
    -------
    maps : float64 array, shape (in, batch, s1, s2, ...)
        The input.

    Raises
    ------
    FanError
        If the shape is not one of inputs of the first layer.
    ArgumentError
        If an input is not finite, all are 0, or a size is not positive.
    """
    width = layers[0].values.shape[1]
    kernels = [one.values.shape[2:] for one in layers if one.values.ndim > 2]
    rank = len(kernels[0]) if kernels else 0
    if given is None:
        batch, side, seed = how
        for name, size in (("batch", batch), ("side", side)):
            is_low = isinstance(size, int) and size < 1
            if is_low or arguments.count(size, name) < 1:
                raise ArgumentError(f"{name}={size}", "it is >= 1", "pass 8, say")
        space = (max(side, *map(max, kernels)),) * rank if kernels else ()
        shape = (batch, width, *space)
        values = normal(shape, seed=seed, name="signal.input", dtype="float64")
        return _channels_first(values * math.sqrt(square))
    values = read_destination(given)
    if values.dtype.kind in "cOSUMm":
        raise DtypeError(
            f"inputs of dtype {values.dtype}",
            "a signal is made of real numbers",
            "convert it to floats, of complex numbers the real part",
        )
    is_right = values.ndim >= 2 and values.shape[1] == width and values.size
    if not is_right or (rank and values.ndim != rank + 2):
        axes = f"(batch, {width}{', s' * rank})"
        raise FanError(
            f"inputs of shape {shown(values.shape)}",
            f"the first weight takes inputs of shape {axes}",
            "put the batch first and the channels second",
        )
    wide = _channels_first(np.asarray(values, dtype=np.float64))
    if not (np.isfinite(wide).all() and wide.any()):
        raise ArgumentError(
            "inputs that are all 0, or not finite",
            "a signal is finite and not 0 everywhere",
            "correct the inputs, or leave them out",
        )
    return wide


def _channels_first(values: Any) -> Array:
    return np.ascontiguousarray(np.moveaxis(values, 1, 0))


@dataclass(frozen=True)
class Size:
    """Size of a signal.

    Attributes
    ----------
    std, square : float
        Standard deviation and mean square of all elements.
    """

    std: float
    square: float


def _size(maps: Array) -> Size:
    wide = maps.astype(np.float64, copy=False)
    with np.errstate(all="ignore"):
        return Size(float(wide.std()), float(np.square(wide).mean()))


@dataclass(frozen=True)
class Passage:
    """Sizes on the way forward and back.

    Attributes
    ----------
    before : list of Size
        Of each layer's pre-activations.
    signal, gradient : list of Size
        Of the signal in front of layer 1 and behind each, and of the gradient with
        respect to it.
    """

    before: list[Size]
    signal: list[Size]
    gradient: list[Size]


def pass_through(
    layers: Sequence[Layer], functions: Sequence[Activation], maps: Array, seed: int
) -> Passage:
    """Go forward through all layers, and back.

    Parameters
    ----------
    layers : sequence of Layer
        The stack.
    functions : sequence of Activation
        Activation behind each.
    maps : array, shape (in, batch, s1, s2, ...)
        The input, in the dtype of the computation.
    seed : int
        Seed of the gradient at the end, which is drawn from N(0, 1).

    Returns
    -------
    passage : Passage
        What was measured.

    Raises
    ------
    ArgumentError
        If an activation is no number where its input is one.
    """
    run, held = Passage([], [_size(maps)], []), []
    with np.errstate(all="ignore"):
        for layer, function in zip(layers, functions, strict=True):
            before = product(layer, maps)
            held.append(before)
            maps = function.value(before)
            _check_values(function, before, maps)
            maps = _known(before, maps)
            run.before.append(_size(before))
            run.signal.append(_size(maps))
        shape = (maps.shape[1], maps.shape[0], *maps.shape[2:])
        drawn = normal(shape, seed=seed, name="signal.gradient", dtype="float64")
        maps = _channels_first(drawn).astype(maps.dtype)
        run.gradient.append(_size(maps))
        for layer, function in zip(layers[::-1], functions[::-1], strict=True):
            before = held.pop()
            slope = function.slope(before)
            _check_values(function, before, slope)
            maps = maps * _known(before, slope)
            maps = adjoint_product(layer, maps)
            run.gradient.append(_size(maps))
    run.gradient.reverse()
    return run


def _known(before: Array, found: Array) -> Array:
    """What an activation makes of numbers: beyond them a ReLU still says 0."""
    is_number = np.isfinite(before)
    if not is_number.all():
        found = np.where(is_number, found, math.nan).astype(found.dtype)
    return found


def _check_values(function: Activation, before: Array, behind: Array) -> None:
    """Refuse an activation, or its slope, that is no number where its input is one."""
    is_wrong = np.isnan(behind) & np.isfinite(before)
    if is_wrong.any():
        raise ArgumentError(
            f"activation {function.name}, no number at {before[is_wrong][0]:.4g}",
            "an activation and its derivative are numbers everywhere",
            "correct the function there",
        )
