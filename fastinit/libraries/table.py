"""Whose initializers can be judged: one row each."""

from __future__ import annotations

import difflib

from fastinit.errors import ArgumentError, shown
from fastinit.libraries.arrays import Cupy, NumPy
from fastinit.libraries.jax import Jax
from fastinit.libraries.keras import Keras
from fastinit.libraries.protocol import Library
from fastinit.libraries.torch import Torch

__all__ = ["LIBRARIES", "library_of"]

#: Every library, by the name of its module.
LIBRARIES: dict[str, Library] = {
    row.package: row for row in (Torch(), Jax(), Keras(), NumPy(), Cupy())
}


def library_of(name: object) -> Library:
    """Row of a library.

    Parameters
    ----------
    name : str
        Name of its module.

    Returns
    -------
    library : Library
        The row; the library need not be installed.

    Raises
    ------
    ArgumentError
        If no row has that name.

    Examples
    --------
    >>> library_of("jax").home
    'jax.nn.initializers'
    """
    if isinstance(name, str) and name in LIBRARIES:
        return LIBRARIES[name]
    close = difflib.get_close_matches(str(name), LIBRARIES, 1)
    raise ArgumentError(
        f"library {shown(name)}",
        f"libraries whose initializers can be run are {', '.join(LIBRARIES)}",
        f"did you mean {close[0]!r}?"
        if close
        else "choose one of these, or judge an array of it with 'fastinit check'",
    )
