"""Layouts: which loop fills memory whose order is not that of the stream."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fastinit.windows import Axis

__all__ = ["TILE_ROWS", "Panels", "choose_layout"]

#: Indices that a tile holds, and rows of one that has columns: with its table of
#: rows it takes at most half of a first-level cache of 32 KiB.
TILE, TILE_ROWS = 2048, 256
#: Blocks that LLVM makes at once on the widest vectors.
VECTOR = 16
#: Costs in elements of a long contiguous run: a block made for itself, a value
#: copied out of a tile, a call of a loop, and what `fill_run` does at its ends.
#: Zen 4: 4.3 and 5.1 (uniform, normal), 0.9 and 0.4, about 10, about 50.
SINGLE, COPY, CALL, ENDS = 5.0, 0.8, 10.0, 50.0


@dataclass(frozen=True)
class Panels:
    """A window as panels of rows and columns, as `strided_loops` fill them.

    Attributes
    ----------
    loop : str
        Name of the loop.
    outer : tuple of Axis
        What distinguishes the panels, the fastest last.
    rows : tuple of Axis
        What distinguishes the rows of a panel; each continues the next in the
        stream, so that their indices have one step.
    column : Axis
        What distinguishes the elements of a row.
    tile : tuple of 3 ints, or empty
        Rows, columns and pitch of a tile, for 'fill_tiles'.
    """

    loop: str
    outer: tuple[Axis, ...]
    rows: tuple[Axis, ...]
    column: Axis
    tile: tuple[int, ...] = ()

    @property
    def row_count(self) -> int:
        """Number of rows of a panel."""
        return math.prod(axis.size for axis in self.rows)


def choose_layout(axes: Sequence[Axis], itemsize: int) -> Panels | None:
    """Cheapest way to fill axes by panels.

    Parameters
    ----------
    axes : sequence of Axis
        As `fastinit.windows.reduce_axes` gives them, at least one, index strides >= 0.
    itemsize : int
        Bytes per element.

    Returns
    -------
    panels : Panels, optional
        None where contiguous runs or single elements cost less.

    Examples
    --------
    >>> transposed = [Axis(8, 64, 1024), Axis(512, 4, 16), Axis(16, 2048, 1)]
    >>> choose_layout(transposed, 4).loop
    'fill_crosswise'
    """
    # What is made is counted, everything else a measured constant; whether drawing
    # is cheap or dear moves the borders between the ways little, and no bit.
    ways: list[tuple[float, Panels | None]] = [(_cost_alone(axes[-1], itemsize), None)]
    ways += [(_cost(panels), panels) for panels in _candidates(axes, itemsize)]
    return min(ways, key=lambda way: way[0])[1]


def _made(blocks: int) -> float:
    """Cost of one call that makes blocks in a row."""
    return 4.0 * (blocks - blocks % VECTOR) + SINGLE * (blocks % VECTOR) + CALL


def _cost_alone(last: Axis, itemsize: int) -> float:
    """Cost of an element without panels: in contiguous runs, or one by one."""
    if (last.memory_stride, last.index_stride) != (itemsize, 1):
        return SINGLE
    return (_made(last.size // 4) + ENDS) / last.size


def _cost(panels: Panels) -> float:
    """Cost of an element of panels."""
    step = panels.rows[-1].index_stride
    if panels.loop == "fill_crosswise":
        rows = panels.row_count
        groups = min(rows, (rows - 1) * step // 4 + 1)
        return _made(panels.column.size) * groups / (rows * panels.column.size)
    rows, columns, pitch = panels.tile
    reach = (rows - 1) * step
    if pitch == panels.column.index_stride:
        made = _made(((columns - 1) * pitch + reach + 7) // 4)
    else:
        made = _made((reach + 7) // 4) * columns
    return COPY + made / (rows * columns)


def _candidates(axes: Sequence[Axis], itemsize: int) -> Iterator[Panels]:
    """Panels that are worth a thought."""
    for axis in axes:
        if axis.memory_stride == itemsize and axis.index_stride % 4 == 0:
            yield _panels("fill_crosswise", axes, axis)
    fast = min(axes, key=lambda axis: abs(axis.memory_stride))
    if fast is not axes[-1]:
        yield from _tiled(_panels("fill_tiles", axes, fast))
        return
    alone = _panels("fill_tiles", axes, None)
    yield from _tiled(alone)
    if alone.outer:
        yield from _tiled(_panels("fill_tiles", axes, alone.outer[-1]))


def _panels(loop: str, axes: Sequence[Axis], column: Axis | None) -> Panels:
    """Panels of a given column, with as many rows as continue each other."""
    others = [axis for axis in axes if axis is not column]
    rows = [others.pop()] if others and others[-1] is axes[-1] else [Axis(1, 0, 1)]
    while others and _continues(others[-1], rows[0]):
        rows.insert(0, others.pop())
    return Panels(loop, tuple(others), tuple(rows), column or Axis(1, 0, 0))


def _continues(outer: Axis, inner: Axis) -> bool:
    """True where one step of the outer axis is all steps of the inner one."""
    return outer.index_stride == inner.size * inner.index_stride


def _tiled(panels: Panels) -> Iterator[Panels]:
    """Panels with tiles that hold runs of rows, or all indices from end to end."""
    step, jump = panels.rows[-1].index_stride, panels.column.index_stride
    if step > TILE_ROWS:
        return
    columns = panels.column.size
    rows = min(panels.row_count, (TILE_ROWS if columns > 1 else TILE // 2) // step)
    reach = (rows - 1) * step + 1
    pitch = reach + 6 + (jump - reach - 6) % 4 if columns > 1 else 0
    many = min(columns, max(1, TILE // max(pitch, 1)))
    yield replace(panels, tile=(rows, many, pitch))
    if columns > 1 and jump <= TILE // 4:
        many = min(columns, (TILE - reach) // jump + 1)
        yield replace(panels, tile=(rows, many, jump))
