"""Windows: affine maps from the elements of a destination to stream indices.

Every array that is filled is an affine view of a canonical tensor: a first index
and one index stride per axis. Kernels see a window together with the memory's own
strides, reduced to as few axes as possible.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Axis", "Window", "c_strides", "reduce_axes"]


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


def _continues(outer: Axis, inner: Axis) -> bool:
    """True where one step of the outer axis is all steps of the inner one."""
    return (
        outer.memory_stride == inner.size * inner.memory_stride
        and outer.index_stride == inner.size * inner.index_stride
    )
