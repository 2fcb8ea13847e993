"""The loops that grids of threads run: text that `fastinit_cuda.kernels` binds.

Grids are persistent: as many threads as the device holds, each taking every nth
unit, so that what does not change stays in registers. All loops are while loops:
range() with a run-time step costs a 64-bit division.
"""

from __future__ import annotations

from typing import Any

from fastinit_cuda.units import (
    load_word64,
    locate_row,
    put_element,
    put_lanes,
    put_unit,
    read_entry,
)

__all__ = ["fill_gathered", "fill_rows", "fill_run", "fill_strided", "fill_table"]

Key = tuple[int, int, int, int]
Parameters = tuple[Any, ...]

#: Bound to the values of a unit and the bytes of a value at instantiation.
UNIT = 4
ITEMSIZE = 4
#: Bytes of a row of a table; bound too.
ENTRY = 128


def column_index() -> int:
    """Index of this thread along x; bound to a primitive of the target."""
    raise NotImplementedError


def column_count() -> int:
    """Number of threads along x; bound to a primitive of the target."""
    raise NotImplementedError


def row_index() -> int:
    """Index of this thread along y; bound to a primitive of the target."""
    raise NotImplementedError


def row_count() -> int:
    """Number of threads along y; bound to a primitive of the target."""
    raise NotImplementedError


def group_index() -> int:
    """Index of the group of threads of this one; bound to a primitive."""
    raise NotImplementedError


def group_count() -> int:
    """Number of groups of threads; bound to a primitive of the target."""
    raise NotImplementedError


def member_index() -> int:
    """Index of this thread in its group; bound to a primitive of the target."""
    raise NotImplementedError


def member_count() -> int:
    """Number of threads of a group; bound to a primitive of the target."""
    raise NotImplementedError


def fill_run(
    place: tuple[int, int],
    counts: tuple[int, int, int],
    key: Key,
    parameters: Parameters,
) -> None:
    """Fill a contiguous run: whole units, and single elements at both ends.

    Parameters
    ----------
    place : tuple of 2 ints
        Address of the first unit, a multiple of 16, and index of its first element,
        a multiple of 4.
    counts : tuple of 3 ints
        Elements before the first unit, units, elements behind the last one; no more
        elements than the grid has threads.
    key : tuple of 4 ints
        Key and stream words of the tensor.
    parameters : tuple of 4 floats
        What the sampler takes.
    """
    thread, step = column_index(), column_count()
    first = place[1] >> 2
    # One variable for both block and address: each other one costs two instructions.
    origin = place[0] - first * (4 * ITEMSIZE)
    block, end = first + thread * (UNIT >> 2), first + counts[1] * (UNIT >> 2)
    while block < end:
        put_unit(origin + block * (4 * ITEMSIZE), block, key, parameters)
        block += step * (UNIT >> 2)
    if thread < counts[0] + counts[2]:
        k = thread - counts[0]
        if k >= 0:
            k += counts[1] * UNIT
        put_element(place[0] + k * ITEMSIZE, place[1] + k, key, parameters)


def fill_rows(
    place: tuple[int, int],
    shape: tuple[int, int],
    axes: tuple[int, ...],
    key: Key,
    parameters: Parameters,
) -> None:
    """Fill rows of whole units.

    Parameters
    ----------
    place : tuple of 2 ints
        Address and index of the first element, multiples of 16 and 4; so are those
        of each row.
    shape : tuple of 2 ints
        Number of rows, below 2^31, and units of a row.
    axes : tuple of 16 ints
        What distinguishes the rows, as `locate_row` takes it.
    key : tuple of 4 ints
        Key and stream words of the tensor.
    parameters : tuple of 4 floats
        What the sampler takes.
    """
    row = row_index()
    while row < shape[0]:
        distance, steps, _ = locate_row(row, axes)
        first = (place[1] + steps) >> 2
        origin = place[0] + distance - first * (4 * ITEMSIZE)
        block = first + column_index() * (UNIT >> 2)
        end = first + shape[1] * (UNIT >> 2)
        while block < end:
            put_unit(origin + block * (4 * ITEMSIZE), block, key, parameters)
            block += column_count() * (UNIT >> 2)
        row += row_count()


def fill_strided(
    place: tuple[int, int],
    run: tuple[int, int, int],
    shape: tuple[int, int],
    axes: tuple[int, ...],
    key: Key,
    parameters: Parameters,
) -> None:
    """Fill a window of any strides, a block at a time and a value at a time.

    The values of a block are neighbours of a run. A *group* is what one thread makes:
    group 0 of a run is the block that holds its first element.

    Parameters
    ----------
    place : tuple of 2 ints
        Address and index of the first element.
    run : tuple of 3 ints
        Number of elements with neighbouring indices, bytes between them, and the
        group that stands first on the axes.
    shape : tuple of 2 ints
        Number of rows, below 2^31, and of columns.
    axes : tuple of 20 ints
        What distinguishes the rows, as `locate_row` takes it, and (size, bytes,
        indices, groups) of the axis of columns.
    key : tuple of 4 ints
        Key and stream words of the tensor.
    parameters : tuple of 4 floats
        What the sampler takes.
    """
    row = row_index()
    while row < shape[0]:
        distance, steps, row_group = locate_row(row, axes)
        column = column_index()
        while column < shape[1]:
            index = place[1] + steps + column * axes[18]
            group = run[2] + row_group + column * axes[19]
            before = 4 * group - (index & 3)
            if before < run[0]:
                address = place[0] + distance + column * axes[17]
                lanes = (address, run[0], run[1], before)
                put_lanes(lanes, (index >> 2) + group, key, parameters)
            column += column_count()
        row += row_count()


def fill_table(table: int, entries: int, chunks: int, size: int) -> None:
    """Fill the contiguous runs of a table, a chunk of one at a time.

    Parameters
    ----------
    table : int
        Device address of the rows (`fastinit_cuda.tables`).
    entries : int
        Number of rows, >= 1.
    chunks : int
        Number of chunks of all runs.
    size : int
        Units of a chunk.
    """
    chunk = group_index()
    while chunk < chunks:
        low, high = 0, entries
        # The last row whose first chunk is not beyond this one.
        while high - low > 1:
            middle = (low + high) >> 1
            if load_word64(table + middle * ENTRY) <= chunk:
                low = middle
            else:
                high = middle
        place, units, first_block, key, parameters = read_entry(table + low * ENTRY)
        unit = (chunk - place[0]) * size + member_index()
        end = min(units[0], (chunk - place[0] + 1) * size)
        while unit < end:
            at = unit * UNIT - units[1]
            block = first_block + unit * (UNIT >> 2)
            if units[2] != 0 and at >= 0 and at + UNIT <= place[2]:
                put_unit(place[1] + at * ITEMSIZE, block, key, parameters)
            else:
                k = 0
                while k < UNIT >> 2:
                    lanes = (place[1], place[2], ITEMSIZE, at + 4 * k)
                    put_lanes(lanes, block + k, key, parameters)
                    k += 1
            unit += member_count()
        chunk += group_count()


def fill_gathered(
    place: tuple[int, int], count: int, key: Key, parameters: Parameters
) -> None:
    """Fill contiguous elements whose stream indices stand in device memory.

    Parameters
    ----------
    place : tuple of 2 ints
        Address of the first element and of the int64 indices.
    count : int
        Number of elements.
    key : tuple of 4 ints
        Key and stream words of the tensor.
    parameters : tuple of 4 floats
        What the sampler takes.
    """
    k = column_index()
    while k < count:
        index = load_word64(place[1] + 8 * k)
        put_element(place[0] + k * ITEMSIZE, index, key, parameters)
        k += column_count()
