"""torch tensors in host memory as destinations, without a copy.

Nothing here imports torch: a tensor's own module is at hand when one is passed.
"""

from __future__ import annotations

import functools
import sys
from typing import Any

from fastinit.backends.protocol import Memory
from fastinit.destinations.protocol import Opened, refuse_overlap
from fastinit.dtypes import dtype_of, numpy_dtype
from fastinit.errors import DestinationError

__all__ = ["open_writable", "read_values"]


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
    if tensor.device.type != "cpu":
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
        raise DestinationError(found, "tensors are dense and in host memory", remedy)


def open_writable(tensor: Any) -> Opened:
    """Open a torch tensor in host memory.

    Parameters
    ----------
    tensor : torch.Tensor or torch.nn.Parameter
        Dense, on the CPU, of any strides without overlap.

    Returns
    -------
    opened : Opened
        Memory of the tensor; `before` bumps autograd's version counter.

    Raises
    ------
    DestinationError
        If the tensor is not dense, not on the CPU, a subclass with a dispatch of
        its own, or overlaps itself.
    DtypeError
        If its dtype is in no row.
    """
    _require_plain(tensor)
    dtype = dtype_of(tensor.dtype)
    shape = tuple(tensor.shape)
    strides = tuple(stride * dtype.itemsize for stride in tensor.stride())
    refuse_overlap(shape, strides, dtype.itemsize, "tensor")
    memory = Memory(tensor.data_ptr(), strides, tensor)
    return Opened(shape, dtype, memory, "cpu", functools.partial(_bump_version, tensor))


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
    dtype = dtype_of(tensor.dtype)
    plain = tensor.detach()
    if dtype.is_low_precision:
        plain = plain.view(sys.modules["torch"].int16)
    return plain.numpy().view(numpy_dtype(dtype.name))
