"""The loops that every fill runs: text for the CPU and for pure Python.

`draw` gives the four values of a block in stored form, `STORED` is the stored type
and `ITEMSIZE` its bytes; they are bound when a loop is instantiated. Addresses,
counts, strides and indices are signed 64-bit throughout: Numba turns a mix of int64
and uint64 into float64, which is wrong beyond 2^53.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from fastinit.arithmetic.lanes import draw_element
from fastinit.arithmetic.philox import split_block
from fastinit.arithmetic.primitives import (
    array_at,
    clear,
    copy_bytes,
    fence,
    i64,
    lane_blocks,
    prange,
    store_at,
    store_lanes,
    store_line,
    u32,
    workspace,
)

__all__ = [
    "fill_blocks",
    "fill_gathered",
    "fill_parallel",
    "fill_rows",
    "fill_run",
    "fill_scattered",
    "fill_streamed",
]

Key = tuple[int, int, int, int]
Parameters = tuple[float, float, float, float]

#: Bound to the stored type, its size and the blocks of a vector at instantiation.
STORED: Any = np.float32
ITEMSIZE = 4
LANES = 1
#: Bytes of the blocks of a vector, and of a run of `SHORT` blocks.
VECTOR_BYTES = 16
SHORT_BYTES = 512
#: Blocks up to which a run is made elsewhere as a whole.
SHORT = 32


def draw(
    block: tuple[int, int], key: Key, parameters: Parameters
) -> tuple[Any, Any, Any, Any]:
    """Four values of a block; bound to a sampler of a distribution and dtype."""
    raise NotImplementedError


def fill_blocks(
    address: int, blocks: int, first_block: int, key: Key, parameters: Parameters
) -> None:
    """Fill whole blocks of four contiguous elements, `LANES` blocks at a time.

    The high word of the block index is a constant of the inner loop, which ends where
    it changes. Blocks that do not fill a vector are made in a scratch buffer: one
    loop body is compiled in half the time of two.
    """
    spare = workspace(VECTOR_BYTES)
    done = 0
    while done < blocks:
        low, high = split_block(first_block + done)
        count = min(blocks - done, (1 << 32) - i64(low))
        start = address + 4 * done * ITEMSIZE
        for j in range(0, count, LANES):
            to = start + 4 * j * ITEMSIZE if j + LANES <= count else spare
            lanes = lane_blocks(u32(low + j), LANES, ITEMSIZE)
            v0, v1, v2, v3 = draw((lanes, high), key, parameters)
            store_lanes(to, LANES, STORED, v0, v1, v2, v3)
        rest = count % LANES
        if rest > 0:
            end = start + 4 * (count - rest) * ITEMSIZE
            copy_bytes(spare, end, 4 * rest * ITEMSIZE)
        done += count


def fill_run(
    address: int, count: int, first: int, key: Key, parameters: Parameters
) -> None:
    """Fill `count` contiguous elements with indices first, first + 1, ...

    Parameters
    ----------
    address : int
        Address of the first element.
    count : int
        Number of elements, >= 0.
    first : int
        Index of the first element, in [0, 2^58).
    key : tuple of 4 ints
        Key and stream words of the tensor.
    parameters : tuple of 4 floats
        What the sampler takes.
    """
    lane = first & 3
    blocks = (lane + count + 3) >> 2
    if lane == 0 and count & 3 == 0:
        fill_blocks(address, blocks, first >> 2, key, parameters)
        return
    # Blocks of which only a part belongs here are made elsewhere and that part is
    # copied: a second body for single elements would double the compilation.
    spare = workspace(SHORT_BYTES)
    if blocks <= SHORT:
        fill_blocks(spare, blocks, first >> 2, key, parameters)
        copy_bytes(spare + lane * ITEMSIZE, address, count * ITEMSIZE)
        return
    head = (4 - lane) & 3
    if head > 0:
        fill_blocks(spare, 1, first >> 2, key, parameters)
        copy_bytes(spare + lane * ITEMSIZE, address, head * ITEMSIZE)
    whole = (count - head) >> 2
    start = (first + 3) >> 2
    fill_blocks(address + head * ITEMSIZE, whole, start, key, parameters)
    tail = count - head - 4 * whole
    if tail > 0:
        fill_blocks(spare, 1, start + whole, key, parameters)
        end = address + (head + 4 * whole) * ITEMSIZE
        copy_bytes(spare, end, tail * ITEMSIZE)


def fill_streamed(
    address: int, count: int, first: int, key: Key, parameters: Parameters
) -> None:
    """Fill `count` contiguous elements of a constant, past the caches.

    Zeros are left to memset, which is several times as fast where the processor has
    a way of its own for them.

    Parameters
    ----------
    address : int
        Address of the first element.
    count : int
        Number of elements, >= 0.
    first : int
        Not used: all values are equal.
    key : tuple of 4 ints
        Holds the pattern.
    parameters : tuple of 4 floats
        What the sampler takes.
    """
    scratch = workspace(SHORT_BYTES)
    fill_blocks(scratch, 2, 0, key, parameters)
    word = array_at(scratch, 1, np.uint64)[0]
    if word == 0:
        clear(address, count * ITEMSIZE)
        return
    head = min(count, (-address & 63) // ITEMSIZE)
    lines = (count - head) * ITEMSIZE >> 6
    if address % ITEMSIZE != 0:
        # Elements that straddle lines; their stores are left to the caches.
        head, lines = count, 0
    fill_run(address, head, 0, key, parameters)
    start = address + head * ITEMSIZE
    for k in range(lines):
        store_line(start + 64 * k, word)
    fence()
    done = head + (lines << 6) // ITEMSIZE
    fill_run(address + done * ITEMSIZE, count - done, 0, key, parameters)


def fill_scattered(
    address: int,
    run: tuple[int, int, int],
    first: int,
    key: Key,
    parameters: Parameters,
) -> None:
    """Fill a run of any strides, one element at a time.

    Parameters
    ----------
    address : int
        Address of the first element.
    run : tuple of 3 ints
        Number of elements, bytes and stream indices from one to the next.
    first : int
        Index of the first element, in [0, 2^58).
    key : tuple of 4 ints
        Key and stream words of the tensor.
    parameters : tuple of 4 floats
        What the sampler takes.
    """
    count, memory_stride, index_stride = run
    for k in range(count):
        value = draw_element(first + k * index_stride, key, parameters)
        store_at(address + k * memory_stride, STORED(value))


def fill_rows(
    address: int,
    outer: tuple[int, int],
    run: tuple[int, int, int],
    rows: tuple[int, int],
    first: int,
    key: Key,
    parameters: Parameters,
) -> None:
    """Fill rows of a window: many short runs.

    Parameters
    ----------
    address : int
        Address of the first element of row 0.
    outer : tuple of 2 ints
        Address of an int64 table of (size, bytes, indices) per outer axis, the
        fastest last, and the number of its rows.
    run : tuple of 3 ints
        Number of elements of a row, bytes and stream indices between them.
    rows : tuple of 2 ints
        First row and end row.
    first : int
        Index of the first element of row 0, in [0, 2^58).
    key : tuple of 4 ints
        Key and stream words of the tensor.
    parameters : tuple of 4 floats
        What the sampler takes.
    """
    table = array_at(outer[0], 3 * outer[1], np.int64)
    for row in range(rows[0], rows[1]):
        rest, place, index = row, address, first
        for axis in range(outer[1] - 1, -1, -1):
            step = rest % table[3 * axis]
            rest = rest // table[3 * axis]
            place += step * table[3 * axis + 1]
            index += step * table[3 * axis + 2]
        if run[1] == ITEMSIZE and run[2] == 1:
            fill_run(place, run[0], index, key, parameters)
        else:
            fill_scattered(place, run, index, key, parameters)


def fill_gathered(
    address: int, count: int, indices: int, key: Key, parameters: Parameters
) -> None:
    """Fill contiguous elements whose stream indices stand in an int64 array.

    Parameters
    ----------
    address : int
        Address of the first element.
    count : int
        Number of elements, >= 0.
    indices : int
        Address of `count` int64 indices, each in [0, 2^58).
    key : tuple of 4 ints
        Key and stream words of the tensor.
    parameters : tuple of 4 floats
        What the sampler takes.
    """
    table = array_at(indices, count, np.int64)
    for k in range(count):
        value = draw_element(table[k], key, parameters)
        store_at(address + k * ITEMSIZE, STORED(value))


def fill_parallel(
    address: int,
    count: int,
    first: int,
    key: Key,
    parameters: Parameters,
    span: int,
) -> None:
    """Fill a contiguous run in spans that the threads of `prange` share.

    Parameters
    ----------
    address : int
        Address of the first element.
    count : int
        Number of elements, >= 0.
    first : int
        Index of the first element, in [0, 2^58).
    key : tuple of 4 ints
        Key and stream words of the tensor.
    parameters : tuple of 4 floats
        What the sampler takes.
    span : int
        Elements per span, > 0.
    """
    for s in prange((count + span - 1) // span):
        at = s * span
        fill_run(
            address + at * ITEMSIZE,
            min(span, count - at),
            first + at,
            key,
            parameters,
        )
