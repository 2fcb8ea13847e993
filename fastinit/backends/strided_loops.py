"""Loops for memory whose order is not that of the stream.

Blocks are made whole and at full width, either into rows of memory that lie side by
side (`fill_crosswise`) or into a tile small enough for the first cache, from which
values are copied in the order of memory (`fill_tiles`). The names that a kernel
binds and the rule for integers are those of `fastinit.backends.loops`.

A panel is what both fill: a *column* axis, and *rows*, axes whose stream indices
continue each other at one step. Its places are `(address, first index)`, its `table`
holds (size, bytes, indices) per axis, first the outer axes and then the rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinit.arithmetic.mixed_radix import locate
from fastinit.arithmetic.philox import split_block
from fastinit.arithmetic.primitives import (
    address_of,
    array_at,
    copy_bytes,
    i64,
    lane_steps,
    store_at,
    store_row,
    u32,
    u64,
    workspace,
)
from fastinit.backends.loops import fill_blocks

__all__ = ["copy_tile", "fill_crosswise", "fill_lanes", "fill_tiles", "make_tile"]

Key = tuple[int, int, int, int]
Parameters = tuple[float, float, float, float]

#: Bound to the stored type, its size and the blocks of a vector at instantiation.
STORED: Any = np.float32
ITEMSIZE = 4
LANES = 1
#: Bytes of the blocks of a vector.
VECTOR_BYTES = 16
#: Elements of a row that are made at a time where lanes of a block go nowhere.
SPARE = 512
#: Columns of a tile from which on they are copied along the column.
NARROW = 4


def draw(
    block: tuple[int, int], key: Key, parameters: Parameters
) -> tuple[Any, Any, Any, Any]:
    """Four values of a block; bound to a sampler of a distribution and dtype."""
    raise NotImplementedError


def fill_lanes(
    rows: tuple[int, int, int, int],
    count: int,
    blocks: tuple[int, int],
    key: Key,
    parameters: Parameters,
) -> None:
    """Fill four contiguous rows of memory, one with each lane of the blocks.

    As in `fill_blocks`, the high word of the block index is a constant of the inner
    loop, and what does not fill a vector is made in a scratch buffer.

    Parameters
    ----------
    rows : tuple of 4 ints
        Address of the first element of each row; no two rows share memory.
    count : int
        Number of elements of each row, >= 0.
    blocks : tuple of 2 ints
        First block, in [0, 2^56), and blocks from one to the next, > 0.
    key : tuple of 4 ints
        Key and stream words of the tensor.
    parameters : tuple of 4 floats
        What the sampler takes.
    """
    first, step = blocks
    spare, size = workspace(VECTOR_BYTES), LANES * ITEMSIZE
    done = 0
    while done < count:
        low, high = split_block(first + done * step)
        n = min(count - done, ((1 << 32) - 1 - i64(low)) // step + 1)
        for j in range(0, n, LANES):
            at = (done + j) * ITEMSIZE
            is_whole = j + LANES <= n
            to0 = rows[0] + at if is_whole else spare
            to1 = rows[1] + at if is_whole else spare + size
            to2 = rows[2] + at if is_whole else spare + 2 * size
            to3 = rows[3] + at if is_whole else spare + 3 * size
            lanes = lane_steps(u32(low + j * step), step, LANES, ITEMSIZE)
            v0, v1, v2, v3 = draw((lanes, high), key, parameters)
            store_row(to0, LANES, STORED, v0)
            store_row(to1, LANES, STORED, v1)
            store_row(to2, LANES, STORED, v2)
            store_row(to3, LANES, STORED, v3)
        done += n
        rest = n % LANES
        if rest > 0:
            end = (done - rest) * ITEMSIZE
            copy_bytes(spare, rows[0] + end, rest * ITEMSIZE)
            copy_bytes(spare + size, rows[1] + end, rest * ITEMSIZE)
            copy_bytes(spare + 2 * size, rows[2] + end, rest * ITEMSIZE)
            copy_bytes(spare + 3 * size, rows[3] + end, rest * ITEMSIZE)


def fill_crosswise(
    place: tuple[int, int],
    table: tuple[int, int, int],
    column: tuple[int, int, int],
    piece: tuple[int, int, int, int],
    key: Key,
    parameters: Parameters,
) -> None:
    """Fill panels whose column is contiguous in memory and steps over whole blocks.

    Parameters
    ----------
    place : tuple of 2 ints
        Address and index of the first element of panel 0.
    table : tuple of 3 ints
        Address of the int64 table of axes, number of outer axes and of axes.
    column : tuple of 3 ints
        Number of elements, bytes (`ITEMSIZE`) and indices (a multiple of 4) between
        them.
    piece : tuple of 4 ints
        First panel and end panel, first row and end row.
    key : tuple of 4 ints
        Key and stream words of the tensor.
    parameters : tuple of 4 floats
        What the sampler takes.
    """
    axes = array_at(table[0], 3 * table[2], np.int64)
    count, step = column[0], column[2] >> 2
    row_step = axes[3 * table[2] - 1]
    width = min(count, SPARE)
    spare = np.empty(4 * width, STORED)
    s0, s1 = address_of(spare), address_of(spare) + width * ITEMSIZE
    s2, s3 = s1 + width * ITEMSIZE, s1 + 2 * width * ITEMSIZE
    for panel in range(piece[0], piece[1]):
        distance, steps = locate(axes, 0, table[1], panel)
        address, first = place[0] + distance, place[1] + steps
        row = piece[2]
        while row < piece[3]:
            d0, steps = locate(axes, table[1], table[2], row)
            lane, block = (first + steps) & 3, (first + steps) >> 2
            # Rows from this one on whose elements stand in the same blocks.
            rows = min(piece[3] - row, (3 - lane) // row_step + 1)
            if rows == 4:
                d1, _ = locate(axes, table[1], table[2], row + 1)
                d2, _ = locate(axes, table[1], table[2], row + 2)
                d3, _ = locate(axes, table[1], table[2], row + 3)
                four = (address + d0, address + d1, address + d2, address + d3)
                fill_lanes(four, count, (block, step), key, parameters)
                row += 4
                continue
            for at in range(0, count, width):
                n = min(width, count - at)
                blocks = block + at * step, step
                fill_lanes((s0, s1, s2, s3), n, blocks, key, parameters)
                for k in range(rows):
                    d0, _ = locate(axes, table[1], table[2], row + k)
                    out = array_at(address + d0 + at * ITEMSIZE, n, STORED)
                    start = (lane + k * row_step) * width
                    for j in range(n):
                        out[j] = spare[u64(start + j)]
            row += rows


def fill_tiles(
    place: tuple[int, int],
    table: tuple[int, int, int],
    column: tuple[int, int, int],
    piece: tuple[int, int, int, int],
    tile: tuple[int, int, int],
    key: Key,
    parameters: Parameters,
) -> None:
    """Fill panels of any strides by way of a tile in the first cache.

    Parameters
    ----------
    place : tuple of 2 ints
        Address and index of the first element of panel 0.
    table : tuple of 3 ints
        Address of the int64 table of axes, number of outer axes and of axes.
    column : tuple of 3 ints
        Number of elements, bytes and indices between them.
    piece : tuple of 4 ints
        First panel and end panel, first row and end row.
    tile : tuple of 3 ints
        Rows and columns of a tile, and elements from one of its columns to the next:
        as many as there are indices, or their remainder modulo 4 and six more than a
        column takes, so that whole blocks fit their places.
    key : tuple of 4 ints
        Key and stream words of the tensor.
    parameters : tuple of 4 floats
        What the sampler takes.
    """
    axes = array_at(table[0], 3 * table[2], np.int64)
    row_step = axes[3 * table[2] - 1]
    values = np.empty((tile[1] - 1) * tile[2] + (tile[0] - 1) * row_step + 8, STORED)
    offsets = np.empty(tile[0], np.int64)
    inner = table[2] - 1
    inner_size, inner_bytes = axes[3 * inner], axes[3 * inner + 1]
    row_bytes = inner_bytes if table[2] - table[1] == 1 else 0
    for panel in range(piece[0], piece[1]):
        distance, steps = locate(axes, 0, table[1], panel)
        address, first = place[0] + distance, place[1] + steps
        for row in range(piece[2], piece[3], tile[0]):
            rows = min(tile[0], piece[3] - row)
            done = 0
            while done < rows:
                distance, _ = locate(axes, table[1], table[2], row + done)
                n = min(rows - done, inner_size - (row + done) % inner_size)
                for k in range(n):
                    offsets[u64(done + k)] = distance + k * inner_bytes
                done += n
            for at in range(0, column[0], tile[1]):
                columns = min(tile[1], column[0] - at)
                start = first + row * row_step + at * column[2]
                make_tile(
                    address_of(values),
                    start,
                    (rows, row_step),
                    (columns, column[2], tile[2]),
                    key,
                    parameters,
                )
                copy_tile(
                    address_of(values) + (start & 3) * ITEMSIZE,
                    address + at * column[1],
                    (address_of(offsets), rows, row_step, row_bytes),
                    (columns, column[1], tile[2]),
                )


def make_tile(
    tile: int,
    first: int,
    rows: tuple[int, int],
    columns: tuple[int, int, int],
    key: Key,
    parameters: Parameters,
) -> None:
    """Fill a tile with whole blocks, a column at a time or as one run.

    Parameters
    ----------
    tile : int
        Its address; the element with index `first` goes `first` modulo 4 further.
    first : int
        Index of the first element, in [0, 2^58).
    rows : tuple of 2 ints
        Number of rows, and indices between them.
    columns : tuple of 3 ints
        Number of columns, indices between them, and elements of the tile, which are
        as many or go by the rule of `fill_tiles`.
    key : tuple of 4 ints
        Key and stream words of the tensor.
    parameters : tuple of 4 floats
        What the sampler takes.
    """
    reach, lane = (rows[0] - 1) * rows[1], first & 3
    if columns[1] == columns[2]:
        reach += (columns[0] - 1) * columns[1]
        fill_blocks(tile, (lane + reach + 4) >> 2, first >> 2, key, parameters)
        return
    for c in range(columns[0]):
        index, to = first + c * columns[1], lane + c * columns[2]
        blocks = ((index & 3) + reach + 4) >> 2
        fill_blocks(
            tile + (to - (to & 3)) * ITEMSIZE, blocks, index >> 2, key, parameters
        )


def copy_tile(
    tile: int,
    address: int,
    rows: tuple[int, int, int, int],
    columns: tuple[int, int, int],
) -> None:
    """Copy a tile to memory, along whichever is the shorter way there.

    Parameters
    ----------
    tile : int
        Address of its first value.
    address : int
        Where that goes.
    rows : tuple of 4 ints
        Address of an int64 table with the bytes from there to the beginning of each
        row, number of rows, elements of the tile from one to the next, and bytes,
        where these are always as many, or 0.
    columns : tuple of 3 ints
        Number of columns, bytes in memory and elements of the tile between them.
    """
    # Unsigned indices are not looked at for a sign, which costs more than a copy.
    table, count, row_step, row_bytes = rows
    values = array_at(tile, columns[0] * columns[2] + count * row_step, STORED)
    offsets = array_at(table, count, np.int64)
    if columns[1] == ITEMSIZE and columns[0] >= NARROW:
        for r in range(count):
            along = array_at(address + offsets[r], columns[0], STORED)
            for c in range(columns[0]):
                along[c] = values[u64(c * columns[2] + r * row_step)]
    elif row_bytes == -ITEMSIZE and row_step == 1:
        for c in range(columns[0]):
            lowest = address + c * columns[1] + offsets[count - 1]
            back = array_at(lowest, count, STORED)
            for r in range(count):
                back[u64(count - 1 - r)] = values[u64(c * columns[2] + r)]
    else:
        for c in range(columns[0]):
            for r in range(count):
                to = address + c * columns[1] + offsets[r]
                store_at(to, values[u64(c * columns[2] + r * row_step)])
