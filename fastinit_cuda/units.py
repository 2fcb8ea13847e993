"""What one thread makes at a time: text of the functions that the grid loops call.

No maths: values come from the sampler that is bound to `draw`, and the names that
store or load are bound to primitives of the target (`fastinit_cuda.kernels`).
"""

from __future__ import annotations

from typing import Any

from fastinit.arithmetic.lanes import draw_element
from fastinit.arithmetic.philox import split_block

__all__ = ["locate_row", "put_element", "put_lanes", "put_unit", "read_entry"]

Key = tuple[int, int, int, int]
Parameters = tuple[Any, ...]

#: Bytes of a row of a table that precede the parameters.
PARAMETERS = 88


def draw(
    block: tuple[int, int], key: Key, parameters: Parameters
) -> tuple[Any, Any, Any, Any]:
    """Four values of a block; bound to a sampler of a distribution and dtype."""
    raise NotImplementedError


def store_values(address: int, values: tuple[Any, ...]) -> None:
    """Store the values of a unit, 16 bytes at a time; bound to a primitive."""
    raise NotImplementedError


def store_value(address: int, value: Any) -> None:
    """Store one value; bound to a primitive of the target."""
    raise NotImplementedError


def load_word64(address: int) -> int:
    """Signed 64-bit integer of device memory; bound to a primitive of the target."""
    raise NotImplementedError


def load_parameters(address: int) -> Any:
    """Parameters, a word of 64 bits each; bound to a primitive of the target."""
    raise NotImplementedError


def divide(number: int, divisor: int) -> tuple[int, int]:
    """Quotient and remainder of words; bound to a primitive of the target."""
    raise NotImplementedError


def put_unit_of_4(address: int, block: int, key: Key, parameters: Parameters) -> None:
    """Store a block: 16 bytes, or 32 where a value has 8."""
    store_values(address, draw(split_block(block), key, parameters))


def put_unit_of_8(address: int, block: int, key: Key, parameters: Parameters) -> None:
    """Store two blocks of values of 2 bytes."""
    v0, v1, v2, v3 = draw(split_block(block), key, parameters)
    v4, v5, v6, v7 = draw(split_block(block + 1), key, parameters)
    store_values(address, (v0, v1, v2, v3, v4, v5, v6, v7))


def put_unit_of_16(address: int, block: int, key: Key, parameters: Parameters) -> None:
    """Store four blocks of values of 1 byte."""
    a0, a1, a2, a3 = draw(split_block(block), key, parameters)
    b0, b1, b2, b3 = draw(split_block(block + 1), key, parameters)
    c0, c1, c2, c3 = draw(split_block(block + 2), key, parameters)
    d0, d1, d2, d3 = draw(split_block(block + 3), key, parameters)
    values = (a0, a1, a2, a3, b0, b1, b2, b3, c0, c1, c2, c3, d0, d1, d2, d3)
    store_values(address, values)


#: Text that stores a unit, by the number of its values.
UNITS = {4: put_unit_of_4, 8: put_unit_of_8, 16: put_unit_of_16}


def put_unit(address: int, block: int, key: Key, parameters: Parameters) -> None:
    """Store a unit; bound to one of `UNITS`."""
    raise NotImplementedError


def put_element(address: int, index: int, key: Key, parameters: Parameters) -> None:
    """Store the one element of an index."""
    store_value(address, draw_element(index, key, parameters))


def put_lanes(
    run: tuple[int, int, int, int], block: int, key: Key, parameters: Parameters
) -> None:
    """Store those values of a block that belong to a run.

    Parameters
    ----------
    run : tuple of 4 ints
        Address of the first element, number of elements, bytes between them, and
        the place in the run that the first value of the block has or would have.
    block : int
        Index of the block, in [0, 2^56).
    key : tuple of 4 ints
        Key and stream words of the tensor.
    parameters : tuple of 4 floats
        What the sampler takes.
    """
    address, count, stride, place = run
    v0, v1, v2, v3 = draw(split_block(block), key, parameters)
    at = address + place * stride
    if place >= 0 and place < count:
        store_value(at, v0)
    if place >= -1 and place + 1 < count:
        store_value(at + stride, v1)
    if place >= -2 and place + 2 < count:
        store_value(at + 2 * stride, v2)
    if place >= -3 and place + 3 < count:
        store_value(at + 3 * stride, v3)


def locate_row(row: int, axes: tuple[int, ...]) -> tuple[int, int, int]:
    """Where a combination of four axes lies.

    Parameters
    ----------
    row : int
        Number of the combination, in [0, 2^31).
    axes : tuple of 16 ints
        (size, bytes, indices, groups) of each axis, the fastest last; a size below
        2^31.

    Returns
    -------
    distance, steps, group : int
        Bytes, stream indices and groups from the first combination.
    """
    rest, n3 = divide(row, axes[12])
    rest, n2 = divide(rest, axes[8])
    n0, n1 = divide(rest, axes[4])
    return (
        n3 * axes[13] + n2 * axes[9] + n1 * axes[5] + n0 * axes[1],
        n3 * axes[14] + n2 * axes[10] + n1 * axes[6] + n0 * axes[2],
        n3 * axes[15] + n2 * axes[11] + n1 * axes[7] + n0 * axes[3],
    )


def read_entry(at: int) -> tuple[Any, ...]:
    """One row of a table of runs, as `fastinit_cuda.tables` lays it out.

    Parameters
    ----------
    at : int
        Device address of the row.

    Returns
    -------
    place : tuple of 3 ints
        First chunk, address of the first element, number of elements.
    units : tuple of 3 ints
        Number of units, elements of the first one that lie before the run, and 1
        where units are aligned.
    first_block : int
        First block of the first unit.
    key : tuple of 4 ints
        Key and stream words of the tensor.
    parameters : tuple of 4 floats
        What the sampler takes.
    """
    place = load_word64(at), load_word64(at + 8), load_word64(at + 16)
    units = load_word64(at + 24), load_word64(at + 32), load_word64(at + 40)
    key = (
        load_word64(at + 56),
        load_word64(at + 64),
        load_word64(at + 72),
        load_word64(at + 80),
    )
    parameters = load_parameters(at + PARAMETERS)
    return place, units, load_word64(at + 48), key, parameters
