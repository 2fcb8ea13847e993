"""torch tensors as destinations, in host memory or on CUDA devices, without a copy.

Nothing here imports torch unless a new tensor is asked for: a tensor's own module is
at hand when one is passed.
"""

from __future__ import annotations

import functools
import importlib
import math
import sys
from typing import Any

import numpy as np

from fastinit.backends.protocol import Memory, Place
from fastinit.destinations.creation import no_memory, required
from fastinit.destinations.cuda_memory import DeviceArray, open_device_array
from fastinit.destinations.protocol import Opened, refuse_overlap
from fastinit.dtypes import dtype_of, numpy_dtype
from fastinit.errors import DestinationError, OutOfMemoryError, shown

__all__ = ["new_array", "open_writable", "read_values"]


def _bump_version(tensor: Any) -> None:
    """Tell autograd that the values change, so that a stale backward raises."""
    if not tensor.is_inference():
        sys.modules["torch"].autograd.graph.increment_version(tensor)


def _bytes_needed(tensor: Any) -> int:
    """Bytes of storage that the elements of a non-empty tensor reach."""
    steps = zip(tensor.shape, tensor.stride(), strict=True)
    last = sum((size - 1) * stride for size, stride in steps)
    return int((tensor.storage_offset() + last + 1) * tensor.element_size())


def _reason_against(tensor: Any) -> tuple[str, str]:
    """What is wrong with a tensor and what to do, or two empty texts."""
    torch = sys.modules["torch"]
    plain = (torch.Tensor, torch.nn.Parameter, torch.nn.Buffer)
    if isinstance(tensor, torch.nn.parameter.UninitializedTensorMixin):
        return "an uninitialized lazy tensor", "materialise it first"
    if torch._C._functorch.is_functorch_wrapped_tensor(tensor):
        return "a tensor inside a transform of torch.func", "fill it outside"
    if tensor.is_nested:
        return "a nested tensor", "fill the tensors that it nests"
    if tensor.layout is not torch.strided:
        return f"layout {tensor.layout}", "fill a dense tensor and convert it"
    if type(tensor) not in plain and not issubclass(type(tensor), torch.nn.Parameter):
        return f"a tensor of class {type(tensor).__name__}", "fill its local tensor"
    if tensor.device.type == "meta":
        return "a meta tensor without memory", "call to_empty(device='cpu') first"
    if tensor.device.type not in {"cpu", "cuda"}:
        return f"a tensor on {tensor.device}", "fill a CPU tensor and move it there"
    if tensor.is_conj() or tensor.is_neg():
        return "a lazily conjugated or negated tensor", "resolve it first"
    if tensor._is_zerotensor():
        return "a tensor of zeros without memory", "clone it first"
    if tensor.numel() and tensor.untyped_storage().nbytes() < _bytes_needed(tensor):
        return "a tensor with less memory than elements", "materialise it first"
    return "", ""


def _require_plain(tensor: Any) -> None:
    found, remedy = _reason_against(tensor)
    if found:
        raise DestinationError(
            found, "tensors are dense, in host memory or on a CUDA device", remedy
        )


def open_writable(tensor: Any) -> Opened:
    """Open a torch tensor.

    Parameters
    ----------
    tensor : torch.Tensor or torch.nn.Parameter
        Dense, on the CPU or a CUDA device, of any strides without overlap.

    Returns
    -------
    opened : Opened
        Memory of the tensor, on a device with torch's current stream there; `before`
        bumps autograd's version counter.

    Raises
    ------
    DestinationError
        If the tensor is not dense, on another kind of device, a subclass with a
        dispatch of its own, or overlaps itself.
    DtypeError
        If its dtype is in no row.
    """
    _require_plain(tensor)
    dtype = dtype_of(tensor.dtype)
    shape = tuple(tensor.shape)
    strides = tuple(stride * dtype.itemsize for stride in tensor.stride())
    before = functools.partial(_bump_version, tensor)
    if tensor.device.type == "cuda":
        stream = sys.modules["torch"].cuda.current_stream(tensor.device).cuda_stream
        place = Place(tensor.device.index, stream)
        held = ("tensor", tensor.data_ptr(), shape, strides, dtype, place, tensor)
        return open_device_array(DeviceArray(*held), before)
    refuse_overlap(shape, strides, dtype.itemsize, "tensor")
    memory = Memory(tensor.data_ptr(), strides, tensor)
    return Opened(shape, dtype, memory, "cpu", before)


def new_array(
    shape: tuple[int, ...], dtype: np.dtype[Any], kind: str, device: int | None
) -> Any:
    """Make a tensor of no particular values.

    Parameters
    ----------
    shape : tuple of int
        Sizes, each >= 0.
    dtype : numpy.dtype
        Of the tensor.
    kind : {'cpu', 'cuda'}
        Kind of device.
    device : int or None
        Number of the CUDA device; the current one by default.

    Returns
    -------
    tensor : torch.Tensor, shape `shape`
        Contiguous, without gradient.

    Raises
    ------
    MissingPackageError
        If torch is not installed.
    OutOfMemoryError
        If memory does not suffice.
    DestinationError
        If this torch has no such device.
    """
    with required("torch"):
        torch = importlib.import_module("torch")
    place = kind if device is None else f"{kind}:{device}"
    try:
        return torch.empty(shape, dtype=getattr(torch, dtype.name), device=place)
    except torch.OutOfMemoryError as error:
        raise no_memory(shape, dtype, device) from error
    except (RuntimeError, AssertionError, TypeError) as error:
        if kind == "cpu":
            size = math.prod(shape) * dtype.itemsize / 2**30
            raise OutOfMemoryError(
                f"a new tensor of shape {shown(shape)}, {size:,.1f} GiB",
                "it must fit into the memory of this process",
                "fill parts of it with View, or write it to a file",
            ) from error
        raise DestinationError(
            f"a new tensor on {place}",
            f"torch {torch.__version__} cannot make it ({error})",
            "install a torch with CUDA, or choose another device or array_type",
        ) from error


def read_values(tensor: Any) -> Any:
    """Values of a torch tensor for reading, without a copy.

    Parameters
    ----------
    tensor : torch.Tensor
        Dense, on the CPU.

    Returns
    -------
    values : numpy.ndarray
        Shares the tensor's memory; bfloat16 as ml_dtypes has it.

    Raises
    ------
    DestinationError
        If the tensor is not dense, not on the CPU or without memory.
    DtypeError
        If its dtype is in no row.
    """
    _require_plain(tensor)
    if tensor.device.type != "cpu":
        raise DestinationError(
            f"a tensor on {tensor.device}",
            "values are read from host memory",
            "copy it to the host first: tensor.cpu()",
        )
    dtype = dtype_of(tensor.dtype)
    plain = tensor.detach()
    if dtype.is_low_precision:
        torch = sys.modules["torch"]
        plain = plain.view(torch.int16 if dtype.itemsize == 2 else torch.int8)
    return plain.numpy().view(numpy_dtype(dtype.name))
