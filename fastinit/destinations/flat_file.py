"""Tensors in files: windows of the stream, written in pieces from small buffers.

Writing beats mapping: a first pass through a memory map took three times as long,
and a full disk would kill the process instead of raising an error.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from fastinit.backends import get_backend
from fastinit.backends.protocol import Memory, Options
from fastinit.backends.threads import available_threads, run_tasks
from fastinit.destinations.durable import write_at
from fastinit.dtypes import numpy_dtype
from fastinit.plan import FillPlan
from fastinit.windows import Window

__all__ = ["Placement", "write_plans"]

#: Bytes of one piece, which is what each thread holds in memory.
PIECE = 1 << 22


@dataclass(frozen=True)
class Placement:
    """A tensor and its place in a file.

    Attributes
    ----------
    plan : FillPlan
        The tensor.
    offset : int
        Byte of its first element.
    """

    plan: FillPlan
    offset: int

    @property
    def elements(self) -> int:
        """Number of elements."""
        return int(np.prod(self.plan.shape, dtype=object))

    @property
    def end(self) -> int:
        """Byte after its last element."""
        return self.offset + self.elements * self.plan.dtype.itemsize


def _write_piece(descriptor: int, place: Placement, first: int, count: int) -> int:
    """Fill a buffer with one piece and write it."""
    plan = place.plan
    buffer = np.empty(count, numpy_dtype(plan.dtype.name))
    memory = Memory(buffer.ctypes.data, buffer.strides, buffer)
    window = Window(first, (count,), (1,))
    get_backend("cpu").fill(plan, memory, window, Options(threads=1))
    write_at(descriptor, buffer.view(np.uint8), place.offset + first * buffer.itemsize)
    return count


def _pieces(
    descriptor: int, places: Iterable[Placement]
) -> Iterator[Callable[[], int]]:
    for place in places:
        step = PIECE // place.plan.dtype.itemsize
        for first in range(0, place.elements, step):
            count = min(step, place.elements - first)
            yield functools.partial(_write_piece, descriptor, place, first, count)


def write_plans(
    descriptor: int, places: Iterable[Placement], threads: int | None, progress: Any
) -> None:
    """Write tensors to an open file.

    Parameters
    ----------
    descriptor : int
        File open for writing.
    places : iterable of Placement
        The tensors, C order, little endian on little-endian machines.
    threads : int, optional
        Threads to use; all that this process may use by default.
    progress : callable, optional
        Called with the number of elements done since the last call.

    Raises
    ------
    OSError
        If the system refuses, e.g. on a full disk.
    """
    run_tasks(_pieces(descriptor, places), threads or available_threads(), progress)
