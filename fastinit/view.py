"""View: which part of a canonical tensor an array holds."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from dataclasses import dataclass, field
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
    index_shape : sequence of int, optional
        Shape of the tensor with its padding, or the one up to which it may grow: at
        least `shape` on every axis. Stream indices are C-order positions in it, so
        that an element keeps its value whatever is stored beside it; `shape` by
        default.

    Attributes
    ----------
    shape : tuple of int
        Shape of the whole tensor.
    window : Window
        Stream indices of the elements that the array holds.
    index_shape : tuple of int
        Shape whose C strides are those of the stream index; no part of a comparison,
        as the window says all that follows from it.

    Raises
    ------
    ViewError
        If the index or the axes do not fit the shape, or `index_shape` does not
        hold it.
    StreamIndexError
        If an integer index is out of bounds.

    Notes
    -----
    The index selects from a tensor of `shape`: omitted and negative bounds are
    counted in it. What lies beyond, up to `index_shape`, is padding, which follows
    the same law; only bounds that are written out reach it, as `50304` does below.

    Examples
    --------
    >>> import numpy as np
    >>> View((8, 4), np.s_[2:4, :]).window
    Window(first=8, shape=(2, 4), strides=(4, 1))
    >>> View((8, 4), axes=(1, 0)).window
    Window(first=0, shape=(4, 8), strides=(1, 4))

    Columns that are padded, without and with their padding:

    >>> View((8, 50257), index_shape=(8, 50304)).window
    Window(first=0, shape=(8, 50257), strides=(50304, 1))
    >>> View((8, 50257), np.s_[:, :50304], index_shape=(8, 50304)).window
    Window(first=0, shape=(8, 50304), strides=(50304, 1))
    """

    shape: tuple[int, ...]
    window: Window
    index_shape: tuple[int, ...] = field(compare=False)

    def __init__(
        self,
        shape: Any,
        index: Any = ...,
        axes: Sequence[int] | None = None,
        *,
        index_shape: Any = None,
    ) -> None:
        whole = check_shape(shape)
        reach = whole if index_shape is None else _check_reach(whole, index_shape)
        window = _index_window(whole, reach, index)
        if axes is not None:
            window = _transposed(window, axes)
        object.__setattr__(self, "shape", whole)
        object.__setattr__(self, "window", window)
        object.__setattr__(self, "index_shape", reach)

    @property
    def held_shape(self) -> tuple[int, ...]:
        """Shape of the array that holds the view."""
        return self.window.shape


def _check_reach(shape: tuple[int, ...], index_shape: Any) -> tuple[int, ...]:
    """Index shape, which holds the shape axis by axis."""
    reach = check_shape(index_shape)
    if len(reach) != len(shape) or any(map(operator.lt, reach, shape)):
        raise ViewError(
            f"index_shape {shown(reach)} of a tensor of shape {shape}",
            "it has an axis for each of the shape, none of them smaller",
            "pass the shape with its padding, e.g. (50304, 768) for (50257, 768)",
        )
    return reach


def _refuse(shape: tuple[int, ...], index: Any, reason: str) -> ViewError:
    return ViewError(
        f"index {shown(index)} of a tensor of shape {shape}",
        reason,
        "use slices, integers and one Ellipsis, e.g. np.s_[0:1024, :]",
    )


def _index_window(shape: tuple[int, ...], reach: tuple[int, ...], index: Any) -> Window:
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
    places = zip(entries, shape, reach, c_strides(reach), strict=True)
    for entry, size, limit, stride in places:
        if isinstance(entry, slice):
            start, count, step = _slice_range(shape, index, entry, (size, limit))
            sizes.append(count)
            strides.append(step * stride)
        elif _is_index(entry):
            start = _position(shape, index, int(entry), (size, limit))
        else:
            raise _refuse(shape, index, "entries are slices and integers")
        first += start * stride
    return Window(first, tuple(sizes), tuple(strides))


def _slice_range(
    shape: tuple[int, ...], index: Any, entry: slice, ends: tuple[int, int]
) -> tuple[int, int, int]:
    """Start, count and step of a slice; a shard beyond its tensor is an error."""
    size, limit = ends
    try:
        step = entry.indices(size)[2]
    except (TypeError, ValueError) as error:
        raise _refuse(shape, index, "a slice has integers and a step not 0") from error
    bounds = [None if b is None else int(b) for b in (entry.start, entry.stop)]
    # NumPy clips slices silently; a shard with wrong bounds would then hold values
    # of another place, or fewer than its owner believes.
    if any(b is not None and not -size <= b <= limit for b in bounds):
        reason = f"slice bounds must lie within axis size {limit}"
        raise _refuse(shape, index, reason)
    if step > 0 and bounds[1] is None and (bounds[0] or 0) > size:
        reason = "a slice that starts in the padding says where it stops"
        raise _refuse(shape, index, reason)
    counted = [b + size if b is not None and b < 0 else b for b in bounds]
    start, stop = _written_out(counted, size, is_forward=step > 0)
    positions = range(*slice(start, stop, step).indices(limit))
    return (positions.start if positions else 0), len(positions), step


def _written_out(
    bounds: list[int | None], size: int, *, is_forward: bool
) -> tuple[int | None, int | None]:
    """Bounds with the omitted one at the end of a tensor, which has padding beyond."""
    start, stop = bounds
    if is_forward:
        return start, size if stop is None else stop
    if start is None:
        # Of an axis without elements nothing is left, however much padding it has.
        return (size - 1, stop) if size else (0, 0)
    return start, stop


def _position(
    shape: tuple[int, ...], index: Any, entry: int, ends: tuple[int, int]
) -> int:
    size, limit = ends
    if not -size <= entry < limit:
        raise StreamIndexError(
            f"index {shown(index)} of a tensor of shape {shape}",
            f"an integer must lie in [{-size}, {limit})",
            "use an index inside the tensor",
        )
    return entry if entry >= 0 else entry + size


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
