"""What `fastinit.sections` accepts as names, sizes, views and integers.

Each function returns its argument as one exact type, or raises.
"""

from __future__ import annotations

from numbers import Integral
from typing import Any

from fastinit._fan_arguments import size_list
from fastinit.errors import ArgumentTypeError, ViewError, shown
from fastinit.identity import check_name
from fastinit.view import View


def listed(what: str, values: Any) -> list[Any]:
    """Items of a sequence; a text is none."""
    try:
        return list(values) if isinstance(values, tuple) else size_list(values)
    except ArgumentTypeError as error:
        raise ArgumentTypeError(
            f"{what} {shown(values)} of sections",
            f"{what} are a sequence with an item for each tensor",
            "pass a tuple or a list",
        ) from error


def integer(what: str, value: Any) -> int:
    """Integer of Python or NumPy; `what` says where it stands."""
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise ArgumentTypeError(
            f"{what} {shown(value)} of sections",
            f"{what} is an integer",
            "pass a Python or NumPy integer",
        )
    return int(value)


def size(value: Any) -> int | View:
    """Size of a section, or a view that has one."""
    if isinstance(value, View):
        return value
    number = integer("size", value)
    if number < 0:
        raise ViewError(
            f"size {shown(number)} of a section",
            "sizes are not negative",
            "pass the size of each tensor along the axis",
        )
    return number


def view(value: Any) -> View:
    """View of a stacked section."""
    if isinstance(value, View):
        return value
    raise ArgumentTypeError(
        f"view {shown(value)} of a section",
        "views are of fastinit.View",
        "write View(shape_of_the_tensor, axes=(1, 0)), or leave views out",
    )


def distinct_names(names: Any) -> tuple[str, ...]:
    """Canonical names, at least one and no two equal."""
    checked = tuple(map(check_name, listed("names", names)))
    seen: set[str] = set()
    for name in checked:
        if name in seen:
            raise ViewError(
                f"sections with the name {shown(name)} twice",
                "equal names give equal values, so each tensor has its own",
                "give each section the canonical name of its tensor",
            )
        seen.add(name)
    if not checked:
        raise ViewError(
            "no sections",
            "an array holds one tensor or more",
            "name the tensors that the array holds",
        )
    return checked


def uneven(what: str, count: int, names: int) -> ViewError:
    """Error of sections whose arguments differ in number."""
    return ViewError(
        f"{count} {what} for {names} names",
        "each section has a name",
        f"pass as many {what} as names",
    )
