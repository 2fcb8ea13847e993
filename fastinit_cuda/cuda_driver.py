"""The CUDA driver of this machine, through cuda-bindings, which mirrors its C API.

Launches go past Numba's dispatcher: a raw pointer and scalars, no conversion of
arrays. Work is put into the primary context of the device, the one that torch, CuPy
and Numba use, and the current context of the calling thread is left as it was.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import re
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, NamedTuple

from fastinit.errors import BackendUnavailableError, OutOfMemoryError
from fastinit_cuda.compilation import Code
from fastinit_cuda.kernels import is_double
from fastinit_cuda.launches import Launch
from fastinit_cuda.requirements import LEAST_DRIVER
from fastinit_cuda.staging import Staging

__all__ = ["CudaDriver", "checked", "entry_of"]

#: Handles of the default streams, which belong to no device: null, legacy, per thread.
_DEFAULT_STREAMS = 3
_LEAST = ".".join(str(number) for number in LEAST_DRIVER)


class _Loaded(NamedTuple):
    """A kernel on a device."""

    function: Any
    is_double: bool
    #: Keeps the machine code alive as long as the function.
    image: Any


def checked(result: Any) -> Any:
    """Value of a call of the driver, or an error that names what it returned.

    Parameters
    ----------
    result : tuple
        Error code, then values.

    Returns
    -------
    value : object
        None, the value, or a tuple of them.

    Raises
    ------
    OutOfMemoryError
        If memory does not suffice.
    BackendUnavailableError
        For any other error.
    """
    code, *values = result
    if int(code) == 0:
        return values[0] if len(values) == 1 else (tuple(values) or None)
    if code.name == "CUDA_ERROR_OUT_OF_MEMORY":
        raise OutOfMemoryError(
            "a fill on a CUDA device",
            "some kilobytes of free memory are needed there",
            "free memory on the device",
        )
    raise BackendUnavailableError(
        "a call of the CUDA driver",
        f"it returned {code.name}",
        "see the documentation of that error; one of an earlier kernel shows up here",
    )


def entry_of(code: Code) -> bytes:
    """Name of the one kernel in machine code.

    Parameters
    ----------
    code : Code
        A compiled kernel.

    Returns
    -------
    name : bytes
        As the driver looks it up.
    """
    # ELF keeps a section of code for each kernel, named after it.
    names = set(re.findall(rb"\0\.text\.([\w$]+)(?=\0)", code.cubin))
    (name,) = names
    return bytes(name)


class CudaDriver:
    """Devices of this machine."""

    def __init__(self) -> None:
        self._contexts: dict[int, Any] = {}
        self._staging: dict[int, Staging] = {}
        self._lock = threading.Lock()
        self._pid: int | None = None

    @functools.cached_property
    def _api(self) -> Any:
        from cuda.bindings import driver

        return driver

    def unavailable(self) -> str:
        """Reason why nothing can be launched here, or ''."""
        if self._pid is not None and self._pid != os.getpid():
            return (
                "CUDA was in use before this process was forked, and no device can be "
                "used after that: start processes with the method 'spawn'"
            )
        return self._problem

    @functools.cached_property
    def _problem(self) -> str:
        try:
            code, *_ = self._api.cuInit(0)
        except RuntimeError:
            # cuda-bindings looks for the library when it is first called.
            return f"there is no CUDA driver: install NVIDIA's, for CUDA {_LEAST} on"
        if int(code) != 0:
            return f"the CUDA driver does not start: cuInit returned {code.name}"
        version = self._version()
        if version < LEAST_DRIVER:
            return (
                f"the CUDA driver is for CUDA {version[0]}.{version[1]}, at least "
                f"{_LEAST} is needed: update the NVIDIA driver"
            )
        if not checked(self._api.cuDeviceGetCount()):
            return "there is no CUDA device that this process may use"
        self._pid = os.getpid()
        return ""

    def _version(self) -> tuple[int, int]:
        version = checked(self._api.cuDriverGetVersion())
        return version // 1000, version % 1000 // 10

    def facts(self) -> dict[str, str]:
        """Driver version and devices, in words."""
        if self.unavailable():
            return {"CUDA driver": f"of no use: {self.unavailable()}"}
        version = self._version()
        found = {"CUDA driver": f"for CUDA {version[0]}.{version[1]}"}
        for device in range(checked(self._api.cuDeviceGetCount())):
            name = checked(self._api.cuDeviceGetName(256, self._handle(device)))
            text = bytes(name).split(b"\0")[0].decode()
            major, minor = self.capability(device)
            found[f"CUDA device {device}"] = (
                f"{text}, compute capability {major}.{minor}, "
                f"{self._multiprocessors(device)} multiprocessors"
            )
        return found

    @functools.cache  # noqa: B019 - there is one driver in a process
    def _handle(self, device: int) -> Any:
        return checked(self._api.cuDeviceGet(device))

    @functools.cache  # noqa: B019 - as above
    def _attribute(self, name: str, device: int) -> int:
        kind = getattr(self._api.CUdevice_attribute, f"CU_DEVICE_ATTRIBUTE_{name}")
        return int(checked(self._api.cuDeviceGetAttribute(kind, self._handle(device))))

    def _multiprocessors(self, device: int) -> int:
        return self._attribute("MULTIPROCESSOR_COUNT", device)

    def capability(self, device: int) -> tuple[int, int]:
        """Compute capability of a device."""
        count = checked(self._api.cuDeviceGetCount())
        if not 0 <= device < count:
            raise BackendUnavailableError(
                f"CUDA device {device}",
                f"this process has devices 0 to {count - 1}",
                "choose one of these, or set CUDA_VISIBLE_DEVICES",
            )
        return (
            self._attribute("COMPUTE_CAPABILITY_MAJOR", device),
            self._attribute("COMPUTE_CAPABILITY_MINOR", device),
        )

    @contextlib.contextmanager
    def _context(self, device: int) -> Iterator[None]:
        """Make the primary context of a device current for a while."""
        context = self._contexts.get(device)
        if context is None:
            with self._lock:
                context = self._contexts.get(device) or checked(
                    self._api.cuDevicePrimaryCtxRetain(self._handle(device))
                )
                self._contexts[device] = context
        if int(checked(self._api.cuCtxGetCurrent())) == int(context):
            yield
            return
        checked(self._api.cuCtxPushCurrent(context))
        try:
            yield
        finally:
            checked(self._api.cuCtxPopCurrent())

    def load(self, code: Code, device: int) -> _Loaded:
        """Load machine code onto a device."""
        image = ctypes.create_string_buffer(code.cubin, len(code.cubin))
        with self._context(device):
            module = checked(self._api.cuModuleLoadData(ctypes.addressof(image)))
            function = checked(self._api.cuModuleGetFunction(module, entry_of(code)))
        return _Loaded(function, is_double(code.kernel), (image, module))

    def most_blocks(self, loaded: _Loaded, device: int, threads: int) -> int:
        """Blocks of some threads of a kernel that a device holds at once."""
        return self._resident(loaded.function, device, threads)

    @functools.cache  # noqa: B019 - as above
    def _resident(self, function: Any, device: int, threads: int) -> int:
        with self._context(device):
            query = self._api.cuOccupancyMaxActiveBlocksPerMultiprocessor
            each = checked(query(function, threads, 0))
        return int(each) * self._multiprocessors(device)

    def launch(self, loaded: _Loaded, launch: Launch, device: int, stream: int) -> None:
        """Put a launch on a stream and return at once."""
        number = ctypes.c_double if loaded.is_double else ctypes.c_float
        integers = (ctypes.c_int64 * len(launch.integers))(*launch.integers)
        floats = (number * len(launch.parameters))(*launch.parameters)
        places = [
            ctypes.addressof(integers) + 8 * k for k in range(len(launch.integers))
        ]
        size = ctypes.sizeof(number)
        places += [
            ctypes.addressof(floats) + size * k for k in range(len(launch.parameters))
        ]
        pointers = (ctypes.c_void_p * len(places))(*places)
        with self._context(device):
            checked(
                self._api.cuLaunchKernel(
                    loaded.function,
                    *(*launch.grid, 1),
                    *(*launch.block, 1),
                    *(0, stream, ctypes.addressof(pointers), 0),
                )
            )

    @contextlib.contextmanager
    def lend(self, data: bytes, device: int, stream: int) -> Iterator[int]:
        """Device copy of some bytes for the launches made inside of ``with``."""
        with self._context(device):
            staging = self._staging.setdefault(device, Staging(self._api, checked))
            address = checked(self._api.cuMemAllocAsync(len(data), stream))
            try:
                staging.copy(data, address, stream)
                yield int(address)
            finally:
                checked(self._api.cuMemFreeAsync(address, stream))

    def _any_context(self) -> AbstractContextManager[None]:
        """Context to ask a question in that does not depend on it."""
        has_one = int(checked(self._api.cuCtxGetCurrent())) != 0
        return contextlib.nullcontext() if has_one else self._context(0)

    def device_of(self, address: int) -> int | None:
        """Number of the device that holds an address, or None where none does."""
        kind = self._api.CUpointer_attribute.CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL
        with self._any_context():
            code, number = self._api.cuPointerGetAttribute(kind, address)
        return int(number) if int(code) == 0 and int(number) >= 0 else None

    def stream_device(self, stream: int) -> int | None:
        """Number of the device of a stream; None for the default ones of all."""
        if stream < _DEFAULT_STREAMS:
            return None
        with self._any_context():
            found = int(checked(self._api.cuStreamGetDevice(stream)))
        count = checked(self._api.cuDeviceGetCount())
        return next(n for n in range(count) if int(self._handle(n)) == found)

    def wait(self, stream: int, earlier: int, device: int) -> None:
        """Let a stream wait for what another holds now, without waiting here."""
        with self._context(device):
            flags = self._api.CUevent_flags.CU_EVENT_DISABLE_TIMING
            event = checked(self._api.cuEventCreate(flags))
            try:
                checked(self._api.cuEventRecord(event, earlier))
                checked(self._api.cuStreamWaitEvent(stream, event, 0))
            finally:
                # The driver keeps an event until what waits for it has happened.
                checked(self._api.cuEventDestroy(event))
