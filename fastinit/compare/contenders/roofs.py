"""The speed of memory: what no initializer can pass."""

from __future__ import annotations

import ctypes
import functools
import importlib
from abc import abstractmethod
from typing import Any

import numpy as np

from fastinit.compare.cases import Case
from fastinit.compare.contenders.device import TorchMemory, torch_reason
from fastinit.compare.contenders.protocol import Action, Engine
from fastinit.compare.contenders.torch import on_host, tensor_on
from fastinit.compare.memory import Memory

__all__ = ["Copy", "DeviceRoof", "FillNumpy", "FillTorch", "Memset"]

_VALUE = 0.5


class _Roof(Engine):
    """Writes the bytes of a case without computing anything."""

    def array(self, case: Case, memory: Memory) -> Any:
        """Array of NumPy on the shared memory."""
        return memory.array(case)

    def start(self, case: Case) -> Any:
        """Nothing."""
        del case

    def values(self, array: Any) -> Any:
        """Array itself."""
        return array

    @abstractmethod
    def bind(self, case: Case, generator: Any, array: Any) -> Action:
        """Action that writes."""


class Memset(_Roof):
    """The C library's memset: zeros, which processors may write faster than others."""

    package = "ctypes"

    def lacks(self, case: Case) -> str:
        """Say that it writes bytes in a row."""
        return "memset writes contiguous memory" if case.layout != "contiguous" else ""

    def bind(self, case: Case, generator: Any, array: Any) -> Action:
        """Call of memset."""
        del generator
        # Without a declared return type ctypes would cut the address to an int.
        ctypes.memset.restype = ctypes.c_void_p
        return functools.partial(ctypes.memset, array.ctypes.data, 0, case.n_bytes)


class FillNumpy(_Roof):
    """NumPy's fill of one value, on one thread."""

    package = "numpy"

    def bind(self, case: Case, generator: Any, array: Any) -> Action:
        """Call of ndarray.fill."""
        del case, generator
        return functools.partial(array.fill, _VALUE)


class FillTorch(_Roof):
    """torch's fill of one value, on all threads."""

    package = "torch"

    def array(self, case: Case, memory: Memory) -> Any:
        """Tensor on the shared memory."""
        return tensor_on(case, memory)

    def start(self, case: Case) -> Any:
        """Nothing; the threads are those of the process."""
        torch: Any = importlib.import_module("torch")
        torch.set_num_threads(case.threads)

    def bind(self, case: Case, generator: Any, array: Any) -> Action:
        """Call of Tensor.fill_."""
        del case, generator
        return functools.partial(array.fill_, _VALUE)

    def values(self, array: Any) -> Any:
        """Values without a copy."""
        return on_host(array)


class Copy(FillTorch):
    """A copy from another array of the same size, on all threads."""

    def bind(self, case: Case, generator: Any, array: Any) -> Action:
        """Call of Tensor.copy_, from an array whose pages are present."""
        del generator
        torch: Any = importlib.import_module("torch")
        source = torch.from_numpy(np.full(case.n_bytes, 1, np.uint8))
        source = source.view(array.dtype).reshape(case.size.shape)
        return functools.partial(array.copy_, source)


class DeviceRoof(_Roof):
    """The same on a GPU, through torch.

    Parameters
    ----------
    kind : {'memset', 'fill', 'copy'}
        What is written.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def unavailable(self) -> str:
        """Reason why torch has no GPU."""
        return torch_reason()

    def array(self, case: Case, memory: Memory) -> Any:
        """Tensor on the device."""
        del memory
        return TorchMemory().empty(case)

    def bind(self, case: Case, generator: Any, array: Any) -> Action:
        """Call of torch, and a wait for the device."""
        del case, generator
        torch: Any = importlib.import_module("torch")
        write = {
            "memset": array.zero_,
            "fill": functools.partial(array.fill_, _VALUE),
            "copy": functools.partial(array.copy_, torch.ones_like(array)),
        }[self.kind]
        wait = TorchMemory().wait

        def run() -> None:
            write()
            wait()

        return run

    def values(self, array: Any) -> Any:
        """Copy in host memory."""
        return TorchMemory().values(array)
