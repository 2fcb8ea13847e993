"""What the tensors of a plan hold: padded, fused and stacked canonical tensors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastinit.errors import PlanError
from fastinit.models.names import count, expand_within
from fastinit.models.shapes import shape_in, size_of
from fastinit.models.toml_tables import Table, located, shown
from fastinit.sections import Sections
from fastinit.view import View

__all__ = ["HOLDING_KEYS", "count_sections", "padded_in", "sections_in"]

#: Keys of a [[tensor]] table that say what it holds.
HOLDING_KEYS = ("index_shape", "stored_shape", "sections")

_SECTION_KEYS = ("axis", "sizes", "names", "groups", "stacked")
_EXAMPLE = 'write sections = { axis = 0, sizes = [64, 64], names = ["q", "k"] }'


def padded_in(
    table: Table, shape: tuple[int, ...], constants: Mapping[str, int | float]
) -> View | None:
    """View of a tensor that is stored with padding, or may grow.

    Parameters
    ----------
    table : Table
        A [[tensor]] table.
    shape : tuple of int
        Its canonical shape.
    constants : mapping of str to int or float
        Values of the named constants.

    Returns
    -------
    view : View or None
        Of the stored array; None where the table has neither `stored_shape` nor
        `index_shape`.

    Raises
    ------
    PlanError
        If one of them is no shape, or does not hold the one before it.

    Examples
    --------
    >>> table = Table({"stored_shape": [50304, 768]}, "x.toml")
    >>> padded_in(table, (50257, 768), {}).held_shape
    (50304, 768)
    """
    held = {"shape": shape}
    for key in ("stored_shape", "index_shape"):
        if key in table.entries:
            found = shape_in(table, key, constants)
            inner, least = next(reversed(held.items()))
            smaller = any(map(int.__lt__, found, least))
            if len(found) != len(least) or smaller:
                raise PlanError(
                    f"{table.place(key)} is {shown(found)}",
                    f"no size is below that of {inner}, {shown(least)}",
                    "pad on the right axis, or leave the key out",
                )
            held[key] = found
    if len(held) == 1:
        return None
    stored = held.get("stored_shape", shape)
    index = tuple(slice(0, size) for size in stored)
    with located(table.where):
        return View(shape, index, index_shape=held.get("index_shape", stored))


def count_sections(table: Table) -> int:
    """Count the canonical tensors of all names of a table.

    Parameters
    ----------
    table : Table
        A [[tensor]] table.

    Returns
    -------
    count : int
        0 where the table has no sections.

    Raises
    ------
    PlanError
        If the sections are no table with names.

    Examples
    --------
    >>> count_sections(Table({"sections": {"names": ["h.{0..3}.{q,k}"]}}, "x.toml"))
    8
    """
    if "sections" not in table.entries:
        return 0
    inner = _inner(table)
    with located(inner.place("names")):
        return sum(map(count, _texts(inner)))


def sections_in(
    table: Table,
    shape: tuple[int, ...],
    n_names: int,
    constants: Mapping[str, int | float],
) -> list[Sections]:
    """Sections of the tensors of a table.

    Parameters
    ----------
    table : Table
        A [[tensor]] table with the key `sections`.
    shape : tuple of int
        Shape of the stored array.
    n_names : int
        Number of tensors of the table.
    constants : mapping of str to int or float
        Values of the named constants.

    Returns
    -------
    sections : list of Sections
        One per tensor.

    Raises
    ------
    PlanError
        If the sections are wrong, or do not fill the shape.

    Examples
    --------
    >>> names = ["h.{0..1}.{q,r}", "h.{0..1}.k"]
    >>> sections = {"axis": 0, "sizes": [8, 4], "names": names}
    >>> table = Table({"name": "h.{0..1}.qrk", "sections": sections}, "x.toml")
    >>> [one.names for one in sections_in(table, (20, 8), 2, {})]
    [('h.0.q', 'h.0.r', 'h.0.k'), ('h.1.q', 'h.1.r', 'h.1.k')]
    """
    for key in ("canonical", "index_shape", "stored_shape"):
        if key in table.entries:
            raise PlanError(
                f"{table.place(key)} stands beside sections",
                "sections hold whole tensors, under canonical names of their own",
                f"remove {key}, or store the tensors one by one",
            )
    inner = _inner(table)
    inner.check_keys(_SECTION_KEYS)
    is_stacked = _is_stacked(inner)
    with located(inner.place("names")):
        items = [expand_within(text, table.text("name")) for text in _texts(inner)]
    axis = _axis(inner)
    with located(inner.place("groups")):
        groups = size_of(inner.entries.get("groups", 1), constants)
    sizes: list[int] = []
    if not is_stacked:
        sizes = _sizes(inner, [len(item[0]) for item in items], constants)
    made = []
    with located(inner.where):
        for number in range(n_names):
            names = [name for item in items for name in item[number]]
            one = (
                Sections.stack(names, axis=axis)
                if is_stacked
                else Sections(axis, sizes, names, groups=groups)
            )
            one.grid(shape)
            made.append(one)
    return made


def _inner(table: Table) -> Table:
    """The table under `sections`."""
    entries = table.entries["sections"]
    if not isinstance(entries, dict):
        raise PlanError(
            f"{table.place('sections')} is {shown(entries)}",
            f"it is a table with the keys {', '.join(_SECTION_KEYS)}",
            _EXAMPLE,
        )
    return Table(entries, f"{table.where}, sections")


def _texts(inner: Table) -> list[str]:
    """Texts of the names of sections, with their braces."""
    given = inner.required("names")
    if isinstance(given, list) and given and all(isinstance(o, str) for o in given):
        return given
    raise PlanError(
        f"{inner.place('names')} is {shown(given)}",
        "it is an array of canonical names, not empty",
        _EXAMPLE,
    )


def _is_stacked(inner: Table) -> bool:
    """Whether each section is one step of the axis, which must be said."""
    given = inner.entries.get("stacked", False)
    if not isinstance(given, bool):
        raise PlanError(
            f"{inner.place('stacked')} is {shown(given)}",
            "it is true or false",
            "write stacked = true, or sizes",
        )
    for key in ("sizes", "groups"):
        if given and key in inner.entries:
            raise PlanError(
                f"{inner.place(key)} stands beside stacked",
                "each stacked tensor is one step of the axis, which it does not have",
                f"remove {key}, or stacked",
            )
    if not given:
        inner.required("sizes")
    return given


def _axis(inner: Table) -> int:
    given = inner.entries.get("axis", 0)
    # bool is an int to Python, and no number to the reader of a plan.
    if type(given) is int:
        return given
    raise PlanError(
        f"{inner.place('axis')} is {shown(given)}",
        "it is an integer",
        "write axis = 0, or leave it out",
    )


def _sizes(
    inner: Table, counts: list[int], constants: Mapping[str, int | float]
) -> list[int]:
    """Sizes along the axis, one for every name that an item of `names` stands for."""
    given: Any = inner.required("sizes")
    if not isinstance(given, list) or len(given) != len(counts):
        raise PlanError(
            f"{inner.place('sizes')} is {shown(given)}",
            f"it is an array of {len(counts)} sizes, one for each item of names",
            _EXAMPLE,
        )
    with located(inner.place("sizes")):
        pairs = zip(given, counts, strict=True)
        return [size_of(one, constants) for one, n in pairs for _ in range(n)]
