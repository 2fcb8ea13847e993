"""Arrays in files: windows of the stream, written in pieces from small buffers.

Writing beats mapping: a first pass through a memory map took three times as long,
and a full disk would kill the process instead of raising an error.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit.backends import get_backend
from fastinit.backends.protocol import Memory, Options
from fastinit.backends.threads import available_threads, run_tasks
from fastinit.destinations.durable import write_at
from fastinit.dtypes import numpy_dtype
from fastinit.filling import Filling
from fastinit.windows import c_strides

__all__ = ["Placement", "write_plans"]

#: Bytes of one piece, which is what each thread holds in memory.
PIECE = 1 << 22


@dataclass(frozen=True)
class Placement:
    """An array and its place in a file.

    Attributes
    ----------
    filling : Filling
        What it holds.
    offset : int
        Byte of its first element.
    """

    filling: Filling
    offset: int

    @property
    def end(self) -> int:
        """Byte after its last element."""
        filling = self.filling
        return self.offset + filling.elements * filling.dtype.itemsize


def _write_box(
    descriptor: int, place: Placement, first: int, box: tuple[slice, ...]
) -> int:
    """Fill a buffer with one box of a grid and write it."""
    shape = tuple(one.stop - one.start for one in box)
    buffer = np.empty(math.prod(shape), numpy_dtype(place.filling.dtype.name))
    strides = tuple(step * buffer.itemsize for step in c_strides(shape))
    for plan, at, window in place.filling.within(box):
        memory = Memory(buffer.ctypes.data + at * buffer.itemsize, strides, buffer)
        get_backend("cpu").fill(plan, memory, window, Options(threads=1))
    write_at(descriptor, buffer.view(np.uint8), place.offset + first * buffer.itemsize)
    return buffer.size


def _boxes(descriptor: int, places: Iterable[Placement]) -> Iterator[Callable[[], int]]:
    for place in places:
        for first, box in place.filling.boxes(PIECE // place.filling.dtype.itemsize):
            yield functools.partial(_write_box, descriptor, place, first, box)


def write_plans(
    descriptor: int, places: Iterable[Placement], threads: int | None, progress: Any
) -> None:
    """Write arrays to an open file.

    Parameters
    ----------
    descriptor : int
        File open for writing.
    places : iterable of Placement
        The arrays, C order, little endian on little-endian machines.
    threads : int, optional
        Threads to use; all that this process may use by default.
    progress : callable, optional
        Called with the number of elements done since the last call.

    Raises
    ------
    OSError
        If the system refuses, e.g. on a full disk.
    """
    run_tasks(_boxes(descriptor, places), threads or available_threads(), progress)
