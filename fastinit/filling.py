"""Filling: what one stored array holds, as boxes with a plan each.

Files are written from fillings, in boxes that follow each other in the file; an array
that holds one whole tensor has one box of one axis.
"""

from __future__ import annotations

import bisect
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fastinit.dtypes import Dtype
from fastinit.plan import FillPlan
from fastinit.sections import Section, Sections, sections_of
from fastinit.view import View
from fastinit.windows import Window, c_strides, reduce_axes, within

__all__ = ["Filling", "Part", "filling_of", "whole_filling"]


@dataclass(frozen=True)
class Part:
    """A box of an array and the plan of its values.

    Attributes
    ----------
    plan : FillPlan
        Plan of the canonical tensor.
    start : tuple of int
        Where the box starts in the grid.
    window : Window
        Stream indices over the box.
    """

    plan: FillPlan
    start: tuple[int, ...]
    window: Window


@dataclass(frozen=True)
class Filling:
    """What one stored array holds.

    Attributes
    ----------
    shape : tuple of int
        Shape of the array.
    dtype : Dtype
        Its dtype.
    grid : tuple of int
        Shape of as many elements, in the same C order, that the parts are boxes of;
        at least one axis.
    axis : int
        Axis of the grid along which the parts follow each other.
    parts : tuple of Part
        In order; together they fill the grid.
    """

    shape: tuple[int, ...]
    dtype: Dtype
    grid: tuple[int, ...]
    axis: int
    parts: tuple[Part, ...]

    @property
    def elements(self) -> int:
        """Number of elements."""
        return math.prod(self.grid)

    def boxes(self, most: int) -> Iterator[tuple[int, tuple[slice, ...]]]:
        """Boxes of the grid, each of neighbours in C order.

        Parameters
        ----------
        most : int
            Most elements of a box, >= 1.

        Yields
        ------
        first : int
            Place of its first element in C order.
        box : tuple of slice
            Index of the grid.

        Examples
        --------
        >>> from fastinit.api import make_plan
        >>> whole = whole_filling(make_plan("ones", (5,)))
        >>> [(first, box[0].stop) for first, box in whole.boxes(3)]
        [(0, 3), (3, 5)]
        """
        if not self.elements:
            return
        strides = c_strides(self.grid)
        cut = next(axis for axis, stride in enumerate(strides) if stride <= most)
        step, size = most // strides[cut], self.grid[cut]
        inner = tuple(slice(0, inner_size) for inner_size in self.grid[cut + 1 :])
        for number in range(math.prod(self.grid[:cut])):
            outer = _position(number, self.grid[:cut])
            first = number * size * strides[cut]
            for at in range(0, size, step):
                stop = min(at + step, size)
                lead = tuple(slice(place, place + 1) for place in outer)
                yield first + at * strides[cut], (*lead, slice(at, stop), *inner)

    def within(self, box: tuple[slice, ...]) -> Iterator[tuple[FillPlan, int, Window]]:
        """What of every part lies in a box.

        Parameters
        ----------
        box : tuple of slice
            Index of the grid, of slices with both bounds.

        Yields
        ------
        plan : FillPlan
            Plan of the part.
        place : int
            Where its first element in the box lies, in C order of the box.
        window : Window
            Stream indices of its elements in the box.

        Examples
        --------
        >>> from fastinit.api import make_plan
        >>> whole = whole_filling(make_plan("ones", (5,)))
        >>> [(at, window.first) for _, at, window in whole.within((slice(3, 5),))]
        [(0, 3)]
        """
        strides = c_strides([one.stop - one.start for one in box])
        along = box[self.axis]

        def starts_at(part: Part) -> int:
            return part.start[self.axis]

        low = bisect.bisect_right(self.parts, along.start, key=starts_at) - 1
        high = bisect.bisect_left(self.parts, along.stop, key=starts_at)
        for part in self.parts[max(low, 0) : high]:
            ranges = [
                (max(one.start, start), min(one.stop, start + size))
                for one, start, size in zip(
                    box, part.start, part.window.shape, strict=True
                )
            ]
            shape = [stop - start for start, stop in ranges]
            if min(shape) <= 0:
                continue
            moved = [r[0] - at for r, at in zip(ranges, part.start, strict=True)]
            place = sum(
                (r[0] - one.start) * stride
                for r, one, stride in zip(ranges, box, strides, strict=True)
            )
            yield part.plan, place, within(part.window, moved, shape)


def whole_filling(plan: FillPlan) -> Filling:
    """Filling of an array that holds one whole tensor.

    Parameters
    ----------
    plan : FillPlan
        The tensor.

    Returns
    -------
    filling : Filling
        One part.

    Examples
    --------
    >>> from fastinit.api import make_plan
    >>> whole_filling(make_plan("ones", (3, 4))).grid
    (12,)
    """
    return filling_of(plan.shape, View(plan.shape), lambda _: plan)


def filling_of(
    shape: tuple[int, ...],
    view: View | Sections,
    plan_of: Callable[[Section], FillPlan],
) -> Filling:
    """Filling of an array that holds a view of a tensor, or several tensors.

    Parameters
    ----------
    shape : tuple of int
        Shape of the array.
    view : View or Sections
        What it holds.
    plan_of : callable
        Gives the plan of each section.

    Returns
    -------
    filling : Filling
        A part for every section.

    Raises
    ------
    ViewError
        If the view does not fit the shape.

    Examples
    --------
    >>> from fastinit.api import make_plan
    >>> filling_of((4, 6), View((6, 4), axes=(1, 0)),
    ...     lambda one: make_plan("ones", one.view.shape)).grid
    (4, 6)
    """
    sections = sections_of(shape, view)
    parts = tuple(Part(plan_of(one), one.start, one.window) for one in sections)
    dtype = parts[0].plan.dtype
    if isinstance(view, Sections):
        axis, groups = view.split(shape)
        return Filling(shape, dtype, view.grid(shape), axis + (groups > 1), parts)
    (part,) = parts
    if 0 in shape:
        return Filling(shape, dtype, (0,), 0, ())
    axes = reduce_axes(part.window, c_strides(shape))
    if len(axes) == 1:
        # One run, as nearly all are: its boxes are as long as they may be.
        run = Window(part.window.first, (axes[0].size,), (axes[0].index_stride,))
        return Filling(shape, dtype, run.shape, 0, (Part(part.plan, (0,), run),))
    return Filling(shape, dtype, shape, 0, parts)


def _position(number: int, shape: tuple[int, ...]) -> tuple[int, ...]:
    """Position in C order of an element of a tensor."""
    position = []
    for size in reversed(shape):
        number, place = divmod(number, size)
        position.append(place)
    return tuple(reversed(position))
