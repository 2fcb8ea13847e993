"""Sections: an array that holds several canonical tensors side by side.

A fused projection, stacked experts and scanned layers are boxes of one array, each
a view of a tensor with a name of its own. Fans come from that tensor, never from the
array that holds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastinit import _section_arguments as arguments
from fastinit.errors import ViewError, shown
from fastinit.view import View, check_shape
from fastinit.windows import Window, split_axis, with_axis

__all__ = ["Section", "Sections", "sections_of"]


@dataclass(frozen=True)
class Section:
    """A canonical tensor, or a part of one, and its place in an array.

    Attributes
    ----------
    name : str
        Canonical name; '' for the one section of an array that is not fused.
    view : View
        What it holds of the canonical tensor.
    start : tuple of int
        Where it starts in the array's grid: the array's shape, with the axis of
        fused sections in two where they come in groups.
    window : Window
        Stream indices over its box of the grid, whose sizes are the window's.
    """

    name: str
    view: View
    start: tuple[int, ...]
    window: Window

    @property
    def box(self) -> tuple[slice, ...]:
        """Its place as an index of the grid."""
        ends = zip(self.start, self.window.shape, strict=True)
        return tuple(slice(start, start + size) for start, size in ends)


@dataclass(frozen=True, init=False)
class Sections:
    """Several canonical tensors that one array holds side by side.

    Parameters
    ----------
    axis : int
        Axis of the array along which the tensors follow each other; counted from
        the end where it is negative.
    sizes : sequence of int or View
        One per tensor: its size along the axis, or a view of it (transposed, a
        shard, padded) whose array stands there.
    names : sequence of str
        Canonical names, one per tensor, all different.
    groups : int, optional
        Times that the run of sections is repeated along the axis, each with its
        share of every tensor; >= 1. `sizes` are those of one group: per-head
        query, key and value are groups of (d, d, d), interleaved gate and up are
        groups of (1, 1).

    Attributes
    ----------
    axis : int
        As given.
    sizes : tuple of int or View, or None
        As given; None where every tensor is one step of the axis (`stack`).
    names : tuple of str
        As given.
    groups : int
        As given.
    is_stacked : bool
        True where the tensors do not have the axis.

    Raises
    ------
    ViewError
        If sizes and names differ in number, a size is negative, two names are equal
        or groups is below 1.
    ArgumentTypeError
        If an argument is of the wrong type.

    Examples
    --------
    >>> import fastinit
    >>> qkv = Sections(0, (8, 4, 4), ("q", "k", "v"))
    >>> fused = fastinit.create("xavier_normal", (16, 8), seed=0, view=qkv)
    >>> q = fastinit.create("xavier_normal", (8, 8), seed=0, name="q")
    >>> bool((fused[:8] == q).all())
    True
    """

    axis: int
    sizes: tuple[int | View, ...] | None
    names: tuple[str, ...]
    groups: int
    is_stacked: bool

    def __init__(self, axis: Any, sizes: Any, names: Any, *, groups: Any = 1) -> None:
        self._set(
            axis, tuple(map(arguments.size, arguments.listed("sizes", sizes))), names
        )
        assert self.sizes is not None
        if len(self.sizes) != len(self.names):
            raise arguments.uneven("sizes", len(self.sizes), len(self.names))
        object.__setattr__(self, "groups", arguments.integer("groups", groups))
        if self.groups < 1:
            raise ViewError(
                f"groups={shown(groups)}",
                "sections come in one group or more",
                "pass the number of times that the run of sections is repeated",
            )
        object.__setattr__(self, "is_stacked", False)

    @classmethod
    def stack(cls, names: Any, *, axis: Any = 0, views: Any = None) -> Sections:
        """Tensors stacked along an axis of their number, which they do not have.

        Parameters
        ----------
        names : sequence of str
            Canonical names, one per step of the axis, all different.
        axis : int
            The new axis; counted from the end of the array's where it is negative.
        views : sequence of View, optional
            What each step holds of its tensor; all of it by default.

        Returns
        -------
        sections : Sections
            For stacked experts, or layers that a scan runs through.

        Raises
        ------
        ViewError
            If two names are equal, or views and names differ in number.
        ArgumentTypeError
            If an argument is of the wrong type.

        Examples
        --------
        >>> import fastinit
        >>> experts = Sections.stack(["expert.0", "expert.1"])
        >>> both = fastinit.create("kaiming_normal", (2, 3, 4), seed=0, view=experts)
        >>> one = fastinit.create("kaiming_normal", (3, 4), seed=0, name="expert.1")
        >>> bool((both[1] == one).all())
        True
        """
        made = object.__new__(cls)
        held = (
            None
            if views is None
            else tuple(map(arguments.view, arguments.listed("views", views)))
        )
        made._set(axis, held, names)
        if held is not None and len(held) != len(made.names):
            raise arguments.uneven("views", len(held), len(made.names))
        object.__setattr__(made, "groups", 1)
        object.__setattr__(made, "is_stacked", True)
        return made

    def _set(self, axis: Any, sizes: tuple[Any, ...] | None, names: Any) -> None:
        object.__setattr__(self, "axis", arguments.integer("axis", axis))
        object.__setattr__(self, "sizes", sizes)
        object.__setattr__(self, "names", arguments.distinct_names(names))

    def grid(self, shape: Any) -> tuple[int, ...]:
        """Shape that the sections are boxes of.

        Parameters
        ----------
        shape : sequence of int
            Shape of the array.

        Returns
        -------
        grid : tuple of int
            The same; the axis of sections in several groups is split in two.

        Raises
        ------
        ViewError
            If the sections do not fill the axis of the shape.

        Examples
        --------
        >>> Sections(0, (2, 2, 2), ("q", "k", "v"), groups=4).grid((24, 5))
        (4, 6, 5)
        """
        sizes = check_shape(shape)
        axis = self._axis_in(sizes)
        held = self._held(axis)
        if held * self.groups != sizes[axis]:
            times = f"{shown(self.groups)} times " if self.groups > 1 else ""
            raise ViewError(
                f"sections of {times}{shown(held)} for axis {axis} of shape "
                f"{shown(sizes)}",
                f"they fill the axis, which has {sizes[axis]}",
                "correct the sizes, the names or the shape",
            )
        if self.groups == 1:
            return sizes
        return *sizes[:axis], self.groups, held, *sizes[axis + 1 :]

    def of(self, shape: Any) -> tuple[Section, ...]:
        """Every section of an array, in order.

        Parameters
        ----------
        shape : sequence of int
            Shape of the array.

        Returns
        -------
        sections : tuple of Section
            One per name; together they fill the array.

        Raises
        ------
        ViewError
            If the sections do not fill the array.

        Examples
        --------
        >>> for one in Sections(1, (3, 1), ("gate", "up")).of((2, 4)):
        ...     print(one.name, one.view.shape, one.box)
        gate (2, 3) (slice(0, 2, None), slice(0, 3, None))
        up (2, 1) (slice(0, 2, None), slice(3, 4, None))
        """
        sizes, grid = check_shape(shape), self.grid(shape)
        axis = self._axis_in(sizes)
        at, made = 0, []
        for number, name in enumerate(self.names):
            view = self._view_at(number, sizes, axis)
            if self.is_stacked:
                window = with_axis(view.window, axis, 1, 0)
            else:
                window = split_axis(view.window, axis, self.groups)
            along = axis + (self.groups > 1)
            start = tuple(at if place == along else 0 for place in range(len(grid)))
            made.append(Section(name, view, start, window))
            at += window.shape[along]
        return tuple(made)

    def split(self, shape: tuple[int, ...]) -> tuple[int, int]:
        """Axis that the grid has in two parts, and the number of groups.

        Parameters
        ----------
        shape : tuple of int
            Shape of the array.

        Returns
        -------
        axis, groups : int
            As `fastinit.windows.split_axis` takes them.

        Raises
        ------
        ViewError
            If the shape does not have the axis.

        Examples
        --------
        >>> Sections(-1, (1, 1), ("gate", "up"), groups=5).split((4, 10))
        (1, 5)
        """
        return self._axis_in(shape), self.groups

    def _axis_in(self, shape: tuple[int, ...]) -> int:
        if not -len(shape) <= self.axis < len(shape):
            raise ViewError(
                f"sections along axis {shown(self.axis)} of an array of shape {shape}",
                f"an axis lies in [{-len(shape)}, {len(shape)})",
                "name an axis of the array",
            )
        return self.axis % len(shape)

    def _held(self, axis: int) -> int:
        """Size along the axis of all sections of one group together."""
        if self.is_stacked or self.sizes is None:
            return len(self.names)
        return sum(self._share(one, axis) for one in self.sizes)

    def _share(self, size: int | View, axis: int) -> int:
        """Size along the axis of one section of one group."""
        if isinstance(size, int):
            return size
        held = size.held_shape
        if axis >= len(held) or held[axis] % self.groups:
            raise ViewError(
                f"a view of shape {held} for a section along axis {axis}",
                f"it has that axis, of a multiple of the {shown(self.groups)} groups",
                "correct the view, the axis or the groups",
            )
        return held[axis] // self.groups

    def _view_at(self, number: int, shape: tuple[int, ...], axis: int) -> View:
        """View of one section, which has the shape of its place."""
        size = None if self.sizes is None else self.sizes[number]
        if self.is_stacked:
            place = shape[:axis] + shape[axis + 1 :]
        else:
            assert size is not None
            share = self._share(size, axis) * self.groups
            place = *shape[:axis], share, *shape[axis + 1 :]
        if not isinstance(size, View):
            return View(place)
        if size.held_shape != place:
            raise ViewError(
                f"a view of shape {size.held_shape} for section "
                f"{shown(self.names[number])}",
                f"its place in an array of shape {shape} has shape {place}",
                "correct the view, or the axis",
            )
        return size


def sections_of(shape: tuple[int, ...], view: View | Sections) -> tuple[Section, ...]:
    """Canonical tensors that an array holds, in order.

    Parameters
    ----------
    shape : tuple of int
        Shape of the array.
    view : View or Sections
        What it holds.

    Returns
    -------
    sections : tuple of Section
        Those of Sections; a View is one section without a name.

    Raises
    ------
    ViewError
        If the array has another shape than the view.

    Examples
    --------
    >>> sections_of((2, 4), View((8, 4), slice(2, 4)))[0].window.first
    8
    """
    if isinstance(view, Sections):
        return view.of(shape)
    if view.held_shape != shape:
        raise ViewError(
            f"an array of shape {shape} for a view of shape {view.held_shape}",
            "the array must have the shape that the view selects",
            "correct the view's index or pass the array that it describes",
        )
    return (Section("", view, (0,) * len(shape), view.window),)
