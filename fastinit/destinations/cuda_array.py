"""Arrays that tell their device memory by ``__cuda_array_interface__``: Numba's too.

https://numba.readthedocs.io/en/stable/cuda/cuda_array_interface.html, version 3.
"""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from fastinit.backends.protocol import Place
from fastinit.destinations.cuda_memory import DeviceArray, open_device_array
from fastinit.destinations.protocol import Opened
from fastinit.dtypes import Dtype, dtype_of
from fastinit.errors import DestinationError, DtypeError, ReadOnlyError, shown
from fastinit.windows import c_strides

__all__ = ["open_writable", "read_values"]


def open_writable(array: Any) -> Opened:
    """Open an array with a ``__cuda_array_interface__``.

    Parameters
    ----------
    array : object
        On a CUDA device, of any strides without overlap.

    Returns
    -------
    opened : Opened
        Its memory, on the stream that the interface names.

    Raises
    ------
    ReadOnlyError
        If the interface says that it must not be written.
    DtypeError
        If its dtype is in no row, or of the other byte order.
    DestinationError
        If it has a mask, overlaps itself, or its elements are misaligned.
    """
    told = getattr(array, "__cuda_array_interface__", None)
    if told is None:
        raise DestinationError(
            f"a {type(array).__name__} that is not on a CUDA device",
            "arrays of its class are filled there",
            "pass its memory as a NumPy array",
        )
    shape = tuple(int(size) for size in told["shape"])
    address, is_read_only = told["data"]
    if is_read_only:
        raise ReadOnlyError(
            f"a read-only array of shape {shape} on a CUDA device",
            "the destination must be writable",
            "pass a writable array or copy it first",
        )
    if told.get("mask") is not None:
        raise DestinationError(
            "an array on a CUDA device with a mask",
            "arrays are plain",
            "pass its data and treat the mask yourself",
        )
    dtype = _dtype(array, told["typestr"])
    strides = told.get("strides")
    if strides is None:
        strides = [stride * dtype.itemsize for stride in c_strides(shape)]
    # None says that nothing is under way; a fill then goes to the default stream.
    stream = told.get("stream")
    place = Place(-1, int(stream or 0), stream is not None)
    name = f"{type(array).__name__} on a CUDA device"
    steps = tuple(int(stride) for stride in strides)
    return open_device_array(
        DeviceArray(name, int(address or 0), shape, steps, dtype, place, array)
    )


def _dtype(array: Any, typestr: str) -> Dtype:
    """Row of the dtype: the array's own, as no type string has bfloat16."""
    if typestr.startswith(">"):
        raise DtypeError(
            f"dtype {typestr} on a CUDA device",
            "device memory holds numbers in the byte order of the device",
            "fill an array of native byte order",
        )
    own = getattr(array, "dtype", None)
    try:
        return dtype_of(np.dtype(typestr) if own is None else own)
    except TypeError as error:
        raise DtypeError(
            f"type string {shown(typestr)}",
            "it must name a NumPy dtype",
            "pass an array that has a dtype of its own",
        ) from error


def read_values(array: Any) -> NoReturn:
    """Raise: values on a device have to be copied first.

    Parameters
    ----------
    array : object
        On a CUDA device.

    Raises
    ------
    DestinationError
        Always.
    """
    raise DestinationError(
        f"a {type(array).__name__} on a CUDA device",
        "values are read from host memory",
        "copy it to the host first, e.g. array.get() or array.copy_to_host()",
    )
