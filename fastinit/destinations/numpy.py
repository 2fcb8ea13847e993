"""NumPy arrays as destinations: contiguous, strided, memory-mapped."""

from __future__ import annotations

import functools
import math
from typing import Any

import numpy as np

from fastinit.backends.protocol import Memory
from fastinit.c_lookups import address_of
from fastinit.destinations.protocol import Opened, refuse_overlap
from fastinit.dtypes import dtype_of, is_swapped
from fastinit.errors import (
    DestinationError,
    OutOfMemoryError,
    ReadOnlyError,
    shown,
)

__all__ = ["new_array", "open_writable", "read_values"]


#: The name of a NumPy dtype costs as much as all other checks together.
_row_of = functools.lru_cache(maxsize=256)(dtype_of)


def _nothing() -> None:
    """Nothing to tell: NumPy keeps no record of changes."""


def _refuse_masked(array: Any) -> None:
    if isinstance(array, np.ma.MaskedArray):
        raise DestinationError(
            "a masked array",
            "arrays are plain or memory maps",
            "pass array.data and treat the mask yourself",
        )


def open_writable(array: Any) -> Opened:
    """Open a NumPy array.

    Parameters
    ----------
    array : numpy.ndarray
        Any shape, strides without overlap, byte order; numpy.memmap too.

    Returns
    -------
    opened : Opened
        Memory of the array.

    Raises
    ------
    ReadOnlyError
        If it cannot be written.
    DtypeError
        If its dtype is in no row.
    DestinationError
        If elements overlap, or it is a masked or structured array.

    Examples
    --------
    >>> open_writable(np.zeros((2, 3), np.float32)).dtype.name
    'float32'
    """
    _refuse_masked(array)
    dtype = _row_of(array.dtype)
    if not array.flags.writeable:
        raise ReadOnlyError(
            f"a read-only array of shape {array.shape}",
            "the destination must be writable",
            "pass a writable array or copy it first",
        )
    shape, strides = tuple(array.shape), tuple(array.strides)
    refuse_overlap(shape, strides, dtype.itemsize, "array")
    memory = Memory(address_of(array), strides, array, is_swapped(array.dtype))
    return Opened(shape, dtype, memory, "cpu", _nothing)


def new_array(shape: tuple[int, ...], dtype: np.dtype[Any]) -> Any:
    """Make an array of no particular values.

    Parameters
    ----------
    shape : tuple of int
        Sizes, each >= 0.
    dtype : numpy.dtype
        Of the array.

    Returns
    -------
    array : numpy.ndarray, shape `shape`
        C-contiguous.

    Raises
    ------
    OutOfMemoryError
        If memory does not suffice, or no address space could.

    Examples
    --------
    >>> new_array((2, 3), np.dtype("float32")).shape
    (2, 3)
    """
    try:
        return np.empty(shape, dtype)
    except (MemoryError, ValueError) as error:
        size = math.prod(shape) * dtype.itemsize
        raise OutOfMemoryError(
            f"a new array of shape {shown(shape)} and dtype {dtype.name},"
            f" {size / 2**30:,.1f} GiB",
            "it must fit into the memory of this process",
            "fill parts of it with View, or write it to a file with `fastinit create`",
        ) from error


def read_values(array: Any) -> Any:
    """Values of a NumPy array for reading: the array itself.

    Parameters
    ----------
    array : numpy.ndarray
        Any shape and strides.

    Returns
    -------
    values : numpy.ndarray
        The same array, as a plain one.

    Raises
    ------
    DestinationError
        If it is a masked array.

    Examples
    --------
    >>> read_values(np.ones(2)).tolist()
    [1.0, 1.0]
    """
    _refuse_masked(array)
    return np.asarray(array)
