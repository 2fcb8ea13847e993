"""The primitives of the arithmetic as instructions of LLVM, for scalars and vectors.

Each takes numbers or the vectors of `fastinit.backends.cpu_lanes`; a number among
vectors counts for all lanes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from fastinit.backends.cpu_lanes import (
    I32,
    I64,
    LOW_WORD,
    Lanes,
    Mask,
    Words,
    as_lanes,
    as_words,
    count_of,
    element_of,
    is_vector,
    llvm_type,
    plain_type,
)
from fastinit.backends.cpu_processor import converts_long_integers

__all__ = ["ELEMENTWISE"]

Emit = Callable[..., Any]

#: 2^84 and 2^52 as patterns of float64: their last places are worth 2^32 and 1.
_TWO_84, _TWO_52 = 0x4530000000000000, 0x4330000000000000


def _typed(name: str, arity: int, rule: Callable[..., Any], **options: Any) -> Any:
    """Intrinsic of a fixed number of arguments; Numba reads that off the signature."""
    if arity == 1:

        def typed(typing_context: Any, a: Any) -> Any:
            return rule(a)

    elif arity == 2:

        def typed(typing_context: Any, a: Any, b: Any) -> Any:  # type: ignore[misc]
            return rule(a, b)

    else:

        def typed(  # type: ignore[misc]
            typing_context: Any, a: Any, b: Any, c: Any
        ) -> Any:
            return rule(a, b, c)

    typed.__name__ = name
    return intrinsic(typed, **options) if not options else intrinsic(**options)(typed)


def _elementwise(name: str, elements: Any, result: Any, emit: Emit) -> Any:
    """Intrinsic that does the same to every lane.

    Parameters
    ----------
    name : str
        Its name in messages.
    elements : tuple
        Scalar types that the arguments are cast to.
    result : Numba type
        Scalar type of the result.
    emit : callable
        emit(builder, LLVM type of the result, *LLVM values) -> LLVM value.
    """

    def rule(*kinds: Any) -> Any:
        count = count_of(kinds)

        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            given = [
                as_lanes(context, builder, value, kind, element, count)
                for value, kind, element in zip(
                    arguments, signature.args, elements, strict=True
                )
            ]
            return emit(builder, llvm_type(result, count), *given)

        returned = Lanes(result, count) if count else result
        return returned(*kinds), generate

    return _typed(name, len(elements), rule)


def _call(builder: Any, name: str, kind: Any, *arguments: Any) -> Any:
    """Call of an intrinsic of LLVM whose arguments and result have one type."""
    scalar = getattr(kind, "element", kind)
    prefix = f"v{kind.count}" if isinstance(kind, ir.VectorType) else ""
    full = f"llvm.{name}.{prefix}{'f32' if scalar == ir.FloatType() else 'f64'}"
    function = builder.module.globals.get(full) or ir.Function(
        builder.module, ir.FunctionType(kind, [kind] * len(arguments)), full
    )
    return builder.call(function, arguments)


def _magnitude(builder: Any, kind: Any, value: Any) -> Any:
    """Absolute value; written as a comparison of Numba it would be made on 64 bits."""
    zero = ir.Constant(kind, None)
    negated = builder.sub(zero, value)
    return builder.select(builder.icmp_signed("<", value, zero), negated, value)


def _float_fma(name: str, element: Any) -> Any:
    return _elementwise(
        name, (element,) * 3, element, lambda b, kind, *abc: _call(b, "fma", kind, *abc)
    )


def _root(name: str, element: Any) -> Any:
    """llvm.sqrt is correctly rounded, by the definition of IEEE 754."""
    return _elementwise(
        name, (element,), element, lambda b, kind, value: _call(b, "sqrt", kind, value)
    )


def _quotient(name: str, element: Any) -> Any:
    """Division without the test for zero that Numba's operator makes."""

    def emit(builder: Any, _: Any, a: Any, b: Any) -> Any:
        return builder.fdiv(a, b)

    return _elementwise(name, (element,) * 2, element, emit)


def _bit_cast(name: str, source: Any, result: Any) -> Any:
    return _elementwise(
        name, (source,), result, lambda b, kind, value: b.bitcast(value, kind)
    )


def _shift(name: str, result: Any, method: str) -> Any:
    """Shift of a word in 32 bits; Numba's own shifts of scalars work in 64."""

    def emit(builder: Any, kind: Any, word: Any, bits: Any) -> Any:
        return getattr(builder, method)(word, bits)

    return _elementwise(name, (types.uint32, types.uint32), result, emit)


def _as_given(context: Any, builder: Any, signature: Any, given: Any) -> Any:
    return given[0]


def _scalar_cast(kind: Any, result: Any) -> Any:
    """What an intrinsic returns that casts a number as Numba casts it."""
    plain = plain_type(kind)

    def cast(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return context.cast(builder, given[0], plain, result)

    return result(plain), cast


def _integer(name: str, result: Any) -> Any:
    """Cast to an integer type, modulo 2^bits."""

    def rule(kind: Any) -> Any:
        if isinstance(kind, Words) and result == types.uint32:
            # Words stay words until something needs 32 bits.
            return kind(kind), _as_given
        if not is_vector(kind):
            return _scalar_cast(kind, result)
        if isinstance(kind.element, types.Float):
            return None

        def convert(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            return as_lanes(context, builder, given[0], kind, result, kind.count)

        return Lanes(result, kind.count)(kind), convert

    return _typed(name, 1, rule)


def _real(name: str, result: Any, integers: Any) -> Any:
    """Nearest float of an integer; of lanes, those of the float's own width."""

    def rule(kind: Any) -> Any:
        if not is_vector(kind):
            return _scalar_cast(kind, result)
        element: Any = kind.element
        if element not in integers:
            return None

        def convert(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            count = kind.count
            value = as_lanes(context, builder, given[0], kind, element, count)
            kind_of_result = llvm_type(result, count)
            if element == types.int64 and not converts_long_integers():
                return _double_of_long(builder, kind_of_result, value)
            emit = builder.sitofp if element.signed else builder.uitofp
            return emit(value, kind_of_result)

        return Lanes(result, kind.count)(kind), convert

    return _typed(name, 1, rule)


def _double_of_long(builder: Any, kind: Any, value: Any) -> Any:
    """Nearest float64 of signed 64-bit lanes, by one rounding in a float addition.

    The halves of the integer are put into the low bits of 2^84 and 2^52: the upper
    half, moved by 2^31 to be positive, gives 2^84 + 2^63 + high 2^32 exactly, the lower
    half 2^52 + low. LLVM itself does it so for unsigned integers only.
    """

    def constant(bits: int) -> Any:
        return ir.Constant(value.type, [bits] * kind.count)

    high = builder.lshr(value, constant(32))
    high = builder.xor(high, constant(_TWO_84 | 1 << 31))
    low = builder.or_(builder.and_(value, constant(LOW_WORD)), constant(_TWO_52))
    offset = ir.Constant(kind, [2.0**84 + 2.0**63 + 2.0**52] * kind.count)
    upper = builder.fsub(builder.bitcast(high, kind), offset)
    return builder.fadd(upper, builder.bitcast(low, kind))


def _multiply_rule(a: Any, b: Any) -> Any:
    count = count_of((a, b))
    if count == 0:

        def scalars(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            product = builder.mul(*[builder.zext(word, I64) for word in given])
            high = builder.trunc(builder.lshr(product, I64(32)), I32)
            low = builder.trunc(product, I32)
            return context.make_tuple(builder, signature.return_type, (high, low))

        pair = types.UniTuple(types.uint32, 2)  # type: ignore[no-untyped-call]
        return pair(types.uint32, types.uint32), scalars

    def vectors(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        # What stands in the upper halves is masked off here; processors whose product
        # looks at lower halves alone need no instruction for it.
        factors = [
            as_lanes(
                *(context, builder, as_words(context, builder, value, kind, count)),
                *(Words(count), types.uint64, count),
            )
            for value, kind in zip(given, signature.args, strict=True)
        ]
        product = builder.mul(*factors)
        high = builder.lshr(product, ir.Constant(product.type, [32] * count))
        return context.make_tuple(builder, signature.return_type, (high, product))

    pair = types.UniTuple(Words(count), 2)  # type: ignore[no-untyped-call]
    return pair(a, b), vectors


def _select_rule(condition: Any, a: Any, b: Any) -> Any:
    count = count_of((condition, a, b))
    if count == 0:
        plain = plain_type(a)

        def pick(context: Any, builder: Any, signature: Any, given: Any) -> Any:
            return builder.select(*given)

        # Two types would be a promotion that nobody wrote.
        is_one = plain == plain_type(b)
        return (plain(types.boolean, plain, plain), pick) if is_one else None
    element = element_of(a)
    if element != element_of(b):
        return None
    if isinstance(condition, Mask) and condition.bits != element.bitwidth:
        # Lanes of 32 and of 64 bits stand in different orders.
        return None

    def generate(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        one, other = (
            as_lanes(context, builder, value, kind, element, count)
            for value, kind in zip(given[1:], signature.args[1:], strict=True)
        )
        return builder.select(given[0], one, other)

    return Lanes(element, count)(condition, a, b), generate


U32, INT32, F32 = types.uint32, types.int32, types.float32
U64, INT64, F64 = types.uint64, types.int64, types.float64

#: Replacements of functions of `fastinit.arithmetic.primitives`, by name.
ELEMENTWISE: dict[str, Any] = {
    "u8": _integer("u8", types.uint8),
    "u16": _integer("u16", types.uint16),
    "u32": _integer("u32", U32),
    "u64": _integer("u64", U64),
    "i32": _integer("i32", INT32),
    "i64": _integer("i64", INT64),
    "single": _real("single", F32, (U32, INT32)),
    "double": _real("double", F64, (U64, INT64)),
    "multiply_wide": _typed("multiply_wide", 2, _multiply_rule),
    "select": _typed("select", 3, _select_rule),
    "shift_left": _shift("shift_left", U32, "shl"),
    "shift_right": _shift("shift_right", U32, "lshr"),
    "shift_signed": _shift("shift_signed", INT32, "ashr"),
    "magnitude32": _elementwise("magnitude32", (INT32,), INT32, _magnitude),
    "magnitude64": _elementwise("magnitude64", (INT64,), INT64, _magnitude),
    "fma32": _float_fma("fma32", F32),
    "fma64": _float_fma("fma64", F64),
    "sqrt32": _root("sqrt32", F32),
    "sqrt64": _root("sqrt64", F64),
    "divide32": _quotient("divide32", F32),
    "divide64": _quotient("divide64", F64),
    "bits32": _bit_cast("bits32", F32, U32),
    "bits64": _bit_cast("bits64", F64, U64),
    "single_from_bits": _bit_cast("single_from_bits", U32, F32),
    "double_from_bits": _bit_cast("double_from_bits", U64, F64),
}
