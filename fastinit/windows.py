"""Windows: affine maps from the elements of a destination to stream indices.

Every array that is filled is an affine view of a canonical tensor: a first index
and one index stride per axis. Kernels see a window together with the memory's own
strides, reduced to as few axes as possible.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = [
    "Axis",
    "Window",
    "c_strides",
    "in_memory_order",
    "reduce_axes",
    "rising",
    "split_axis",
    "with_axis",
    "within",
]


@dataclass(frozen=True)
class Window:
    """Stream indices of the elements of an N-dimensional destination.

    Attributes
    ----------
    first : int
        Index of the element at (0, ..., 0), in [0, 2^58).
    shape : tuple of int
        Sizes of the destination, each >= 0.
    strides : tuple of int
        Change of the index per step along each axis, of any sign.
    """

    first: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def size(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Axis:
    """One axis of a window laid over memory.

    Attributes
    ----------
    size : int
        Number of steps, >= 1.
    memory_stride : int
        Bytes per step, of any sign.
    index_stride : int
        Stream indices per step, of any sign.
    """

    size: int
    memory_stride: int
    index_stride: int

    @property
    def fields(self) -> tuple[int, int, int]:
        """(size, memory_stride, index_stride), as the loops take them."""
        return self.size, self.memory_stride, self.index_stride


def c_strides(shape: Sequence[int]) -> tuple[int, ...]:
    """Index strides of a tensor in C order, in elements.

    Parameters
    ----------
    shape : sequence of int
        Sizes, each >= 0.

    Returns
    -------
    strides : tuple of int
        The last is 1; each other is the product of the sizes after it.

    Examples
    --------
    >>> c_strides((2, 3, 4))
    (12, 4, 1)
    """
    strides = [1] * len(shape)
    for axis in range(len(shape) - 2, -1, -1):
        strides[axis] = strides[axis + 1] * shape[axis + 1]
    return tuple(strides)


def with_axis(window: Window, axis: int, size: int, stride: int) -> Window:
    """Window with one axis more.

    Parameters
    ----------
    window : Window
        Any window.
    axis : int
        Place of the new axis, in [0, number of axes].
    size, stride : int
        Its size, >= 0, and its index stride.

    Returns
    -------
    window : Window
        With the axis.

    Examples
    --------
    >>> with_axis(Window(0, (2, 3), (3, 1)), 0, 1, 0)
    Window(first=0, shape=(1, 2, 3), strides=(0, 3, 1))
    """
    shape, strides = list(window.shape), list(window.strides)
    shape.insert(axis, size)
    strides.insert(axis, stride)
    return Window(window.first, tuple(shape), tuple(strides))


def split_axis(window: Window, axis: int, groups: int) -> Window:
    """Window with an axis in two: groups, and the places in one group.

    Parameters
    ----------
    window : Window
        Any window.
    axis : int
        The axis, in [0, number of axes).
    groups : int
        A divisor of its size, >= 1.

    Returns
    -------
    window : Window
        The same indices in the same order; the window itself for one group.

    Examples
    --------
    >>> split_axis(Window(0, (6, 2), (2, 1)), 0, 3)
    Window(first=0, shape=(3, 2, 2), strides=(4, 2, 1))
    """
    if groups == 1:
        return window
    share, stride = window.shape[axis] // groups, window.strides[axis]
    shape = *window.shape[:axis], share, *window.shape[axis + 1 :]
    inner = Window(window.first, shape, window.strides)
    return with_axis(inner, axis, groups, share * stride)


def within(window: Window, start: Sequence[int], shape: Sequence[int]) -> Window:
    """Part of a window.

    Parameters
    ----------
    window : Window
        Any window.
    start, shape : sequence of int
        Where the part starts and how far it reaches, inside the window.

    Returns
    -------
    part : Window
        Indices of the elements of the part.

    Examples
    --------
    >>> within(Window(0, (4, 4), (4, 1)), (1, 2), (2, 2))
    Window(first=6, shape=(2, 2), strides=(4, 1))
    """
    moves = zip(start, window.strides, strict=True)
    first = window.first + sum(step * stride for step, stride in moves)
    return Window(first, tuple(shape), window.strides)


def reduce_axes(window: Window, memory_strides: Sequence[int]) -> tuple[Axis, ...]:
    """Fewest axes that describe a window over memory, smallest index stride last.

    Parameters
    ----------
    window : Window
        With at least one element.
    memory_strides : sequence of int
        Bytes per step along each axis.

    Returns
    -------
    axes : tuple of Axis
        At least one; axes that continue each other in memory and in the stream
        are merged, so a contiguous whole tensor has one.

    Examples
    --------
    >>> reduce_axes(Window(0, (2, 3), (3, 1)), (12, 4))
    (Axis(size=6, memory_stride=4, index_stride=1),)
    """
    axes = [
        Axis(size, memory, index)
        for size, memory, index in zip(
            window.shape, memory_strides, window.strides, strict=True
        )
        if size > 1
    ]
    axes.sort(key=lambda axis: (-abs(axis.index_stride), -abs(axis.memory_stride)))
    merged: list[Axis] = []
    for axis in axes:
        if merged and _continues(merged[-1], axis):
            outer = merged.pop()
            axis = Axis(  # noqa: PLW2901 - the merged axis takes the place of both
                outer.size * axis.size, axis.memory_stride, axis.index_stride
            )
        merged.append(axis)
    return tuple(merged) or (Axis(1, 0, 1),)


def rising(
    window: Window, memory_strides: Sequence[int]
) -> tuple[Window, tuple[int, ...], int]:
    """Same elements seen so that no index falls along an axis.

    Parameters
    ----------
    window : Window
        With at least one element.
    memory_strides : sequence of int
        Bytes per step along each axis.

    Returns
    -------
    window : Window
        With index strides >= 0.
    memory_strides : tuple of int
        Bytes per step along its axes.
    distance : int
        Bytes from the element that was at (0, ..., 0) to the one that is now.

    Examples
    --------
    >>> rising(Window(5, (2, 3), (3, -1)), (12, 4))
    (Window(first=3, shape=(2, 3), strides=(3, 1)), (12, -4), 8)
    """
    first, strides, turned = window.first, list(window.strides), list(memory_strides)
    distance = 0
    for axis, stride in enumerate(window.strides):
        if stride < 0:
            last = window.shape[axis] - 1
            first += last * stride
            distance += last * memory_strides[axis]
            strides[axis], turned[axis] = -stride, -memory_strides[axis]
    return Window(first, window.shape, tuple(strides)), tuple(turned), distance


def in_memory_order(
    window: Window, memory_strides: Sequence[int]
) -> tuple[Window, tuple[int, ...]]:
    """Window of the same elements whose indices rise as they lie in memory.

    Parameters
    ----------
    window : Window
        With at least one element.
    memory_strides : sequence of int
        Bytes per step along each axis.

    Returns
    -------
    window : Window
        Of other indices, the least of which is 0.
    memory_strides : tuple of int
        Bytes per step along its axes.

    Examples
    --------
    >>> in_memory_order(Window(7, (2, 3), (3, 1)), (-4, 8))
    (Window(first=1, shape=(3, 2), strides=(2, -1)), (8, -4))
    """
    axes = sorted(
        zip(memory_strides, window.shape, strict=True), key=_step, reverse=True
    )
    shape, first, strides = tuple(size for _, size in axes), 0, []
    for (memory, size), index in zip(axes, c_strides(shape), strict=True):
        first += (size - 1) * index if memory < 0 else 0
        strides.append(-index if memory < 0 else index)
    memory_order = tuple(memory for memory, _ in axes)
    return Window(first, shape, tuple(strides)), memory_order


def _step(axis: tuple[int, int]) -> int:
    return abs(axis[0])


def _continues(outer: Axis, inner: Axis) -> bool:
    """True where one step of the outer axis is all steps of the inner one."""
    return (
        outer.memory_stride == inner.size * inner.memory_stride
        and outer.index_stride == inner.size * inner.index_stride
    )
