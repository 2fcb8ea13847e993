"""Arrays of any library that tell their device memory by DLPack.

https://dmlc.github.io/dlpack/latest/c_api.html, both the versioned structure and the
older one. The capsule is looked at and not consumed, so the producer frees it.
"""

from __future__ import annotations

import ctypes
from typing import Any

from fastinit.backends.protocol import Place
from fastinit.destinations.cuda_array import read_values
from fastinit.destinations.cuda_memory import DeviceArray, open_device_array
from fastinit.destinations.protocol import Opened
from fastinit.dtypes import DTYPES, Dtype
from fastinit.errors import DestinationError, DtypeError, ReadOnlyError
from fastinit.windows import c_strides

__all__ = ["open_writable", "read_values"]

#: Types of devices whose memory a CUDA kernel writes: kDLCUDA and kDLCUDAManaged.
_CUDA = (2, 13)
#: The stream for which a producer makes its memory ready: the legacy default one.
_LEGACY_STREAM = 1
#: Flag of the versioned structure: the memory must not be written.
_READ_ONLY = 1
#: Names of dtypes by code; integers, floats and bool are told by their width too.
_FAMILIES = {
    0: "int{}",
    1: "uint{}",
    2: "float{}",
    4: "bfloat{}",
    5: "complex{}",
    6: "bool",
}
_NAMES = {8: "float8_e4m3", 10: "float8_e4m3fn", 12: "float8_e5m2"}


class _Device(ctypes.Structure):
    _fields_ = (("kind", ctypes.c_int32), ("number", ctypes.c_int32))


class _Type(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint8),
        ("bits", ctypes.c_uint8),
        ("lanes", ctypes.c_uint16),
    )


class _Tensor(ctypes.Structure):
    """DLTensor."""

    _fields_ = (
        ("data", ctypes.c_void_p),
        ("device", _Device),
        ("ndim", ctypes.c_int32),
        ("dtype", _Type),
        ("shape", ctypes.POINTER(ctypes.c_int64)),
        ("strides", ctypes.POINTER(ctypes.c_int64)),
        ("byte_offset", ctypes.c_uint64),
    )


class _Versioned(ctypes.Structure):
    """DLManagedTensorVersioned."""

    _fields_ = (
        ("major", ctypes.c_uint32),
        ("minor", ctypes.c_uint32),
        ("manager", ctypes.c_void_p),
        ("deleter", ctypes.c_void_p),
        ("flags", ctypes.c_uint64),
        ("tensor", _Tensor),
    )


def open_writable(array: Any) -> Opened:
    """Open an array that speaks DLPack and lives on a CUDA device.

    Parameters
    ----------
    array : object
        With ``__dlpack__`` and ``__dlpack_device__``.

    Returns
    -------
    opened : Opened
        Its memory, on the default stream.

    Raises
    ------
    ReadOnlyError
        If its library says that it must not be written, as JAX does.
    DtypeError
        If its dtype is in no row.
    DestinationError
        If it is not on a CUDA device, overlaps itself or is misaligned.
    """
    name = f"{type(array).__module__.partition('.')[0]} array"
    kind, _ = array.__dlpack_device__()
    if int(kind) not in _CUDA:
        raise DestinationError(
            f"a {name} on a DLPack device of type {int(kind)}",
            "by way of DLPack arrays on CUDA devices are filled",
            "pass its memory as a NumPy array, e.g. numpy.from_dlpack(array)",
        )
    capsule = _capsule(array)
    tensor = _tensor(capsule, name)
    dtype = _dtype(tensor.dtype)
    place = Place(int(tensor.device.number), 0, True)
    shape = tuple(tensor.shape[axis] for axis in range(tensor.ndim))
    strides = _strides(tensor, shape, dtype.itemsize)
    address = (tensor.data or 0) + tensor.byte_offset
    owner = array, capsule
    held = DeviceArray(name, address, shape, strides, dtype, place, owner)
    return open_device_array(held)


def _capsule(array: Any) -> Any:
    """Capsule of the newest kind that the producer knows."""
    try:
        return array.__dlpack__(stream=_LEGACY_STREAM, max_version=(1, 0))
    except TypeError:
        # A producer from before version 1 does not know that keyword.
        return array.__dlpack__(stream=_LEGACY_STREAM)


def _tensor(capsule: Any, name: str) -> _Tensor:
    """Structure in a capsule, of either kind."""
    api = ctypes.pythonapi
    is_valid = ctypes.PYFUNCTYPE(ctypes.c_int, ctypes.py_object, ctypes.c_char_p)(
        ("PyCapsule_IsValid", api)
    )
    pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
        ("PyCapsule_GetPointer", api)
    )
    if is_valid(capsule, b"dltensor_versioned"):
        held = _Versioned.from_address(pointer(capsule, b"dltensor_versioned"))
        if held.flags & _READ_ONLY:
            raise ReadOnlyError(
                f"a read-only {name}",
                "the destination must be writable",
                "pass a writable array or copy it first",
            )
        tensor: _Tensor = held.tensor
        return tensor
    return _Tensor.from_address(pointer(capsule, b"dltensor"))


def _dtype(kind: Any) -> Dtype:
    """Row of a DLPack dtype."""
    family = _FAMILIES.get(kind.code, "").format(kind.bits)
    row = DTYPES.get(_NAMES.get(kind.code, family))
    if row is None or kind.lanes != 1:
        raise DtypeError(
            f"DLPack dtype of code {kind.code}, {kind.bits} bits, {kind.lanes} lanes",
            f"fastinit writes {', '.join(DTYPES)}",
            "choose one of these, or convert the array",
        )
    return row


def _strides(tensor: _Tensor, shape: tuple[int, ...], itemsize: int) -> tuple[int, ...]:
    """Strides in bytes; DLPack counts elements, and may leave them out."""
    steps = tensor.strides[: len(shape)] if tensor.strides else c_strides(shape)
    return tuple(step * itemsize for step in steps)
