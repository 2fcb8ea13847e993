"""CuPy arrays as destinations, on the current stream of their device.

Nothing here imports CuPy unless a new array is asked for: an array's own module is at
hand when one is passed.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import numpy as np

from fastinit.backends.protocol import Place
from fastinit.destinations.creation import no_memory, required
from fastinit.destinations.cuda_array import read_values
from fastinit.destinations.cuda_memory import DeviceArray, open_device_array
from fastinit.destinations.protocol import Opened
from fastinit.dtypes import dtype_of

__all__ = ["new_array", "open_writable", "read_values"]


def open_writable(array: Any) -> Opened:
    """Open a CuPy array.

    Parameters
    ----------
    array : cupy.ndarray
        Of any strides without overlap.

    Returns
    -------
    opened : Opened
        Its memory, on CuPy's current stream of its device.

    Raises
    ------
    DtypeError
        If its dtype is in no row.
    DestinationError
        If it overlaps itself.
    """
    with array.device:
        stream = sys.modules["cupy"].cuda.get_current_stream()
    place = Place(int(array.device.id), int(stream.ptr))
    shape, strides = tuple(array.shape), tuple(array.strides)
    address, dtype = int(array.data.ptr), dtype_of(array.dtype)
    held = DeviceArray("CuPy array", address, shape, strides, dtype, place, array)
    return open_device_array(held)


def new_array(shape: tuple[int, ...], dtype: np.dtype[Any], device: int | None) -> Any:
    """Make a CuPy array of no particular values.

    Parameters
    ----------
    shape : tuple of int
        Sizes, each >= 0.
    dtype : numpy.dtype
        Of the array.
    device : int or None
        Number of the device; the current one by default.

    Returns
    -------
    array : cupy.ndarray, shape `shape`
        C-contiguous.

    Raises
    ------
    MissingPackageError
        If CuPy is not installed.
    OutOfMemoryError
        If the device has too little memory.
    """
    with required("cupy"):
        cupy = importlib.import_module("cupy")
    try:
        with cupy.cuda.Device(device):
            return cupy.empty(shape, dtype)
    except cupy.cuda.memory.OutOfMemoryError as error:
        raise no_memory(shape, dtype, device) from error
