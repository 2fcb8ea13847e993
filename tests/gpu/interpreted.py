"""A driver that runs the compiled PTX on host memory: everything but the hardware."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from fastinit.dtypes import numpy_dtype
from fastinit_cuda.compilation import Code, compile_kernel
from fastinit_cuda.launches import Launch
from gpu.device_memory import DeviceMemory
from gpu.ptx import Machine, Program, parse

#: Each kernel is compiled once for all tests.
compiled = functools.cache(compile_kernel)


@functools.cache
def _program(code: Code) -> Program:
    return parse(code.ptx)


class InterpretedDriver:
    """Plays the CUDA driver on a machine with some devices.

    Parameters
    ----------
    devices : int
        How many.
    capability : tuple of 2 ints
        Of all of them.
    blocks : int
        Blocks that a device holds at once: few, so that loops run round.
    """

    def __init__(
        self,
        devices: int = 2,
        capability: tuple[int, int] = (9, 0),
        blocks: int = 6,
    ) -> None:
        self.memories = [DeviceMemory() for _ in range(devices)]
        self.of_device, self.blocks = capability, blocks
        #: Targets of what was loaded.
        self.loads: list[tuple[int, int]] = []
        self.launches: list[tuple[Launch, int, int]] = []
        self.waits: list[tuple[int, int, int]] = []
        self.lent: list[bytes] = []
        #: Device of each stream that is no default one.
        self.streams = {1000 + device: device for device in range(devices)}

    def unavailable(self) -> str:
        return ""

    def facts(self) -> dict[str, str]:
        return {"CUDA driver": "an interpreter of PTX"}

    def capability(self, device: int) -> tuple[int, int]:
        assert 0 <= device < len(self.memories)
        return self.of_device

    def load(self, code: Code, device: int) -> Program:
        assert code.capability == self.of_device
        self.loads.append(code.capability)
        return _program(code)

    def most_blocks(self, loaded: Program, device: int, threads: int) -> int:
        return self.blocks

    def launch(self, loaded: Program, launch: Launch, device: int, stream: int) -> None:
        assert self.stream_device(stream) in {None, device}
        assert np.prod(launch.block) <= 1024
        self.launches.append((launch, device, stream))
        machine = Machine(launch.grid, launch.block, self.memories[device])
        machine.run(loaded, (*launch.integers, *launch.parameters))

    @contextlib.contextmanager
    def lend(self, data: bytes, device: int, stream: int) -> Iterator[int]:
        held = np.frombuffer(data, np.int64).copy()
        address = self.memories[device].add(held)
        self.lent.append(data)
        yield address
        self.memories[device].remove(address)

    def device_of(self, address: int) -> int | None:
        for device, memory in enumerate(self.memories):
            if memory.holds(address):
                return device
        return None

    def stream_device(self, stream: int) -> int | None:
        return None if stream < 3 else self.streams[stream]

    def wait(self, stream: int, earlier: int, device: int) -> None:
        self.waits.append((stream, earlier, device))

    def array(
        self,
        shape: Sequence[int],
        dtype: str = "float32",
        *,
        device: int = 0,
        host: np.ndarray | None = None,
        **told: Any,
    ) -> DeviceArray:
        """Array on a device: a new one, or a view of host memory as it were there."""
        if host is None:
            # A margin on both sides shows what is written beside an array.
            size = int(np.prod(shape)) * numpy_dtype(dtype).itemsize
            raw = np.full(size + 512, 0xA5, np.uint8)
            start = 256 + -raw.ctypes.data % 256
            raw = raw[: start + size]
            host = np.ndarray(tuple(shape), numpy_dtype(dtype), raw.data, start)
        base = host
        while isinstance(base.base, np.ndarray):
            base = base.base
        self.memories[device].add(base)
        return DeviceArray(host, told)


class DeviceArray:
    """Speaks ``__cuda_array_interface__``; the dtype is told apart for bfloat16."""

    def __init__(self, host: np.ndarray, told: dict[str, Any]) -> None:
        self.host, self.dtype, self.told = host, host.dtype, told

    @property
    def __cuda_array_interface__(self) -> dict[str, Any]:
        return {
            "shape": self.host.shape,
            "strides": self.host.strides,
            "data": (self.host.ctypes.data, False),
            "typestr": "<V2" if self.dtype.name == "bfloat16" else self.dtype.str,
            "version": 3,
            **self.told,
        }
