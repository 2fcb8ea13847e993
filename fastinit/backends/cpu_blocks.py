"""Which block a lane belongs to, and how the lanes of four values reach memory.

The four words of a block stand in four vectors, and in memory side by side. Blocks
are dealt to lanes so that this transposition stays within 128 bits wherever that is
possible: unpacking there costs one instruction, a permutation across a register more.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core.errors import RequireLiteralValue
from numba.extending import intrinsic

from fastinit.backends.cpu_lanes import (
    I32,
    I64,
    Words,
    as_lanes,
    is_vector,
    joined,
    plain_type,
    splat,
)

__all__ = ["LANES", "lane_blocks", "lane_steps", "store_lanes", "store_row"]


#: Blocks that a kernel makes at a time. Two to four registers of lanes on AVX2 and
#: AVX-512: several chains of dependent steps are under way at once.
LANES = 16


def _block_of_place(itemsize: int, count: int) -> list[int]:
    """Block of each lane of a stored vector that `store_lanes` brings into order."""
    half, quarter = count // 2, count // 4
    if itemsize == 8:
        return [p % 2 * half + p // 2 for p in range(count)]
    if itemsize == 4:
        return [p % 4 * quarter + p // 4 for p in range(count)]
    if itemsize == 2:
        return [p % 4 // 2 * half + p // 4 * 2 + p % 2 for p in range(count)]
    return list(range(count))


def _long_lanes(places: list[int], itemsize: int) -> list[int]:
    """Lanes of 64 bits from what stands in the lanes of a stored vector."""
    # Lanes j and j + n / 2 of 64 bits are lanes 2 j and 2 j + 1 of 32.
    return places if itemsize == 8 else places[::2] + places[1::2]


def _literal(kind: Any, name: str) -> int:
    if not isinstance(kind, types.IntegerLiteral):
        msg = f"{name} must be a constant of the kernel"
        raise RequireLiteralValue(msg)
    return int(kind.literal_value)


def _plain(kind: Any) -> Any:
    return kind if is_vector(kind) else plain_type(kind)


@intrinsic(prefer_literal=True)
def lane_blocks(typing_context: Any, low: Any, lanes: Any, itemsize: Any) -> Any:
    """Low words of the indices of the blocks that the lanes make.

    What goes beyond 2^32 belongs to blocks that nobody asked for.
    """
    count = _literal(lanes, "the number of lanes")
    size = _literal(itemsize, "the size of an element")
    order = _long_lanes(_block_of_place(size, count), size)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        first = splat(builder, builder.zext(arguments[0], I64), count)
        return builder.add(first, ir.Constant(first.type, order))

    return Words(count)(types.uint32, lanes, itemsize), generate


@intrinsic(prefer_literal=True)
def lane_steps(
    typing_context: Any, low: Any, step: Any, lanes: Any, itemsize: Any
) -> Any:
    """Low words of the indices of every step-th block, for `store_row`."""
    count = _literal(lanes, "the number of lanes")
    size = _literal(itemsize, "the size of an element")
    order = _long_lanes(list(range(count)), size)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        first = splat(builder, builder.zext(arguments[0], I64), count)
        steps = splat(builder, arguments[1], count)
        return builder.add(first, builder.mul(steps, ir.Constant(first.type, order)))

    return Words(count)(types.uint32, types.int64, lanes, itemsize), generate


@intrinsic(prefer_literal=True)
def store_row(
    typing_context: Any, address: Any, lanes: Any, stored: Any, value: Any
) -> Any:
    """Store one value of each of `lanes` blocks, side by side."""
    count = _literal(lanes, "the number of lanes")
    element = stored.dtype

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = signature.args[3]
        row = as_lanes(context, builder, arguments[3], kind, element, count)
        pointer = builder.inttoptr(arguments[0], row.type.as_pointer())
        builder.store(row, pointer, align=element.bitwidth // 8)
        return context.get_dummy_value()

    return types.void(types.int64, lanes, stored, _plain(value)), generate


@intrinsic(prefer_literal=True)
def store_lanes(
    typing_context: Any,
    address: Any,
    lanes: Any,
    stored: Any,
    v0: Any,
    v1: Any,
    v2: Any,
    v3: Any,
) -> Any:
    """Store the values of `lanes` blocks, a block after the other."""
    count = _literal(lanes, "the number of lanes")
    element = stored.dtype

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        values = [
            as_lanes(context, builder, value, kind, element, count)
            for value, kind in zip(arguments[3:], signature.args[3:], strict=True)
        ]
        itemsize = element.bitwidth // 8
        bits = ir.VectorType(I64 if itemsize == 8 else I32, count)
        if itemsize < 4:
            values = [builder.zext(value, bits) for value in values]
        else:
            values = [builder.bitcast(value, bits) for value in values]
        rows = _TRANSPOSED[itemsize](builder, values, count)
        for k, row in enumerate(rows):
            size = row.type.count * row.type.element.width // 8
            place = builder.add(arguments[0], I64(k * size))
            pointer = builder.inttoptr(place, row.type.as_pointer())
            builder.store(row, pointer, align=itemsize)
        return context.get_dummy_value()

    kinds = [_plain(kind) for kind in (v0, v1, v2, v3)]
    return types.void(types.int64, lanes, stored, *kinds), generate


def _unpacked(builder: Any, a: Any, b: Any, count: int, group: int) -> tuple[Any, Any]:
    """Lower and upper lanes of each group of 128 bits, those of a and b in turn."""
    low, high = [], []
    for start in range(0, count, group):
        for k in range(group // 2):
            low += [start + k, count + start + k]
            high += [start + group // 2 + k, count + start + group // 2 + k]
    return joined(builder, a, b, low), joined(builder, a, b, high)


def _pairs(builder: Any, a: Any, b: Any, count: int, parity: int) -> Any:
    """Pairs of lanes (2 j, 2 j + 1) of a and of b in turn, of every second j."""
    order = []
    for start in range(0, count, 4):
        place = start + 2 * parity
        order += [place, place + 1, count + place, count + place + 1]
    return joined(builder, a, b, order)


def _transposed_32(builder: Any, values: Any, count: int) -> list[Any]:
    low_01, high_01 = _unpacked(builder, values[0], values[1], count, 4)
    low_23, high_23 = _unpacked(builder, values[2], values[3], count, 4)
    return [
        _pairs(builder, low_01, low_23, count, 0),
        _pairs(builder, low_01, low_23, count, 1),
        _pairs(builder, high_01, high_23, count, 0),
        _pairs(builder, high_01, high_23, count, 1),
    ]


def _transposed_64(builder: Any, values: Any, count: int) -> list[Any]:
    rows = []
    firsts = _unpacked(builder, values[0], values[1], count, 2)
    seconds = _unpacked(builder, values[2], values[3], count, 2)
    for a, b in zip(firsts, seconds, strict=True):
        order = []
        for pair in range(0, count, 2):
            order += [pair, pair + 1, count + pair, count + pair + 1]
        rows += [
            joined(builder, a, b, order[:count]),
            joined(builder, a, b, order[count:]),
        ]
    return rows


def _merged(builder: Any, low: Any, high: Any, bits: int, count: int) -> Any:
    """Two narrow values in one lane."""
    return builder.or_(low, builder.shl(high, splat(builder, I32(bits), count)))


def _transposed_16(builder: Any, values: Any, count: int) -> list[Any]:
    first = _merged(builder, values[0], values[1], 16, count)
    second = _merged(builder, values[2], values[3], 16, count)
    return list(_unpacked(builder, first, second, count, 4))


def _transposed_8(builder: Any, values: Any, count: int) -> list[Any]:
    first = _merged(builder, values[0], values[1], 8, count)
    second = _merged(builder, values[2], values[3], 8, count)
    return [_merged(builder, first, second, 16, count)]


#: From four vectors, a lane a block, to vectors in the order of memory.
_TRANSPOSED = {
    1: _transposed_8,
    2: _transposed_16,
    4: _transposed_32,
    8: _transposed_64,
}
