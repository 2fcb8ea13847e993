"""Whether a stored tensor is, bit by bit, what a plan makes."""

from __future__ import annotations

import math

import numpy as np

from fastinit.backends import get_backend
from fastinit.backends.protocol import Memory, Options
from fastinit.conformance.streaming import Source
from fastinit.dtypes import numpy_dtype
from fastinit.filling import Filling
from fastinit.windows import c_strides

__all__ = ["equals_filling"]

#: Elements that are made and compared first, and at a time.
_FIRST, _PIECE = 1 << 12, 1 << 20


def equals_filling(source: Source, filling: Filling) -> bool:
    """Whether every bit of an array is what a filling says.

    Parameters
    ----------
    source : Source
        The array.
    filling : Filling
        What it should hold.

    Returns
    -------
    equals_filling : bool
        False where shape or dtype differ.

    Examples
    --------
    >>> from fastinit import normal
    >>> from fastinit.api import make_plan
    >>> from fastinit.conformance.streaming import open_source
    >>> from fastinit.filling import whole_filling
    >>> filling = whole_filling(make_plan("normal", (50, 40), seed=1, name="w"))
    >>> array = normal((50, 40), seed=1, name="w")
    >>> equals_filling(open_source(array), filling)
    True
    >>> equals_filling(open_source(-array), filling)
    False
    """
    if source.shape != filling.shape or source.dtype != filling.dtype:
        return False
    # A wrong seed shows in the first elements; the rest need not be made.
    first = next(filling.boxes(_FIRST), None)
    if first is not None and not _equals_box(source, filling, *first):
        return False
    return all(_equals_box(source, filling, *one) for one in filling.boxes(_PIECE))


def _equals_box(
    source: Source, filling: Filling, first: int, box: tuple[slice, ...]
) -> bool:
    """Make one box of the grid and compare its bytes."""
    shape = tuple(one.stop - one.start for one in box)
    buffer = np.empty(math.prod(shape), numpy_dtype(filling.dtype.name))
    strides = tuple(step * buffer.itemsize for step in c_strides(shape))
    for plan, at, window in filling.within(box):
        memory = Memory(buffer.ctypes.data + at * buffer.itemsize, strides, buffer)
        get_backend("cpu").fill(plan, memory, window, Options())
    found = np.asarray(source.read(first, first + buffer.size))
    return found.tobytes() == buffer.tobytes()
