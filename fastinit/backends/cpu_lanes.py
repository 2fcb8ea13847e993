"""Vectors as values of Numba: the text of the arithmetic on many blocks at once.

A scalar of the text is inlined where it is called, with whatever types it is called
with. Called with the vectors of this module it becomes explicit vector code, so that
full width does not depend on what an auto-vectoriser makes of a loop.

Lanes of 64 bits are kept in their order, lanes of 32 bits (and less) as pairs (j,
j + n / 2): then one shift and one blend narrow two registers to one, where the plain
order takes permutations across the register. All conversions keep to this, so a lane
always belongs to the same block; only `lane_blocks` and `store_lanes` know which.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import models, register_model

__all__ = [
    "I32",
    "I64",
    "LOW_WORD",
    "Lanes",
    "Mask",
    "Words",
    "as_lanes",
    "as_words",
    "count_of",
    "element_of",
    "is_vector",
    "joined",
    "llvm_type",
    "plain_type",
    "splat",
]

I1, I16, I32, I64 = (ir.IntType(bits) for bits in (1, 16, 32, 64))
_LLVM = {
    types.uint8: ir.IntType(8),
    types.uint16: I16,
    types.uint32: I32,
    types.int32: I32,
    types.uint64: I64,
    types.int64: I64,
    types.float32: ir.FloatType(),
    types.float64: ir.DoubleType(),
}
LOW_WORD = 0xFFFFFFFF


class Lanes(types.Type):
    """A vector of `count` numbers of one scalar type."""

    def __init__(self, element: Any, count: int) -> None:
        self.element, self.count = element, count
        super().__init__(name=f"Lanes({element}, {count})")

    @property
    def llvm(self) -> Any:
        """Type of LLVM that holds it."""
        return ir.VectorType(_LLVM[self.element], self.count)


class Words(types.Type):
    """A vector of words, each the lower half of 64 bits whose upper half is not kept.

    A product of two words is 64 bits wide. Words that go from one product to the next
    need not be cut to 32 bits in between.
    """

    element = types.uint32

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__(name=f"Words({count})")

    @property
    def llvm(self) -> Any:
        """Type of LLVM that holds it."""
        return ir.VectorType(I64, self.count)


class Mask(types.Type):
    """A vector of truths about lanes of 32 or of 64 bits."""

    def __init__(self, bits: int, count: int) -> None:
        self.bits, self.count = bits, count
        super().__init__(name=f"Mask({bits}, {count})")

    @property
    def llvm(self) -> Any:
        """Type of LLVM that holds it."""
        return ir.VectorType(I1, self.count)


@register_model(Lanes)
@register_model(Words)
@register_model(Mask)
class _VectorModel(models.PrimitiveModel):
    """A vector is a value of its own in LLVM too."""

    def __init__(self, manager: Any, kind: Any) -> None:
        super().__init__(manager, kind, kind.llvm)  # type: ignore[no-untyped-call]


def plain_type(kind: Any) -> Any:
    """Type of a number whose value Numba may know too.

    Parameters
    ----------
    kind : Numba type
        Of a number or a vector.

    Returns
    -------
    plain : Numba type
        The same without a value.
    """
    return types.unliteral(kind)  # type: ignore[no-untyped-call]


def is_vector(kind: Any) -> bool:
    """Whether a type is a vector of numbers.

    Parameters
    ----------
    kind : Numba type
        Any.

    Returns
    -------
    is_vector : bool
        True for `Lanes` and `Words`.
    """
    return isinstance(kind, Lanes | Words)


def count_of(kinds: Any) -> int:
    """Lanes of the vectors among some types; 0 where there are only scalars.

    Parameters
    ----------
    kinds : sequence of Numba types
        Of the operands.

    Returns
    -------
    count : int
        Lanes, or 0.
    """
    return max((getattr(kind, "count", 0) for kind in kinds), default=0)


def element_of(kind: Any) -> Any:
    """Scalar type of a vector; a scalar's own.

    Parameters
    ----------
    kind : Numba type
        Of a number or a vector.

    Returns
    -------
    element : Numba type
        Scalar; uint32 for `Words`.
    """
    return getattr(kind, "element", plain_type(kind))


def llvm_type(element: Any, count: int) -> Any:
    """Type of LLVM of a vector of a scalar type; of the scalar where count is 0.

    Parameters
    ----------
    element : Numba type
        Scalar.
    count : int
        Lanes, or 0.

    Returns
    -------
    kind : LLVM type
        Vector or scalar.
    """
    return ir.VectorType(_LLVM[element], count) if count else _LLVM[element]


def splat(builder: Any, scalar: Any, count: int) -> Any:
    """Vector of equal lanes.

    Parameters
    ----------
    builder : IRBuilder
        Where the code goes.
    scalar : LLVM value
        Value of each lane.
    count : int
        Lanes, > 0.

    Returns
    -------
    vector : LLVM value
        Of `count` lanes.
    """
    undefined = ir.Constant(ir.VectorType(scalar.type, count), ir.Undefined)
    one = builder.insert_element(undefined, scalar, I32(0))
    zeros = ir.Constant(ir.VectorType(I32, count), [0] * count)
    return builder.shuffle_vector(one, undefined, zeros)


def joined(builder: Any, a: Any, b: Any, order: Any) -> Any:
    """Lanes of two vectors in a given order: those of b count on from those of a.

    Parameters
    ----------
    builder : IRBuilder
        Where the code goes.
    a, b : LLVM values
        Vectors of one type.
    order : iterable of int
        Lane that comes to each place.

    Returns
    -------
    vector : LLVM value
        With as many lanes as `order` has entries.
    """
    order = list(order)
    mask = ir.Constant(ir.VectorType(I32, len(order)), order)
    return builder.shuffle_vector(a, b, mask)


def _halves(builder: Any, value: Any, count: int) -> tuple[Any, Any]:
    """Lower and upper half of a vector."""
    half = count // 2
    undefined = ir.Constant(value.type, ir.Undefined)
    return (
        joined(builder, value, undefined, range(half)),
        joined(builder, value, undefined, range(half, count)),
    )


def _narrowed(builder: Any, words: Any, count: int) -> Any:
    """Lower halves of 64-bit lanes, those of lanes j and j + n / 2 side by side."""
    low, high = _halves(builder, words, count)
    high = builder.shl(high, splat(builder, I64(32), count // 2))
    kind = ir.VectorType(I32, count)
    order = [lane if lane % 2 == 0 else count + lane for lane in range(count)]
    return joined(
        builder, builder.bitcast(low, kind), builder.bitcast(high, kind), order
    )


def _widened(builder: Any, lanes: Any, count: int) -> Any:
    """Inverse of `_narrowed`, with upper halves of zero."""
    half = count // 2
    pairs = builder.bitcast(lanes, ir.VectorType(I64, half))
    low = builder.and_(pairs, splat(builder, I64(LOW_WORD), half))
    high = builder.lshr(pairs, splat(builder, I64(32), half))
    return joined(builder, low, high, range(count))


def as_lanes(
    context: Any, builder: Any, value: Any, kind: Any, element: Any, count: int
) -> Any:
    """LLVM vector of a scalar type from a vector or scalar of Numba.

    Integers are cut or extended as Numba does it with scalars; a scalar of any type is
    cast and repeated. Between floats and integers nothing is converted here.

    Parameters
    ----------
    context, builder : object
        As Numba hands them to a generator of code.
    value : LLVM value
        Number or vector.
    kind : Numba type
        Its type.
    element : Numba type
        Scalar type of the result.
    count : int
        Lanes of the result; 0 for a number.

    Returns
    -------
    vector : LLVM value
        Of `llvm_type(element, count)`.
    """
    if not is_vector(kind):
        scalar = context.cast(builder, value, kind, element)
        return splat(builder, scalar, count) if count else scalar
    if isinstance(kind, Words):
        if element.bitwidth == 64:
            return builder.and_(value, splat(builder, I64(LOW_WORD), count))
        value, held = _narrowed(builder, value, count), 32
    else:
        held = kind.element.bitwidth
    if element.bitwidth < held == 64:
        value, held = _narrowed(builder, value, count), 32
    if element.bitwidth < held:
        return builder.trunc(value, llvm_type(element, count))
    if held < 32 <= element.bitwidth:
        value, held = builder.zext(value, ir.VectorType(I32, count)), 32
    return _widened(builder, value, count) if held < element.bitwidth else value


def as_words(context: Any, builder: Any, value: Any, kind: Any, count: int) -> Any:
    """LLVM vector of 64-bit lanes with words in their lower halves.

    Parameters
    ----------
    context, builder : object
        As Numba hands them to a generator of code.
    value : LLVM value
        Number or vector.
    kind : Numba type
        Its type.
    count : int
        Lanes of the result.

    Returns
    -------
    words : LLVM value
        Lanes of 64 bits.
    """
    if isinstance(kind, Words):
        return value
    if isinstance(kind, Lanes):
        word = as_lanes(context, builder, value, kind, types.uint32, count)
        return _widened(builder, word, count)
    word = context.cast(builder, value, kind, types.uint32)
    return splat(builder, builder.zext(word, I64), count)
