"""Device memory as destinations: what all kinds of arrays on CUDA devices share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from fastinit.backends.protocol import Memory, Place
from fastinit.destinations.protocol import Opened, refuse_overlap
from fastinit.dtypes import Dtype
from fastinit.errors import DestinationError

__all__ = ["DeviceArray", "open_device_array"]


def _nothing() -> None:
    """Nothing to tell: these libraries keep no record of changes."""


class DeviceArray(NamedTuple):
    """What an array on a device says about itself.

    Attributes
    ----------
    kind : str
        What it is called in messages.
    address : int
        Address of the element at (0, ..., 0).
    shape : tuple of int
        Its shape.
    strides : tuple of int
        Bytes per step along each axis.
    dtype : Dtype
        Row of its dtype.
    place : Place
        Device and stream.
    owner : object
        Keeps the memory alive.
    """

    kind: str
    address: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: Dtype
    place: Place
    owner: Any


def open_device_array(
    array: DeviceArray, before: Callable[[], None] = _nothing
) -> Opened:
    """Open an array on a CUDA device.

    Parameters
    ----------
    array : DeviceArray
        What it says about itself.
    before : callable, optional
        Tells its library that the values change.

    Returns
    -------
    opened : Opened
        Its memory, for backend 'cuda'.

    Raises
    ------
    DestinationError
        If elements overlap, or lie where no device can store them.

    Examples
    --------
    >>> from fastinit.dtypes import DTYPES
    >>> row = DTYPES["float32"]
    >>> open_device_array(DeviceArray("array", 512, (2,), (4,), row, Place(0, 0), None)
    ...     ).backend
    'cuda'
    """
    kind, address, shape, strides, dtype, place, owner = array
    refuse_overlap(shape, strides, dtype.itemsize, kind)
    steps = [stride for size, stride in zip(shape, strides, strict=True) if size > 1]
    if any(number % dtype.itemsize for number in (address, *steps)):
        raise DestinationError(
            f"{kind} at address {address:#x} with strides {strides}",
            f"a device stores {dtype.name} at multiples of {dtype.itemsize} bytes only",
            "copy it to an array of its own before filling",
        )
    memory = Memory(address, strides, owner, False, place)
    return Opened(shape, dtype, memory, "cuda", before)
