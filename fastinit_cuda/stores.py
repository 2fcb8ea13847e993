"""How values reach device memory: 16 bytes with one instruction, or one value.

float16 and bfloat16 are rounded here, by the instruction that processors of compute
capability 8.0 have for two values at once: to nearest even, as
`fastinit.arithmetic.low_precision` does with integers in ten times the instructions.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, NamedTuple

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.cuda.extending import intrinsic

__all__ = [
    "PURE",
    "ROUNDED",
    "STORES",
    "Stores",
    "load_word64",
    "parameter_loader",
]

_I8, _I16, _I32, _I64 = (ir.IntType(bits) for bits in (8, 16, 32, 64))
_F32 = ir.FloatType()
#: Address space of device memory.
_GLOBAL = 1
#: Attributes of assembly that compilers may move out of loops.
PURE = ("readnone", "nounwind")

Emit = Callable[..., Any]


class Stores(NamedTuple):
    """Primitives that store values of one kind.

    Attributes
    ----------
    store_values : intrinsic
        store_values(address, values of a unit); the address is a multiple of 16.
    store_value : intrinsic
        store_value(address, value); the address is a multiple of its bytes.
    """

    store_values: Any
    store_value: Any


def _pointer(builder: Any, address: Any, kind: Any) -> Any:
    return builder.inttoptr(address, kind.as_pointer(_GLOBAL))


def _store_vector(builder: Any, address: Any, elements: list[Any]) -> None:
    """Store of at most 32 bytes; NVVM makes pieces of 16 of what is longer."""
    vector = ir.VectorType(elements[0].type, len(elements))
    packed = ir.Constant(vector, ir.Undefined)
    for lane, element in enumerate(elements):
        packed = builder.insert_element(packed, element, _I32(lane))
    builder.store(packed, _pointer(builder, address, vector), align=16)


def _as_they_are(builder: Any, values: list[Any]) -> list[Any]:
    return values


def _packed(builder: Any, values: list[Any]) -> list[Any]:
    """Short integers as words, the first in the lowest bits."""
    width = values[0].type.width
    count = 32 // width
    words = []
    for at in range(0, len(values), count):
        word = builder.zext(values[at], _I32)
        for k in range(1, count):
            moved = builder.shl(builder.zext(values[at + k], _I32), _I32(k * width))
            word = builder.or_(word, moved)
        words.append(word)
    return words


def _assembly(text: str, result: Any, constraint: str, count: int) -> Emit:
    """One instruction of PTX on float32 values."""

    def emit(builder: Any, values: list[Any]) -> Any:
        kind = ir.FunctionType(result, [_F32] * count)
        constraints = ",".join([f"={constraint}", *["f"] * count])
        instruction = ir.InlineAsm(kind, text, constraints)
        return builder.call(instruction, values, attrs=PURE)

    return emit


def _pairs(name: str) -> Emit:
    """Values rounded two at a time, the first in the lower half of a word."""
    # PTX names the upper half first.
    two = _assembly(f"cvt.rn.{name}x2.f32 $0, $2, $1;", _I32, "r", 2)

    def emit(builder: Any, values: list[Any]) -> list[Any]:
        return [two(builder, values[at : at + 2]) for at in range(0, len(values), 2)]

    return emit


def _one(name: str) -> Emit:
    return _assembly(f"cvt.rn.{name}.f32 $0, $1;", _I16, "h", 1)


def _stores(words_of: Emit, rounded: Emit | None = None) -> Stores:
    """Primitives for values that become words, and one value that is rounded."""

    @intrinsic
    def store_values(typing_context: Any, address: Any, values: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            held = cgutils.unpack_tuple(  # type: ignore[no-untyped-call]
                builder, arguments[1], len(signature.args[1])
            )
            _store_vector(builder, arguments[0], words_of(builder, held))
            return context.get_dummy_value()

        return types.void(types.int64, values), generate

    @intrinsic
    def store_value(typing_context: Any, address: Any, value: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            address, held = arguments
            if rounded is not None:
                held = rounded(builder, [held])
            pointer = _pointer(builder, address, held.type)
            builder.store(held, pointer, align=_size(held.type))
            return context.get_dummy_value()

        return types.void(types.int64, value), generate

    return Stores(store_values, store_value)


def _size(kind: Any) -> int:
    """Bytes of an LLVM type."""
    if isinstance(kind, ir.IntType):
        return int(kind.width) // 8
    return 4 if kind == _F32 else 8


#: PTX's name of each dtype that the hardware rounds float32 to.
ROUNDED = {"float16": "f16", "bfloat16": "bf16"}

#: Primitives by NumPy name of what the sampler gives, or by name of a rounded dtype.
STORES: dict[str, Stores] = {
    **{name: _stores(_packed) for name in ("uint8", "uint16")},
    **{
        name: _stores(_as_they_are)
        for name in ("uint32", "uint64", "float32", "float64")
    },
    **{dtype: _stores(_pairs(name), _one(name)) for dtype, name in ROUNDED.items()},
}


@intrinsic
def load_word64(typing_context: Any, address: Any) -> Any:
    """Signed 64-bit integer at an address that is a multiple of 8."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.load(_pointer(builder, arguments[0], _I64), align=8)

    return types.int64(types.int64), generate


@functools.cache
def parameter_loader(kind: Any, count: int) -> Any:
    """Intrinsic that loads floats, a word of 64 bits each.

    Parameters
    ----------
    kind : Numba type
        float64, or float32 whose bits are the low halves of the words.
    count : int
        How many there are.

    Returns
    -------
    load : intrinsic
        load(address, a multiple of 8) -> tuple of `count` floats.
    """

    def decoded(builder: Any, address: Any) -> Any:
        word = builder.load(_pointer(builder, address, _I64), align=8)
        if kind == types.float64:
            return builder.bitcast(word, ir.DoubleType())
        return builder.bitcast(builder.trunc(word, _I32), ir.FloatType())

    @intrinsic
    def load_parameters(typing_context: Any, address: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            places = [builder.add(arguments[0], _I64(8 * k)) for k in range(count)]
            values = [decoded(builder, place) for place in places]
            return context.make_tuple(builder, signature.return_type, values)

        floats = types.UniTuple(kind, count)  # type: ignore[no-untyped-call]
        return floats(types.int64), generate

    return load_parameters
