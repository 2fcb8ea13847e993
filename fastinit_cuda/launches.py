"""Launches: which grid loop fills a window over device memory, and with what.

Pure arithmetic on addresses, strides and indices: nothing here needs a device.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from fastinit.backends.kernels import Kernel, kernel_of
from fastinit.backends.protocol import Fill, Memory
from fastinit.plan import FillPlan
from fastinit.windows import Axis, Window, in_memory_order, reduce_axes, rising
from fastinit_cuda.kernels import unit_size

__all__ = ["THREADS", "Launch", "MostBlocks", "Run", "launches_of", "one_run"]

#: Threads of a block.
THREADS = 256
#: Combinations of axes in one launch: `divide` works on words, with a sign to spare.
MOST_ROWS = 1 << 31
#: Blocks of threads along y that CUDA allows.
MOST_Y = 65535
#: Axes of rows that a loop takes.
ROW_AXES = 4
#: Stores are this many bytes at addresses that are multiples of it.
ALIGNED = 16

_NOTHING = (1, 0, 0, 0)
#: What the loops are told of an axis: size, bytes, indices and groups.
Steps = tuple[int, int, int, int]
#: most_blocks(loop, kernel) -> blocks of `THREADS` that the device holds at once.
MostBlocks = Callable[[str, Kernel], int]


class Launch(NamedTuple):
    """One grid of threads.

    Attributes
    ----------
    loop : str
        One of `fastinit_cuda.kernels.LOOPS`.
    kernel : Kernel
        Sampler and stored type.
    grid, block : tuple of 2 ints
        Blocks, and threads of a block, along x and y.
    integers : tuple of int
        Integer arguments, key included.
    parameters : tuple of float
        What the sampler takes; empty where a table holds it.
    """

    loop: str
    kernel: Kernel
    grid: tuple[int, int]
    block: tuple[int, int]
    integers: tuple[int, ...]
    parameters: tuple[float, ...]


class Run(NamedTuple):
    """A contiguous run of elements.

    Attributes
    ----------
    address : int
        Address of the first element.
    size : int
        Number of elements, >= 1.
    first : int
        Index of the first element.
    head : int
        Elements before the first whole unit, or -1 where units of the stream and of
        memory never coincide.
    """

    address: int
    size: int
    first: int
    head: int


def launches_of(fill: Fill, most_blocks: MostBlocks) -> Iterator[Launch]:
    """Launches that fill a window over device memory.

    Parameters
    ----------
    fill : Fill
        Plan, memory and a window of at least one element.
    most_blocks : callable
        most_blocks(loop, kernel) -> blocks of `THREADS` that the device holds at once.

    Yields
    ------
    launch : Launch
        In any order; nearly always one alone.
    """
    plan, memory, window = fill
    kernel = kernel_of(plan)
    made = _Maker(kernel, plan, most_blocks)
    run = one_run(fill)
    if run is not None and run.head >= 0:
        yield made.run(run)
        return
    axes, address, first = _axes(plan, memory, window)
    rows = _whole_rows(axes, (address, first), kernel, is_free=_is_constant(plan))
    if rows is not None:
        yield from made.rows(address, first, *rows)
    else:
        yield from made.strided(address, first, axes)


def _is_constant(plan: FillPlan) -> bool:
    """True where values have no order."""
    return plan.sampling.is_constant


def _axes(
    plan: FillPlan, memory: Memory, window: Window
) -> tuple[tuple[Axis, ...], int, int]:
    """Axes with rising indices, and address and index of the first element."""
    axes, distance, first = _way(window, tuple(memory.strides), _is_constant(plan))
    return axes, memory.address + distance, first


@functools.lru_cache(maxsize=1024)
def _way(
    window: Window, strides: Sequence[int], is_constant: bool
) -> tuple[tuple[Axis, ...], int, int]:
    """Axes, bytes to the element with the first index, and that index."""
    if is_constant:
        window, strides = in_memory_order(window, strides)
    window, strides, distance = rising(window, strides)
    return reduce_axes(window, strides), distance, window.first


def one_run(fill: Fill) -> Run | None:
    """Fill as a contiguous run, or None where it is none.

    Parameters
    ----------
    fill : Fill
        Plan, memory and a window of at least one element.

    Returns
    -------
    run : Run, optional
        The run.
    """
    plan, memory, window = fill
    kernel = kernel_of(plan)
    itemsize, unit = kernel.stored.itemsize, unit_size(kernel)
    axes, address, first = _axes(plan, memory, window)
    if len(axes) > 1 or not _is_contiguous(axes[0], itemsize):
        return None
    count = axes[0].size
    if _is_constant(plan):
        first = address // itemsize % unit
    for head in range(unit):
        if (address + head * itemsize) % ALIGNED == 0 and (first + head) % 4 == 0:
            return Run(address, count, first, head)
    return Run(address, count, first, -1)


def _is_contiguous(axis: Axis, itemsize: int) -> bool:
    """True for a run of neighbours, in memory and in the stream."""
    return axis.size == 1 or (axis.memory_stride, axis.index_stride) == (itemsize, 1)


def _whole_rows(
    axes: Sequence[Axis], place: tuple[int, int], kernel: Kernel, *, is_free: bool
) -> tuple[tuple[Axis, ...], int] | None:
    """Axes of rows and units of a row, or None where rows are no whole units."""
    *outer, run = axes
    unit, itemsize = unit_size(kernel), kernel.stored.itemsize
    fits = (
        run.memory_stride == itemsize
        and run.index_stride == 1
        and run.size % unit == 0
        and place[0] % ALIGNED == 0
        and (is_free or place[1] % 4 == 0)
        and all(axis.memory_stride % ALIGNED == 0 for axis in outer)
        and (is_free or all(axis.index_stride % 4 == 0 for axis in outer))
    )
    return (tuple(outer), run.size // unit) if fits else None


class _Maker:
    """Makes the launches of one plan on one kind of device."""

    def __init__(self, kernel: Kernel, plan: FillPlan, most_blocks: MostBlocks) -> None:
        self.kernel = kernel
        self.key = plan.key
        self.parameters = plan.sampling.parameters
        self.most_blocks = most_blocks

    def launch(
        self, loop: str, shape: tuple[int, int], integers: Sequence[int]
    ) -> Launch:
        """Launch for a number of columns and rows, as many threads as fit."""
        columns, rows = shape
        most = self.most_blocks(loop, self.kernel)
        width = THREADS
        if rows > 1:
            width = min(THREADS, 1 << (columns - 1).bit_length())
        block = width, THREADS // width
        x = min(-(-columns // width), most)
        y = min(-(-rows // block[1]), MOST_Y, max(1, most // x))
        return Launch(
            *(loop, self.kernel, (x, y), block),
            *((*integers, *self.key), self.parameters),
        )

    def run(self, run: Run) -> Launch:
        """Launch of a run whose units are aligned."""
        unit, itemsize = unit_size(self.kernel), self.kernel.stored.itemsize
        head = min(run.head, run.size)
        units = (run.size - head) // unit
        tail = run.size - head - units * unit
        place = run.address + head * itemsize, run.first + head
        shape = max(units, 1), 1
        return self.launch("fill_run", shape, (*place, head, units, tail))

    def rows(
        self, address: int, first: int, outer: tuple[Axis, ...], units: int
    ) -> Iterator[Launch]:
        """Launches of rows of whole units."""
        steps = [(*axis.fields, 0) for axis in outer]
        for place, few in _pieces((address, first, 0), steps):
            rows = math.prod(size for size, *_ in few)
            table = [number for axis in few for number in axis]
            integers = (*place[:2], rows, units, *table)
            yield self.launch("fill_rows", (units, rows), integers)

    def strided(
        self, address: int, first: int, axes: Sequence[Axis]
    ) -> Iterator[Launch]:
        """Launches of a window of any strides."""
        steps: list[Steps] = [(*axis.fields, 0) for axis in axes]
        run = (1, 0)
        if axes[-1].index_stride == 1:
            size, memory_stride, _ = axes[-1].fields
            run = size, memory_stride
            # One group more than whole blocks: it may begin anywhere in a block.
            steps[-1] = ((size + 6) // 4, 0, 0, 1)
        # Neighbours in memory to neighbouring threads.
        steps.sort(key=lambda step: abs(step[1] + step[3] * 4 * run[1]), reverse=True)
        column = steps.pop()
        for place, few in _pieces((address, first, 0), steps):
            rows = math.prod(size for size, *_ in few)
            table = [number for axis in (*few, column) for number in axis]
            integers = (*place[:2], *run, place[2], rows, column[0], *table)
            yield self.launch("fill_strided", (column[0], rows), integers)


def _pieces(
    place: tuple[int, int, int], steps: Sequence[Steps]
) -> Iterator[tuple[tuple[int, int, int], tuple[Steps, ...]]]:
    """Rows in pieces that one launch can do, of four axes each."""
    rows = math.prod(size for size, *_ in steps)
    if len(steps) <= ROW_AXES and rows < MOST_ROWS:
        yield place, (*[_NOTHING] * (ROW_AXES - len(steps)), *steps)
        return
    if len(steps) > ROW_AXES:
        # The smallest axis one step at a time: the fewest launches.
        at = min(range(len(steps)), key=lambda k: steps[k][0])
        most = 1
    else:
        at = max(range(len(steps)), key=lambda k: steps[k][0])
        most = -(-steps[at][0] // 2)
    size, memory_stride, index_stride, groups = steps[at]
    for start in range(0, size, most):
        count = min(most, size - start)
        moved = (
            place[0] + start * memory_stride,
            place[1] + start * index_stride,
            place[2] + start * groups,
        )
        kept = [] if most == 1 else [(count, memory_stride, index_stride, groups)]
        yield from _pieces(moved, (*steps[:at], *kept, *steps[at + 1 :]))
