"""Bits of a device against those of the CPU, in every kernel and kind of layout."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from gpu.every_kernel import plan_of
from gpu_machine import CANARY, Machine

from fastinit import View, backends
from fastinit.backends.protocol import Fill, Memory, Options, Place
from fastinit.dtypes import numpy_dtype
from fastinit.plan import FillPlan
from fastinit.windows import Window
from fastinit_cuda.kernels import KERNELS

#: First elements: the start, where the block index crosses 2^32, near the end.
FIRSTS = (0, 2**34 - 100_001, 2**40 - 2**33 - 3)


#: Layout, elements, bytes that differ.
Found = tuple[str, int, int]


class Outcome(NamedTuple):
    """What one comparison found."""

    kernel: str
    layout: str
    elements: int
    wrong_bytes: int


def run_of(plan: FillPlan, first: int, count: int) -> np.ndarray[Any, Any]:
    """Values of neighbours in the stream, by the CPU."""
    array = np.empty(count, plan.dtype.storage)
    memory = Memory(array.ctypes.data, array.strides, array)
    window = Window(first, (count,), (1,))
    backends.load_backend("cpu").fill(plan, memory, window, Options())
    return array.view(numpy_dtype(plan.dtype.name))


def compare(
    machine: Machine,
    plan: FillPlan,
    window: Window,
    layout: tuple[int, tuple[int, ...], tuple[int, ...]],
    expected: np.ndarray[Any, Any],
) -> int:
    """Fill a window on the device amid canaries, and count bytes that differ."""
    start, shape, strides = layout
    kind = numpy_dtype(plan.dtype.name)
    reach = start + kind.itemsize
    for size, stride in zip(shape, strides, strict=True):
        reach += (size - 1) * stride
    size = reach + 256
    buffer = machine.allocate(size)
    machine.set_bytes(buffer, size, CANARY)
    memory = Memory(buffer + start, strides, None, place=Place(0, 0))
    backends.load_backend("cuda").fill_many([Fill(plan, memory, window)], Options())
    found = machine.bytes_at(buffer, size)
    machine.free(buffer)
    raw = np.full(size, CANARY, np.uint8)
    np.ndarray(shape, kind, raw.data, start, strides)[...] = expected
    return int(np.count_nonzero(found != raw))


def runs(
    machine: Machine, plan: FillPlan, count: int
) -> Iterator[tuple[str, int, int]]:
    """Contiguous runs: aligned, with heads and tails, and never aligned."""
    item = plan.dtype.itemsize
    for at, first in enumerate(FIRSTS):
        for shift in (0, 1, 3):
            # With index and address moved alike, units coincide; else they never do.
            for start in {256 + shift * item, 256 + (shift + 1) * item}:
                n = count // (6 * len(FIRSTS)) + at
                values = run_of(plan, first + shift, n)
                window = Window(first + shift, (n,), (1,))
                layout = start, (n,), (item,)
                wrong = compare(machine, plan, window, layout, values)
                yield f"run at {first + shift}, {start} bytes in", n, wrong


def rows(
    machine: Machine, plan: FillPlan, count: int
) -> Iterator[tuple[str, int, int]]:
    """Blocks of columns of a matrix, into memory with gaps."""
    item = plan.dtype.itemsize
    for columns, gap in ((1024, 0), (1024, 64), (1000, 24), (333, 1), (5, 0)):
        # Each row is a call of the CPU's backend: enough for many blocks of threads.
        n = min(max(2, count // (50 * columns)), 2000)
        view = View((2**20, 2**20), np.s_[2**14 : 2**14 + n, 128 : 128 + columns])
        whole = [run_of(plan, (2**14 + k) * 2**20 + 128, columns) for k in range(n)]
        layout = 256, (n, columns), ((columns + gap) * item, item)
        wrong = compare(machine, plan, view.window, layout, np.stack(whole))
        yield f"{n} rows of {columns}, gaps of {gap}", n * columns, wrong


def transposed(machine: Machine, plan: FillPlan, count: int) -> Iterator[Found]:
    """Stored transposed, reversed, in steps, of odd sizes."""
    item = plan.dtype.itemsize
    for a, b in ((64, 64), (777, 33), (3, 1001), (1001, 3)):
        a = max(2, int(a * (count / 2e7) ** 0.5))  # noqa: PLW2901
        first = run_of(plan, 0, a * b).reshape(a, b)
        for index in (np.s_[:, :], np.s_[::-1, ::-1], np.s_[::2, 1:]):
            view = View((a, b), index, (1, 0))
            values = first[index].T
            layout = 256, values.shape, (values.shape[1] * item, item)
            wrong = compare(machine, plan, view.window, layout, values)
            yield f"{a} x {b} transposed, {index}", values.size, wrong


def tables(
    machine: Machine, plan: FillPlan, count: int
) -> Iterator[tuple[str, int, int]]:
    """Runs of many sizes and places by one launch."""
    item, sizes = plan.dtype.itemsize, [1, 2, 3, 5, 8, 17, 100, 1023, count // 50]
    sizes = [*sizes * 5, count // 20]
    places = np.cumsum([0, *[size + 1 for size in sizes]])
    size = int(places[-1] + 64) * item
    buffer = machine.allocate(size)
    machine.set_bytes(buffer, size, CANARY)
    raw = np.full(size, CANARY, np.uint8)
    values = raw[: size // item * item].view(numpy_dtype(plan.dtype.name))
    fills = []
    for at, (place, n) in enumerate(zip(places, sizes, strict=False)):
        memory = Memory(buffer + int(place) * item, (item,), None, place=Place(0, 0))
        fills.append(Fill(plan, memory, Window(at, (n,), (1,))))
        values[place : place + n] = run_of(plan, at, n)
    backends.load_backend("cuda").fill_many(fills, Options())
    found = machine.bytes_at(buffer, size)
    machine.free(buffer)
    yield f"a table of {len(sizes)}", sum(sizes), int(np.count_nonzero(found != raw))


LAYOUTS: tuple[Callable[..., Iterator[tuple[str, int, int]]], ...] = (
    runs,
    rows,
    transposed,
    tables,
)


def check(
    machine: Machine, elements: float, tell: Callable[[str], None]
) -> list[Outcome]:
    """Compare at least some number of elements over all kernels and layouts.

    Parameters
    ----------
    machine : Machine
        A device.
    elements : float
        How many in all.
    tell : callable
        Told of each kernel.

    Returns
    -------
    outcomes : list of Outcome
        One a comparison.
    """
    found = []
    each = int(elements / len(KERNELS)) + 1
    for kernel in KERNELS:
        before = len(found)
        for layout in LAYOUTS:
            found += [
                Outcome(kernel.label, *one)
                for one in layout(machine, plan_of(kernel, "check"), each)
            ]
        done = found[before:]
        wrong = sum(one.wrong_bytes for one in done)
        tell(
            f"{kernel.label}: {sum(o.elements for o in done):.3g}, {wrong} wrong bytes"
        )
    return found
