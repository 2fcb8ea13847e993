"""Machines that gpu_check.py works on: a real device, or an interpreter of PTX.

Both give raw device memory and say how long something takes on the device.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit import backends
from fastinit.dtypes import numpy_dtype
from fastinit_cuda.backend import CudaBackend

CANARY = 0xA5


@dataclass(frozen=True)
class Part:
    """An array in a buffer on the device; it speaks ``__cuda_array_interface__``."""

    address: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    dtype: np.dtype[Any]

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        return {
            "version": 3,
            "shape": self.shape,
            "strides": self.strides,
            "data": (self.address, False),
            "typestr": f"|V{self.dtype.itemsize}",
        }


class Machine:
    """What both machines have."""

    #: Whether times mean anything.
    is_real = True

    def allocate(self, size: int) -> int:
        """Address of new device memory, a multiple of 256."""
        raise NotImplementedError

    def free(self, address: int) -> None:
        """Give memory back."""
        raise NotImplementedError

    def set_bytes(self, address: int, size: int, value: int) -> None:
        """Put a memset on the default stream."""
        raise NotImplementedError

    def bytes_at(self, address: int, size: int) -> np.ndarray[Any, Any]:
        """Copy of device memory, when all that is under way is done."""
        raise NotImplementedError

    def seconds(self, work: Callable[[], object]) -> float:
        """Time that some work takes on the default stream of the device."""
        raise NotImplementedError

    def synchronize(self) -> None:
        """Wait for the device."""
        raise NotImplementedError

    def part(
        self,
        address: int,
        shape: Sequence[int],
        dtype: str,
        strides: Sequence[int] | None = None,
    ) -> Part:
        """Array in a buffer, in C order unless strides are given."""
        kind = numpy_dtype(dtype)
        if strides is None:
            whole = np.empty(0, kind)
            steps = [kind.itemsize] * len(shape)
            for axis in range(len(shape) - 2, -1, -1):
                steps[axis] = steps[axis + 1] * shape[axis + 1]
            strides = steps
            del whole
        return Part(address, tuple(shape), tuple(strides), kind)


class Gpu(Machine):
    """The first device of this machine, through cuda-bindings."""

    def __init__(self) -> None:
        from cuda.bindings import driver

        from fastinit_cuda.cuda_driver import checked

        self._api: Any = driver
        self._checked = checked
        reason = backends.load_backend("cuda").unavailable()
        if reason:
            raise SystemExit(f"backend cuda cannot run here: {reason}")
        device = checked(driver.cuDeviceGet(0))
        context = checked(driver.cuDevicePrimaryCtxRetain(device))
        checked(driver.cuCtxSetCurrent(context))
        self._events = [checked(driver.cuEventCreate(0)) for _ in range(2)]

    def allocate(self, size: int) -> int:
        return int(self._checked(self._api.cuMemAlloc(size)))

    def free(self, address: int) -> None:
        self._checked(self._api.cuMemFree(address))

    def set_bytes(self, address: int, size: int, value: int) -> None:
        self._checked(self._api.cuMemsetD8Async(address, value, size, 0))

    def bytes_at(self, address: int, size: int) -> np.ndarray[Any, Any]:
        out = np.empty(size, np.uint8)
        self.synchronize()
        self._checked(self._api.cuMemcpyDtoH(out.ctypes.data, address, size))
        return out

    def seconds(self, work: Callable[[], object]) -> float:
        start, end = self._events
        self._checked(self._api.cuEventRecord(start, 0))
        work()
        self._checked(self._api.cuEventRecord(end, 0))
        self._checked(self._api.cuEventSynchronize(end))
        return float(self._checked(self._api.cuEventElapsedTime(start, end))) / 1e3

    def synchronize(self) -> None:
        self._checked(self._api.cuCtxSynchronize())


class DryMachine(Machine):
    """Host memory and interpreted PTX: shows that the script itself is right."""

    is_real = False

    def __init__(self) -> None:
        from gpu.interpreted import InterpretedDriver

        self.driver = InterpretedDriver(devices=1)
        backend = CudaBackend(self.driver)
        real = backends.load_backend
        backends.load_backend = lambda name: backend if name == "cuda" else real(name)
        self._kept: dict[int, np.ndarray[Any, Any]] = {}

    def allocate(self, size: int) -> int:
        raw = np.zeros(size + 256, np.uint8)
        held = raw[-raw.ctypes.data % 256 :][:size]
        address = self.driver.memories[0].add(held)
        self._kept[address] = held
        return address

    def free(self, address: int) -> None:
        self.driver.memories[0].remove(address)
        del self._kept[address]

    def set_bytes(self, address: int, size: int, value: int) -> None:
        self._kept[address][:size] = value

    def bytes_at(self, address: int, size: int) -> np.ndarray[Any, Any]:
        return self._kept[address][:size].copy()

    def seconds(self, work: Callable[[], object]) -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    def synchronize(self) -> None:
        pass
