"""Host memory that plays device memory: what is not registered cannot be touched."""

from __future__ import annotations

import bisect
from typing import Any

import numpy as np


class DeviceMemory:
    """Buffers by address; what lies outside of them raises, as memcheck would."""

    def __init__(self) -> None:
        self.buffers: dict[int, np.ndarray] = {}

    def add(self, array: np.ndarray, base: int | None = None) -> int:
        """Make a contiguous array reachable, at its own or another address."""
        at = array.ctypes.data if base is None else base
        if array.nbytes:
            self.buffers[at] = array.reshape(-1).view("u1")
        return at

    def remove(self, address: int) -> None:
        del self.buffers[address]

    def holds(self, address: int) -> bool:
        try:
            self._find(np.array([address], "u8"), 1)
        except IndexError:
            return False
        return True

    def _find(self, addresses: np.ndarray, size: int) -> tuple[np.ndarray, Any]:
        """Buffer that holds all of some accesses, and their places in it."""
        if (addresses % np.uint64(min(size, 16))).any():
            raise ValueError(f"misaligned access of {size} bytes")
        starts = sorted(self.buffers)
        low, high = int(addresses.min()), int(addresses.max()) + size
        place = bisect.bisect_right(starts, low) - 1
        if place < 0 or high > starts[place] + self.buffers[starts[place]].size:
            raise IndexError(f"access outside of memory: {low:#x} to {high:#x}")
        offsets = (addresses - np.uint64(starts[place])).astype(np.int64)
        return self.buffers[starts[place]], offsets[:, None] + np.arange(size)

    def write(self, addresses: np.ndarray, raw: np.ndarray) -> None:
        """Bytes of each row of `raw` to each address; no byte from two threads."""
        if not addresses.size:
            return
        buffer, span = self._find_each(addresses, raw.shape[1])
        for one, (where, rows) in zip(buffer, span, strict=True):
            one[where] = raw[rows]

    def read(self, addresses: np.ndarray, size: int) -> np.ndarray:
        """`size` bytes from each address, a row each."""
        out = np.zeros((addresses.size, size), np.uint8)
        if addresses.size:
            buffers, spans = self._find_each(addresses, size)
            for one, (where, rows) in zip(buffers, spans, strict=True):
                out[rows] = one[where]
        return out

    def _find_each(self, addresses: np.ndarray, size: int) -> tuple[list, list]:
        """Buffers of accesses, with the places in them and which accesses they are."""
        starts = np.array(sorted(self.buffers), "u8")
        owner = np.searchsorted(starts, addresses, side="right") - 1
        buffers, spans = [], []
        for number in np.unique(owner):
            rows = np.flatnonzero(owner == number)
            found, where = self._find(addresses[rows], size)
            buffers.append(found)
            spans.append((where, rows))
        return buffers, spans
