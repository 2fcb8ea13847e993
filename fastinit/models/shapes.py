"""Shapes and sizes in the tables of a plan, as numbers or expressions."""

from __future__ import annotations

import math
from collections.abc import Mapping

from fastinit.errors import PlanError
from fastinit.identity import STREAM_LIMIT
from fastinit.models.expressions import evaluate
from fastinit.models.toml_tables import Table, located, shown

__all__ = ["shape_in", "size_of"]

#: Most dimensions that a NumPy array can have.
MAX_DIMENSIONS = 64


def shape_in(
    table: Table, key: str, constants: Mapping[str, int | float]
) -> tuple[int, ...]:
    """Shape that a table gives.

    Parameters
    ----------
    table : Table
        A table with the key.
    key : str
        Like 'shape'.
    constants : mapping of str to int or float
        Values of the named constants.

    Returns
    -------
    shape : tuple of int
        Sizes, each >= 0.

    Raises
    ------
    PlanError
        If the key is absent, or it is no shape.

    Examples
    --------
    >>> shape_in(Table({"shape": [2, "3 * n"]}, "x.toml"), "shape", {"n": 4})
    (2, 12)
    """
    given = table.required(key)
    if not isinstance(given, list) or len(given) > MAX_DIMENSIONS:
        raise PlanError(
            f"{table.place(key)} is {shown(given)}",
            f"a shape is an array of at most {MAX_DIMENSIONS} sizes",
            'write it like [768, "3 * n_embd"], or [] for a scalar',
        )
    with located(table.place(key)):
        shape = tuple(size_of(one, constants) for one in given)
        if math.prod(shape) >= STREAM_LIMIT:
            raise PlanError(
                f"shape {shown(shape)} has {shown(math.prod(shape))} elements",
                "a tensor has fewer than 2^58",
                "correct a size, or split the tensor",
            )
    return shape


def size_of(given: object, constants: Mapping[str, int | float]) -> int:
    """Size from a number or an expression.

    Parameters
    ----------
    given : object
        What TOML gave.
    constants : mapping of str to int or float
        Values of the named constants.

    Returns
    -------
    size : int
        In [0, 2^58).

    Raises
    ------
    PlanError
        If it is no such integer.

    Examples
    --------
    >>> size_of("n / 2", {"n": 6})
    3
    """
    value = evaluate(given, constants)
    if isinstance(value, int) and 0 <= value < STREAM_LIMIT:
        return value
    raise PlanError(
        f"size {shown(given)} is {shown(value)}",
        "a size is an integer in [0, 2^58)",
        "correct it; a division must leave no remainder",
    )
