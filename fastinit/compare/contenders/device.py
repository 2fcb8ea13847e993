"""Arrays in the memory of a GPU, from torch, CuPy or Numba, whichever has one."""

from __future__ import annotations

import functools
import importlib
import importlib.util
from typing import Any

from fastinit.compare.cases import Case
from fastinit.compare.contenders.torch import on_host
from fastinit.dtypes import numpy_dtype

__all__ = [
    "CupyMemory",
    "DeviceMemory",
    "NumbaMemory",
    "TorchMemory",
    "cupy_reason",
    "device_memory",
    "missing_gpu",
    "numba_reason",
    "torch_reason",
]


class TorchMemory:
    """Tensors of torch on the current CUDA device."""

    def __init__(self) -> None:
        self.torch: Any = importlib.import_module("torch")

    def empty(self, case: Case, *, is_transposed: bool = False) -> Any:
        """Tensor of a case, not filled.

        Parameters
        ----------
        case : Case
            Shape and dtype.
        is_transposed : bool
            True for transposed storage of the same shape.
        """
        rows, columns = case.size.shape
        shape = (columns, rows) if is_transposed else (rows, columns)
        dtype = getattr(self.torch, case.dtype)
        made = self.torch.empty(shape, dtype=dtype, device="cuda")
        return made.T if is_transposed else made

    def wait(self) -> None:
        """Wait until the device is idle."""
        self.torch.cuda.synchronize()

    def values(self, array: Any) -> Any:
        """Values in host memory."""
        return on_host(array.cpu())


class CupyMemory:
    """Arrays of CuPy on the current device."""

    def __init__(self) -> None:
        self.cupy: Any = importlib.import_module("cupy")

    def empty(self, case: Case, *, is_transposed: bool = False) -> Any:
        """Array of a case, not filled.

        Parameters
        ----------
        case : Case
            Shape and dtype.
        is_transposed : bool
            True for transposed storage of the same shape.
        """
        order = "F" if is_transposed else "C"
        return self.cupy.empty(case.size.shape, case.dtype, order=order)

    def wait(self) -> None:
        """Wait until the device is idle."""
        self.cupy.cuda.get_current_stream().synchronize()

    def values(self, array: Any) -> Any:
        """Values in host memory."""
        return self.cupy.asnumpy(array)


class NumbaMemory:
    """Device arrays of numba-cuda on the current device."""

    def __init__(self) -> None:
        self.cuda: Any = importlib.import_module("numba.cuda")

    def empty(self, case: Case, *, is_transposed: bool = False) -> Any:
        """Array of a case, not filled.

        Parameters
        ----------
        case : Case
            Shape and dtype.
        is_transposed : bool
            True for transposed storage of the same shape.
        """
        order = "F" if is_transposed else "C"
        dtype = numpy_dtype(case.dtype)
        return self.cuda.device_array(case.size.shape, dtype, order=order)

    def wait(self) -> None:
        """Wait until the device is idle."""
        self.cuda.synchronize()

    def values(self, array: Any) -> Any:
        """Values in host memory."""
        return array.copy_to_host()


DeviceMemory = TorchMemory | CupyMemory | NumbaMemory


def torch_reason() -> str:
    """Reason why torch has no GPU here, or ''.

    Examples
    --------
    >>> isinstance(torch_reason(), str)
    True
    """
    if importlib.util.find_spec("torch") is None:
        return "torch is not installed"
    torch: Any = importlib.import_module("torch")
    if torch.version.cuda is None:
        return f"torch {torch.__version__} is built without CUDA"
    return "" if torch.cuda.is_available() else "torch finds no CUDA device"


def cupy_reason() -> str:
    """Reason why CuPy has no GPU here, or ''.

    Examples
    --------
    >>> isinstance(cupy_reason(), str)
    True
    """
    if importlib.util.find_spec("cupy") is None:
        return "cupy is not installed"
    cupy: Any = importlib.import_module("cupy")
    return "" if cupy.cuda.is_available() else "cupy finds no CUDA device"


def numba_reason() -> str:
    """Reason why Numba has no GPU here, or ''.

    Examples
    --------
    >>> isinstance(numba_reason(), str)
    True
    """
    if importlib.util.find_spec("numba_cuda") is None:
        return "numba-cuda is not installed"
    cuda: Any = importlib.import_module("numba.cuda")
    return "" if cuda.is_available() else "Numba finds no CUDA device"


def missing_gpu() -> str:
    """Reason why no library has device arrays here, or ''.

    Examples
    --------
    >>> isinstance(missing_gpu(), str)
    True
    """
    reasons = (torch_reason(), cupy_reason(), numba_reason())
    return "; ".join(reasons) if all(reasons) else ""


@functools.cache
def device_memory() -> DeviceMemory:
    """Library of device arrays: the first of torch, CuPy and Numba that has a GPU.

    Returns
    -------
    memory : TorchMemory, CupyMemory or NumbaMemory
        One of them; call it only where `missing_gpu` is ''.
    """
    if not torch_reason():
        return TorchMemory()
    return NumbaMemory() if cupy_reason() else CupyMemory()
