"""Numba's device arrays as destinations, and new ones.

They speak both ``__cuda_array_interface__`` and DLPack, so that torch and CuPy take
them without a copy: ``torch.from_dlpack(array)``, ``cupy.asarray(array)``.
"""

from __future__ import annotations

import importlib
from contextlib import nullcontext
from typing import Any

import numpy as np

from fastinit.destinations.creation import no_memory, required
from fastinit.destinations.cuda_array import open_writable, read_values

__all__ = ["new_array", "open_writable", "read_values"]


def new_array(shape: tuple[int, ...], dtype: np.dtype[Any], device: int | None) -> Any:
    """Make a device array of no particular values.

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
    array : numba.cuda.cudadrv.devicearray.DeviceNDArray, shape `shape`
        C-contiguous.

    Raises
    ------
    MissingPackageError
        If numba-cuda is not installed.
    OutOfMemoryError
        If the device has too little memory.
    """
    with required("numba-cuda"):
        cuda = importlib.import_module("numba.cuda")
        failure = importlib.import_module("numba.cuda.cudadrv.driver").CudaAPIError
    try:
        with nullcontext() if device is None else cuda.gpus[device]:
            return cuda.device_array(shape, dtype)
    except (MemoryError, failure) as error:
        raise no_memory(shape, dtype, device) from error
