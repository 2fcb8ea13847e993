"""Plays cuda.bindings.driver: the C API of CUDA as far as fastinit_cuda calls it.

Arguments arrive as the real one gets them, by address, and kernels run in the
interpreter; so everything up to the driver itself is the code that runs on a GPU.
"""

from __future__ import annotations

import ctypes
import enum
import itertools
import re
import types
from typing import Any

import numpy as np

from fastinit_cuda.compilation import Code
from gpu.interpreted import InterpretedDriver
from gpu.ptx import Machine, parse


class Result(enum.IntEnum):
    """Some of CUresult."""

    CUDA_SUCCESS = 0
    CUDA_ERROR_INVALID_VALUE = 1
    CUDA_ERROR_OUT_OF_MEMORY = 2
    CUDA_ERROR_NO_DEVICE = 100
    CUDA_ERROR_NOT_READY = 600


OK = (Result.CUDA_SUCCESS,)


class Bindings:
    """Two devices, and a log of what was called."""

    CUdevice_attribute = types.SimpleNamespace(
        CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT=16,
        CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR=75,
        CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR=76,
    )
    CUpointer_attribute = types.SimpleNamespace(CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL=9)
    CUevent_flags = types.SimpleNamespace(CU_EVENT_DISABLE_TIMING=2)

    def __init__(self, machine: InterpretedDriver) -> None:
        self.machine = machine
        self.codes: list[Code] = []
        self.contexts = [7]
        self.log: list[tuple[str, Any]] = []
        self.version, self.init, self.devices = 13000, Result.CUDA_SUCCESS, 2
        self.is_done, self.has_memory = True, True
        self.kept: dict[int, Any] = {}
        self.number = itertools.count(500)

    def keep(self, value: Any) -> int:
        handle = next(self.number)
        self.kept[handle] = value
        return handle

    @property
    def device(self) -> int:
        """Device of the current context."""
        return self.contexts[-1] - 100

    def cuInit(self, flags):
        return (self.init,)

    def cuDriverGetVersion(self):
        return *OK, self.version

    def cuDeviceGetCount(self):
        return *OK, self.devices

    def cuDeviceGet(self, device):
        return *OK, 40 + device

    def cuDeviceGetName(self, length, handle):
        return *OK, b"Interpreter\0" + bytes(length - 12)

    def cuDeviceGetAttribute(self, kind, handle):
        assert handle in {40, 41}
        major, minor = self.machine.of_device
        return *OK, {16: 3, 75: major, 76: minor}[kind]

    def cuDevicePrimaryCtxRetain(self, handle):
        return *OK, 100 + handle - 40

    def cuCtxGetCurrent(self):
        return *OK, self.contexts[-1]

    def cuCtxPushCurrent(self, context):
        self.contexts.append(context)
        return OK

    def cuCtxPopCurrent(self):
        return *OK, self.contexts.pop()

    def cuModuleLoadData(self, address):
        found = [
            code
            for code in self.codes
            if ctypes.string_at(address, len(code.cubin)) == code.cubin
        ]
        return *OK, self.keep((found[0], self.device))

    def cuModuleGetFunction(self, module, name):
        code, device = self.kept[module]
        assert re.search(r"\.entry (\w+)\(", code.ptx)[1] == name.decode()
        assert device == self.device
        return *OK, self.keep((parse(code.ptx), device))

    def cuOccupancyMaxActiveBlocksPerMultiprocessor(self, function, threads, shared):
        assert self.kept[function][1] == self.device
        return *OK, 2

    def cuLaunchKernel(self, function, *rest):
        program, device = self.kept[function]
        x, y, z, width, height, depth, shared, stream, places, extra = rest
        assert (z, depth, shared, extra, device) == (1, 1, 0, 0, self.device)
        count = len(program.parameters)
        pointers = (ctypes.c_void_p * count).from_address(places)
        arguments = [
            np.frombuffer(ctypes.string_at(at, kind.itemsize), signed(kind))[0]
            for at, kind in zip(pointers, program.parameters, strict=True)
        ]
        self.log.append(("launch", stream))
        machine = Machine((x, y), (width, height), self.machine.memories[device])
        machine.run(program, arguments)
        return OK

    def cuPointerGetAttribute(self, kind, address):
        device = self.machine.device_of(address)
        if device is None:
            return Result.CUDA_ERROR_INVALID_VALUE, 0
        return *OK, device

    def cuStreamGetDevice(self, stream):
        return *OK, 40 + self.machine.streams[stream]

    def cuMemAllocAsync(self, size, stream):
        if not self.has_memory:
            return Result.CUDA_ERROR_OUT_OF_MEMORY, 0
        held = np.zeros(size, np.uint8)
        address = self.machine.memories[self.device].add(held)
        self.kept[address] = held
        self.log.append(("allocate", stream))
        return *OK, address

    def cuMemFreeAsync(self, address, stream):
        self.machine.memories[self.device].remove(address)
        self.log.append(("free", stream))
        return OK

    def cuMemHostAlloc(self, size, flags):
        assert flags == 1
        held = np.zeros(size, np.uint8)
        self.kept[held.ctypes.data] = held
        self.log.append(("pin", size))
        return *OK, held.ctypes.data

    def cuMemcpyHtoDAsync(self, to, source, size, stream):
        raw = np.frombuffer(ctypes.string_at(source, size), np.uint8)
        self.machine.memories[self.device].write(np.array([to], "u8"), raw[None])
        self.log.append(("copy", stream))
        return OK

    def cuEventCreate(self, flags):
        assert flags == 2
        return *OK, self.keep("event")

    def cuEventRecord(self, event, stream):
        self.log.append(("record", stream))
        return OK

    def cuEventQuery(self, event):
        return (Result.CUDA_SUCCESS if self.is_done else Result.CUDA_ERROR_NOT_READY,)

    def cuEventDestroy(self, event):
        del self.kept[event]
        return OK

    def cuStreamWaitEvent(self, stream, event, flags):
        assert self.kept[event] == "event"
        self.log.append(("wait", stream))
        return OK


def signed(kind: np.dtype) -> np.dtype:
    """What an interpreter's argument of a parameter is read as."""
    return np.dtype(f"i{kind.itemsize}") if kind.kind == "u" else kind
