"""Jobs: a window over memory, cut into tasks that threads can share."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from fastinit.backends.kernels import Kernel, kernel_of
from fastinit.backends.layouts import TILE_ROWS, Panels, choose_layout
from fastinit.backends.parts import as_parts
from fastinit.backends.protocol import Fill, Memory
from fastinit.plan import FillPlan
from fastinit.windows import Axis, Window, in_memory_order, reduce_axes, rising

__all__ = ["SPAN", "Job", "is_one_run"]

#: Elements of a task: long against the cost of a task, short against patience.
SPAN = 1 << 19
#: Bytes of a constant from which on stores go past the caches: then the array does
#: not fit there, and reading its lines before writing them doubles the traffic.
STREAMED = 1 << 25
#: Bytes of zeros that one call clears; processors have a faster way from about the
#: size of their last cache on, and even so a call takes few milliseconds.
CLEARED = 1 << 26


@functools.lru_cache(maxsize=1024)
def is_one_run(window: Window, strides: tuple[int, ...], itemsize: int) -> bool:
    """True where a window is contiguous, in memory and in the stream.

    Parameters
    ----------
    window : Window
        With at least one element.
    strides : tuple of int
        Bytes per step along each axis.
    itemsize : int
        Bytes per element.

    Returns
    -------
    is_one_run : bool
        Of any number of axes, as long as they continue each other.

    Examples
    --------
    >>> is_one_run(Window(0, (2, 3), (3, 1)), (12, 4), 4)
    True
    """
    axes = reduce_axes(window, strides)
    return len(axes) == 1 and _is_contiguous(axes[0], itemsize)


def _is_contiguous(axis: Axis, itemsize: int) -> bool:
    """True for a run of neighbours, in memory and in the stream."""
    return axis.size == 1 or (axis.memory_stride, axis.index_stride) == (itemsize, 1)


@functools.lru_cache(maxsize=1024)
def _way(
    window: Window, strides: tuple[int, ...], itemsize: int, is_constant: bool
) -> tuple[tuple[Axis, ...], int, int, Panels | None]:
    """Axes, bytes to the element with the first index, that index, and panels."""
    if is_constant:
        # Equal values have no order: that of memory costs least.
        window, strides = in_memory_order(window, strides)
    window, strides, distance = rising(window, strides)
    axes = reduce_axes(window, strides)
    panels = None
    if len(axes) > 1 or not _is_contiguous(axes[0], itemsize):
        panels = choose_layout(axes, itemsize)
    return axes, distance, window.first, panels


class Job:
    """One fill of a window over memory, cut into tasks.

    Parameters
    ----------
    plan : FillPlan
        What to write.
    memory : Memory
        Where to write.
    window : Window
        Stream indices of the elements; at least one.
    compiled : callable
        compiled(name of a loop, kernel) -> the loop, ready to call.

    Attributes
    ----------
    share : int
        Stored values of an element: 2 parts where it is complex.
    """

    def __init__(
        self,
        plan: FillPlan,
        memory: Memory,
        window: Window,
        compiled: Callable[[str, Kernel], Callable[..., None]],
    ) -> None:
        self.share = 2 if plan.dtype.is_complex else 1
        plan, memory, window = as_parts(Fill(plan, memory, window))
        sampling, itemsize = plan.sampling, plan.dtype.itemsize
        way = _way(window, tuple(memory.strides), itemsize, sampling.is_constant)
        axes, distance, self.first, self.panels = way
        self.address = memory.address + distance
        self.kernel = kernel_of(plan, memory.is_swapped)
        self._compiled = compiled
        self.tail = (plan.key, plan.sampling.parameters)
        self.outer, self.run = axes[:-1], axes[-1]
        self.rows = math.prod(axis.size for axis in self.outer)
        self.is_run_contiguous = _is_contiguous(self.run, itemsize)
        self.is_contiguous = self.is_run_contiguous and not self.outer
        is_large = window.size * itemsize >= STREAMED
        self.is_streamed = sampling.is_constant and (is_large or not sampling.pattern)
        self._span = SPAN
        if sampling.pattern == 0 and self.is_run_contiguous:
            self._span = CLEARED // itemsize

    def tasks(self, threads: int) -> Iterator[Callable[[], int]]:
        """Tasks of about `SPAN` elements, at least one per thread where worth it."""
        tasks = self._tasks(threads)
        if self.share == 1:
            return tasks
        return (functools.partial(_halved, task) for task in tasks)

    def _tasks(self, threads: int) -> Iterator[Callable[[], int]]:
        """Tasks, which count parts where elements are complex."""
        size = self.rows * self.run.size
        span = min(self._span, max(1, -(-size // threads)) + 3 & ~3)
        if self.panels is not None:
            return self._panel_tasks(self.panels, span)
        if self.run.size * 2 > span:
            return self._run_tasks(span)
        return self._row_tasks(max(1, span // self.run.size))

    def _run_tasks(self, span: int) -> Iterator[Callable[[], int]]:
        """Tasks for long runs: pieces of each row."""
        count, memory_stride, index_stride = self.run.fields
        name = "fill_run" if self.is_run_contiguous else "fill_scattered"
        if self.is_run_contiguous and self.is_streamed:
            name = "fill_streamed"
        loop = self._compiled(name, self.kernel)
        for row in np.ndindex(*(axis.size for axis in self.outer)):
            address, index = self.address, self.first
            for step, axis in zip(row, self.outer, strict=True):
                address += step * axis.memory_stride
                index += step * axis.index_stride
            for at in range(0, count, span):
                n = min(span, count - at)
                size: Any = n
                if name == "fill_scattered":
                    size = (n, memory_stride, index_stride)
                place = (address + at * memory_stride, size, index + at * index_stride)
                yield functools.partial(_call, loop, (*place, *self.tail), n)

    def _row_tasks(self, rows: int) -> Iterator[Callable[[], int]]:
        """Tasks for short runs: several rows each."""
        loop = self._compiled("fill_rows", self.kernel)
        table = np.array([axis.fields for axis in self.outer], np.int64)
        outer = (table.ctypes.data, len(self.outer))
        run = self.run.fields
        for start in range(0, self.rows, rows):
            stop = min(start + rows, self.rows)
            place = (self.address, outer, run, (start, stop), self.first)
            n = (stop - start) * self.run.size
            # The table travels with the task so that its memory outlives the call.
            yield functools.partial(_call, loop, (*place, *self.tail), n, table)

    def _panel_tasks(self, panels: Panels, span: int) -> Iterator[Callable[[], int]]:
        """Tasks of whole panels, or of parts of one."""
        loop = self._compiled(panels.loop, self.kernel)
        axes = (*panels.outer, *panels.rows)
        table = np.array([axis.fields for axis in axes], np.int64)
        where = (table.ctypes.data, len(panels.outer), len(axes))
        for piece, begin, end in _pieces(panels, span):
            at = end - begin, *panels.column.fields[1:]
            place = (
                self.address + begin * panels.column.memory_stride,
                self.first + begin * panels.column.index_stride,
            )
            tile = (panels.tile,) if panels.tile else ()
            arguments = (place, where, at, piece, *tile, *self.tail)
            n = (piece[1] - piece[0]) * (piece[3] - piece[2]) * at[0]
            yield functools.partial(_call, loop, arguments, n, table)


def _pieces(panels: Panels, span: int) -> Iterator[tuple[tuple[int, ...], int, int]]:
    """Panels and rows from and to, and columns from and to, of about `span` each."""
    count = math.prod(axis.size for axis in panels.outer)
    rows, columns = panels.row_count, panels.column.size
    if 2 * rows * columns <= span:
        step = span // (rows * columns)
        for panel in range(0, count, step):
            yield (panel, min(panel + step, count), 0, rows), 0, columns
        return
    # Long columns, for the sake of whole pages, but not at the price of few rows.
    wide = min(columns, max(64, span // min(rows, TILE_ROWS) & ~63))
    high = max(4, span // wide & ~3)
    for panel, row, begin in itertools.product(
        range(count), range(0, rows, high), range(0, columns, wide)
    ):
        piece = (panel, panel + 1, row, min(row + high, rows))
        yield piece, begin, min(begin + wide, columns)


def _halved(task: Callable[[], int]) -> int:
    """Run a task on parts and return the number of complex elements done."""
    return task() // 2


def _call(loop: Callable[..., None], arguments: Any, n: int, owner: Any = None) -> int:
    """Run a loop on its arguments and return the number of elements done."""
    del owner
    loop(*arguments)
    return n
