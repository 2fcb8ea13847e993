"""View: which part of a canonical tensor an array holds."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np

from fastinit._fan_arguments import size_list
from fastinit.errors import ArgumentTypeError, StreamIndexError, ViewError, shown
from fastinit.identity import STREAM_LIMIT
from fastinit.windows import Window, c_strides

__all__ = ["View", "check_shape"]

#: Axes that a NumPy array can have.
MOST_AXES = 64


def check_shape(shape: Any) -> tuple[int, ...]:
    """Canonical shape as a tuple of Python integers.

    Parameters
    ----------
    shape : int or sequence of int
        At most 64 sizes, each >= 0; the product of those above 0 is at most 2^58.

    Returns
    -------
    shape : tuple of int
        The sizes.

    Raises
    ------
    ArgumentTypeError
        If it is not a sequence of integers.
    ViewError
        If a size is negative, or the sizes or their product are too many.

    Examples
    --------
    >>> check_shape(3), check_shape([2, 3])
    ((3,), (2, 3))
    """
    given = (shape,) if _is_index(shape) else shape
    given = given if isinstance(given, tuple) else size_list(given)
    if not all(map(_is_index, given)):
        raise ArgumentTypeError(
            f"shape {shown(shape)}",
            "a shape is a sequence of non-negative integers",
            "pass a tuple such as (4096, 1024)",
        )
    sizes = tuple(map(int, given))
    if min(sizes, default=0) < 0 or len(sizes) > MOST_AXES:
        raise ViewError(
            f"shape {shown(sizes)} of {len(sizes)} axes",
            f"a shape has at most {MOST_AXES} sizes, none of them negative",
            "pass a tuple such as (4096, 1024)",
        )
    if math.prod(size or 1 for size in sizes) > STREAM_LIMIT:
        raise ViewError(
            f"shape {shown(sizes)}",
            "a tensor has at most 2^58 elements",
            "split it into several tensors with names of their own",
        )
    return sizes


def _is_index(value: Any) -> bool:
    """True for integers of Python and NumPy, not for bool."""
    return type(value) is int or (
        isinstance(value, Integral) and not isinstance(value, bool)
    )


@dataclass(frozen=True, init=False)
class View:
    """The part of a canonical tensor that an array holds.

    Parameters
    ----------
    shape : sequence of int
        Shape of the whole tensor; fans are computed from it.
    index : slice, int, Ellipsis or tuple of them, optional
        What the array holds, as in ``whole[index]``; all of it by default.
    axes : sequence of int, optional
        Order in which the array stores the axes of ``whole[index]``, as in
        ``whole[index].transpose(axes)``.

    Attributes
    ----------
    shape : tuple of int
        Shape of the whole tensor.
    window : Window
        Stream indices of the elements that the array holds.

    Raises
    ------
    ViewError
        If the index or the axes do not fit the shape.
    StreamIndexError
        If an integer index is out of bounds.

    Examples
    --------
    >>> import numpy as np
    >>> View((8, 4), np.s_[2:4, :]).window
    Window(first=8, shape=(2, 4), strides=(4, 1))
    >>> View((8, 4), axes=(1, 0)).window
    Window(first=0, shape=(4, 8), strides=(1, 4))
    """

    shape: tuple[int, ...]
    window: Window

    def __init__(
        self, shape: Any, index: Any = ..., axes: Sequence[int] | None = None
    ) -> None:
        whole = check_shape(shape)
        window = _index_window(whole, index)
        if axes is not None:
            window = _transposed(window, axes)
        object.__setattr__(self, "shape", whole)
        object.__setattr__(self, "window", window)

    @property
    def held_shape(self) -> tuple[int, ...]:
        """Shape of the array that holds the view."""
        return self.window.shape


def _refuse(shape: tuple[int, ...], index: Any, reason: str) -> ViewError:
    return ViewError(
        f"index {shown(index)} of a tensor of shape {shape}",
        reason,
        "use slices, integers and one Ellipsis, e.g. np.s_[0:1024, :]",
    )


def _index_window(shape: tuple[int, ...], index: Any) -> Window:
    """Window of ``whole[index]``."""
    entries = list(index) if isinstance(index, tuple) else [index]
    dots = [at for at, entry in enumerate(entries) if entry is Ellipsis]
    if len(dots) > 1:
        raise _refuse(shape, index, "at most one Ellipsis is allowed")
    missing = len(shape) - (len(entries) - len(dots))
    if missing < 0:
        raise _refuse(shape, index, f"at most {len(shape)} entries are allowed")
    at = dots[0] if dots else len(entries)
    entries[at : at + len(dots)] = [slice(None)] * missing
    first, sizes, strides = 0, [], []
    for entry, size, stride in zip(entries, shape, c_strides(shape), strict=True):
        if isinstance(entry, slice):
            start, count, step = _slice_range(shape, index, entry, size)
            sizes.append(count)
            strides.append(step * stride)
        elif _is_index(entry):
            start = _position(shape, index, int(entry), size)
        else:
            raise _refuse(shape, index, "entries are slices and integers")
        first += start * stride
    return Window(first, tuple(sizes), tuple(strides))


def _slice_range(
    shape: tuple[int, ...], index: Any, entry: slice, size: int
) -> tuple[int, int, int]:
    """Start, count and step of a slice; a shard beyond its tensor is an error."""
    try:
        start, stop, step = entry.indices(size)
    except (TypeError, ValueError) as error:
        raise _refuse(shape, index, "a slice has integers and a step not 0") from error
    bounds = [int(b) for b in (entry.start, entry.stop) if b is not None]
    # NumPy clips slices silently; a shard with wrong bounds would then hold values
    # of another place, or fewer than its owner believes.
    if any(not -size <= bound <= size for bound in bounds):
        raise _refuse(shape, index, f"slice bounds must lie within axis size {size}")
    count = len(range(start, stop, step))
    return (start if count else 0), count, step


def _position(shape: tuple[int, ...], index: Any, entry: int, size: int) -> int:
    if not -size <= entry < size:
        raise StreamIndexError(
            f"index {shown(index)} of a tensor of shape {shape}",
            f"an integer must lie in [{-size}, {size})",
            "use an index inside the tensor",
        )
    return entry % size


def _transposed(window: Window, axes: Any) -> Window:
    """Window with its axes in another order."""
    given = axes.tolist() if isinstance(axes, np.ndarray) else axes
    order: list[Any] = list(given) if isinstance(given, Sequence) else [None]
    integers = all(map(_is_index, order))
    if not integers or sorted(order) != list(range(len(window.shape))):
        raise ViewError(
            f"axes {shown(axes)}",
            f"axes is a permutation of range({len(window.shape)})",
            "name each axis of whole[index] once",
        )
    return Window(
        window.first,
        tuple(window.shape[axis] for axis in order),
        tuple(window.strides[axis] for axis in order),
    )
