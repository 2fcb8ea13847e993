"""View: which part of a canonical tensor an array holds."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastinit.errors import StreamIndexError, ViewError
from fastinit.identity import STREAM_LIMIT
from fastinit.windows import Window, c_strides

__all__ = ["View", "check_shape"]


def check_shape(shape: Any) -> tuple[int, ...]:
    """Canonical shape as a tuple of Python integers.

    Parameters
    ----------
    shape : int or sequence of int
        Sizes, each >= 0; the product is at most 2^58.

    Returns
    -------
    shape : tuple of int
        The sizes.

    Raises
    ------
    ViewError
        If a size is not a non-negative integer or the tensor is too large.

    Examples
    --------
    >>> check_shape(3), check_shape([2, 3])
    ((3,), (2, 3))
    """
    given = (shape,) if _is_index(shape) else shape
    try:
        sizes = tuple(operator.index(size) for size in given)
        valid = all(_is_index(size) for size in given) and all(n >= 0 for n in sizes)
    except TypeError:
        sizes, valid = (), False
    if not valid or isinstance(shape, (str, bytes)):
        raise ViewError(
            f"shape {shape!r}",
            "a shape is a sequence of non-negative integers",
            "pass a tuple such as (4096, 1024)",
        )
    if math.prod(sizes) > STREAM_LIMIT:
        raise ViewError(
            f"shape {sizes} with {math.prod(sizes)} elements",
            "a tensor has at most 2^58 elements",
            "split it into several tensors with names of their own",
        )
    return sizes


def _is_index(value: Any) -> bool:
    """True for integers of Python and NumPy, not for bool."""
    return hasattr(value, "__index__") and type(value).__name__ not in {"bool", "bool_"}


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
        f"index {index!r} of a tensor of shape {shape}",
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
            start = _position(shape, index, operator.index(entry), size)
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
        bounds = [operator.index(b) for b in (entry.start, entry.stop) if b is not None]
    except (TypeError, ValueError) as error:
        raise _refuse(shape, index, f"{entry} is not a valid slice") from error
    # NumPy clips slices silently; a shard with wrong bounds would then hold values
    # of another place, or fewer than its owner believes.
    if any(not -size <= bound <= size for bound in bounds):
        raise _refuse(shape, index, f"slice bounds must lie within axis size {size}")
    count = len(range(start, stop, step))
    return (start if count else 0), count, step


def _position(shape: tuple[int, ...], index: Any, entry: int, size: int) -> int:
    if not -size <= entry < size:
        raise StreamIndexError(
            f"index {index!r} of a tensor of shape {shape}",
            f"an integer must lie in [{-size}, {size})",
            "use an index inside the tensor",
        )
    return entry % size


def _transposed(window: Window, axes: Sequence[int]) -> Window:
    """Window with its axes in another order."""
    order = [operator.index(axis) for axis in axes]
    if sorted(order) != list(range(len(window.shape))):
        raise ViewError(
            f"axes {tuple(axes)!r}",
            f"axes is a permutation of range({len(window.shape)})",
            "name each axis of whole[index] once",
        )
    return Window(
        window.first,
        tuple(window.shape[axis] for axis in order),
        tuple(window.strides[axis] for axis in order),
    )
