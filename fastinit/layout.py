"""Layouts: which axes of a weight are inputs, outputs, kernel and copies.

Fans need to know that and nothing else. A layout is a text with a mark for each axis,
such as 'OIHW', and '...' for any number of kernel axes.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Integral
from typing import Any

from fastinit.errors import (
    ArgumentTypeError,
    FanError,
    LayoutError,
    ReportedIndexError,
    shown,
)

__all__ = ["DEFAULT_LAYOUT", "Layout", "layout_of_axes", "parse_layout"]

#: Torch's order: outputs, inputs, and the kernel where there is one.
DEFAULT_LAYOUT = "OI..."

_MARK = re.compile(r"\.\.\.|\(G[IO]\)|[A-Z]")
_KERNEL = frozenset("DHKSTWXYZ")
_COPIES = frozenset("BEGL")
_MARKS = (
    "marks are I, O, D H K S T W X Y Z (kernel), B E G L (copies: batch, experts, "
    "groups, layers), (GI) or (GO) (an axis of all groups) and one ... (kernel)"
)
_EXAMPLE = "write e.g. 'OIHW', 'HWIO', '...IO' or 'EIO'"


@dataclass(frozen=True)
class Layout:
    """Roles of the axes of a weight.

    Attributes
    ----------
    text : str
        As written, in upper case.
    head : tuple of str
        Marks in front of the dots; all of them where there are none.
    tail : tuple of str or None
        Marks behind the dots; None where there are none.
    """

    text: str
    head: tuple[str, ...]
    tail: tuple[str, ...] | None

    @property
    def marks(self) -> tuple[str, ...]:
        """All marks but the dots."""
        return self.head + (self.tail or ())

    @property
    def grouped(self) -> str:
        """Side that holds all groups: 'O' but for '(GI)', an input of all groups."""
        return "I" if "(GI)" in self.marks else "O"

    def roles(self, shape: Sequence[int]) -> str:
        """Role of each axis of a shape.

        Parameters
        ----------
        shape : sequence of int
            Canonical shape.

        Returns
        -------
        roles : str
            A letter for each axis: I, O, K (kernel) or B (copies).

        Raises
        ------
        FanError
            If the shape has another number of axes than the layout.

        Examples
        --------
        >>> parse_layout("...IO").roles((3, 3, 16, 32))
        'KKIO'
        """
        dots = len(shape) - len(self.marks)
        if dots < 0 or (dots > 0 and self.tail is None):
            least = "" if self.tail is None else " or more"
            raise FanError(
                f"shape {shown(tuple(shape))} in layout {self.text}",
                f"the layout has {len(self.marks)}{least} axes, the shape {len(shape)}",
                "name every axis of the canonical shape, or use ... for the kernel's",
            )
        marks = (*self.head, *"K" * dots, *(self.tail or ()))
        return "".join(map(_role, marks))


def _role(mark: str) -> str:
    """Letter of the role that a mark gives."""
    if mark in _COPIES:
        return "B"
    return "K" if mark in _KERNEL else mark.strip("(G)")


@functools.lru_cache(maxsize=1024)
def parse_layout(text: str) -> Layout:
    """Layout from its text.

    Parameters
    ----------
    text : str
        Marks in the order of the axes, in any case.

    Returns
    -------
    layout : Layout
        What it says.

    Raises
    ------
    LayoutError
        If the text is no layout.
    ArgumentTypeError
        If it is no text.

    Examples
    --------
    >>> parse_layout("hwio").text, parse_layout("(GI)OHW").grouped
    ('HWIO', 'I')
    """
    if not isinstance(text, str):
        raise ArgumentTypeError(
            f"layout {shown(text)} of type {type(text).__name__}",
            "a layout is a text with a mark for each axis",
            _EXAMPLE,
        )
    upper = text.upper()
    marks = _MARK.findall(upper)
    known = _KERNEL | _COPIES | {"I", "O", "(GI)", "(GO)", "..."}
    is_known = "".join(marks) == upper and known.issuperset(marks)
    if not is_known or marks.count("...") > 1:
        raise LayoutError(f"layout {shown(text)}", _MARKS, _EXAMPLE)
    _check_sides(text, marks)
    at = marks.index("...") if "..." in marks else len(marks)
    tail = tuple(marks[at + 1 :]) if at < len(marks) else None
    return Layout(upper, tuple(marks[:at]), tail)


def _check_sides(text: str, marks: list[str]) -> None:
    """A side is there, and one axis at most holds all groups."""
    # Of the other side there may be one channel: a vector is 'I', a depthwise kernel
    # 'HWGO'.
    if not {"I", "O", "G"} & {mark.strip("()")[-1:] for mark in marks}:
        raise LayoutError(
            f"layout {shown(text)}",
            "a layout has an axis I of inputs or an axis O of outputs; where one of "
            "them is missing it counts 1",
            _EXAMPLE,
        )
    groups = [mark for mark in marks if mark[-1:] == ")" or mark == "G"]
    if len(groups) > 1:
        raise LayoutError(
            f"layout {shown(text)}",
            "groups are one axis G, or in one axis (GI) or (GO)",
            "mark the groups once",
        )


def layout_of_axes(
    in_axis: Any = -2, out_axis: Any = -1, batch_axis: Any = (), *, rank: Any = None
) -> str:
    """Text of the layout that JAX's axes mean.

    Parameters
    ----------
    in_axis, out_axis, batch_axis : int or sequence of int
        Axes of inputs, of outputs and of copies that count for neither fan; the others
        are the kernel. The defaults are JAX's.
    rank : int, optional
        Number of axes of the weight. Without it the axes may be counted from either
        end, those from the front lying before those from the back.

    Returns
    -------
    layout : str
        As `parse_layout` takes it.

    Raises
    ------
    LayoutError
        If an axis has two roles, or there is neither an input nor an output.
    ReportedIndexError
        If the weight does not have an axis.
    ArgumentTypeError
        If an axis is no integer.

    Examples
    --------
    >>> layout_of_axes(), layout_of_axes(1, 0), layout_of_axes((0, 1), -1, rank=4)
    ('...IO', 'OI...', 'IIKO')
    """
    given = {"I": in_axis, "O": out_axis, "B": batch_axis}
    roles: dict[int, str] = {}
    for role, axes in given.items():
        for axis in _axes(role, axes):
            place = axis if rank is None else _place(axis, rank)
            if place in roles:
                raise _clash(given, f"axis {axis} has two roles")
            roles[place] = role
    head = [roles.get(at, "K") for at in range(max(roles, default=-1) + 1)]
    tail = [roles.get(at, "K") for at in range(min(roles, default=0), 0)]
    if rank is not None:
        head += "K" * (rank - len(head))
    if not {"I", "O"} & {*head, *tail}:
        raise _clash(given, "a fan needs an axis of inputs or one of outputs")
    return "".join((*head, *([] if rank is not None else ["..."]), *tail))


def _axes(role: str, axes: Any) -> tuple[int, ...]:
    """Axes of a role as a tuple of integers."""
    listed = tuple(axes) if isinstance(axes, (tuple, list, range)) else (axes,)
    for axis in listed:
        if isinstance(axis, bool) or not isinstance(axis, Integral):
            name = {"I": "in_axis", "O": "out_axis", "B": "batch_axis"}[role]
            raise ArgumentTypeError(
                f"{name} {shown(axes)}",
                f"{name} is an integer or a sequence of integers",
                "pass e.g. -2, or (0, 1)",
            )
    return tuple(map(int, listed))


def _place(axis: int, rank: int) -> int:
    """Axis counted from the front."""
    if not -rank <= axis < rank:
        raise ReportedIndexError(
            f"axis {axis} of a weight of {rank} axes",
            f"an axis lies in [{-rank}, {rank})",
            "name an axis of the canonical shape",
        )
    return axis % rank


def _clash(given: dict[str, Any], reason: str) -> LayoutError:
    return LayoutError(
        f"in_axis={shown(given['I'])}, out_axis={shown(given['O'])}, "
        f"batch_axis={shown(given['B'])}",
        reason,
        "give every axis one role; what is left out is the kernel",
    )
