"""Host memory that copies to a device start from, while nobody waits for them.

A copy from ordinary memory may block until the stream is empty. So bytes are put into
pinned buffers first, and a buffer is used again when the copy out of it is done.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["Staging"]

#: Smallest buffer: a table of 512 tensors.
_SMALLEST = 1 << 16
#: Flag of cuMemHostAlloc: pinned for all contexts.
_PORTABLE = 1


class _Buffer(NamedTuple):
    address: int
    size: int
    event: Any


class Staging:
    """Pinned buffers of one device; its context is current in each call.

    Parameters
    ----------
    api : module
        cuda.bindings.driver, or what plays it.
    checked : callable
        Gives the value of a call's result, or raises.
    """

    def __init__(self, api: Any, checked: Callable[[Any], Any]) -> None:
        self._api, self._checked = api, checked
        self._buffers: list[_Buffer] = []
        self._lock = threading.Lock()

    def copy(self, data: bytes, to: Any, stream: int) -> None:
        """Put a copy to device memory on a stream and return at once.

        Parameters
        ----------
        data : bytes
            What to copy.
        to : int or CUdeviceptr
            Device address.
        stream : int
            Handle of the stream.
        """
        buffer = self._free_buffer(len(data))
        try:
            ctypes.memmove(buffer.address, data, len(data))
            copy = self._api.cuMemcpyHtoDAsync
            self._checked(copy(to, buffer.address, len(data), stream))
            self._checked(self._api.cuEventRecord(buffer.event, stream))
        finally:
            with self._lock:
                self._buffers.append(buffer)

    def _free_buffer(self, size: int) -> _Buffer:
        """Buffer that nothing is copied out of any more, taken from the list."""
        with self._lock:
            for at, buffer in enumerate(self._buffers):
                if buffer.size >= size and self._is_done(buffer):
                    return self._buffers.pop(at)
        room = max(_SMALLEST, 1 << (size - 1).bit_length())
        address = self._checked(self._api.cuMemHostAlloc(room, _PORTABLE))
        flags = self._api.CUevent_flags.CU_EVENT_DISABLE_TIMING
        event = self._checked(self._api.cuEventCreate(flags))
        return _Buffer(int(address), room, event)

    def _is_done(self, buffer: _Buffer) -> bool:
        code, *_ = self._api.cuEventQuery(buffer.event)
        return int(code) == 0
