"""The CUDA target: numba-cuda's compiler for the text of `fastinit.arithmetic`.

numba.cuda contracts a * b + c on its own. The text therefore writes every fused
step as an explicit fma and lets no product feed an addition, so there is nothing
left to contract (tests look for it in the PTX).
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numba.cuda
import numpy as np
from llvmlite import ir
from numba import types
from numba.cuda.extending import intrinsic

from fastinit.arithmetic.targets import Target
from fastinit_cuda.stores import PURE, load_word64

__all__ = ["cuda_target"]

# numba-cuda is not typed.
cuda: Any = numba.cuda

_I32, _I64 = ir.IntType(32), ir.IntType(64)
_F32, _F64 = ir.FloatType(), ir.DoubleType()


def _unary(name: str, source: Any, result: Any, emit: Any) -> Any:
    """Intrinsic of one argument of a fixed type."""

    def typed(typing_context: Any, value: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            given = context.cast(builder, arguments[0], signature.args[0], source)
            return emit(builder, given)

        return result(value), generate

    typed.__name__ = name
    return intrinsic(typed)


#: What ptxas makes of sqrt.rn.f32 where no step can over- or underflow, without its
#: test for that: the same instructions, so the same bits. The maximum lets 0 give 0.
_SQRT_32 = """{
    .reg .f32 r, s, h, e;
    max.f32 r, $1, 0f0D800000;
    rsqrt.approx.ftz.f32 r, r;
    mul.rn.ftz.f32 s, $1, r;
    mul.rn.ftz.f32 h, r, 0f3F000000;
    neg.f32 e, s;
    fma.rn.f32 e, e, s, $1;
    fma.rn.f32 $0, e, h, s;
}"""


def _square_root_single(builder: Any, value: Any) -> Any:
    """Correctly rounded square root of 0 and of float32 values of [2^-100, 2^128).

    The arithmetic takes it of no other (tests run it where it comes close).
    """
    kind = ir.FunctionType(_F32, [_F32])
    return builder.call(ir.InlineAsm(kind, _SQRT_32, "=f,f"), [value], attrs=PURE)


def _square_root_double(builder: Any, value: Any) -> Any:
    """Correctly rounded square root: sqrt.rn, whatever the default mode is."""
    name = "llvm.nvvm.sqrt.rn.d"
    function = builder.module.globals.get(name) or ir.Function(
        builder.module, ir.FunctionType(_F64, [_F64]), name
    )
    return builder.call(function, [value])


def _magnitude(kind: Any) -> Any:
    """Emitter of the absolute value; a comparison would be made on 64 bits."""

    def emit(builder: Any, value: Any) -> Any:
        negated = builder.sub(kind(0), value)
        return builder.select(builder.icmp_signed("<", value, kind(0)), negated, value)

    return emit


def _fma(name: str, kind: Any) -> Any:
    """Intrinsic of a * b + c rounded once."""

    def typed(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            given = [
                context.cast(builder, value, held, kind)
                for value, held in zip(arguments, signature.args, strict=True)
            ]
            return builder.fma(*given)

        return kind(a, b, c), generate

    typed.__name__ = name
    return intrinsic(typed)


def _quotient(name: str, kind: Any, suffix: str) -> Any:
    """Intrinsic of a / b: div.rn, whatever the default mode is."""

    def typed(typing_context: Any, a: Any, b: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            held = arguments[0].type
            called = f"llvm.nvvm.div.rn.{suffix}"
            function = builder.module.globals.get(called) or ir.Function(
                builder.module, ir.FunctionType(held, [held, held]), called
            )
            return builder.call(function, arguments)

        return kind(kind, kind), generate

    typed.__name__ = name
    return intrinsic(typed)


@intrinsic
def _multiply_wide(typing_context: Any, a: Any, b: Any) -> Any:
    """High and low word of a 64-bit product: one IMAD.WIDE.U32.

    The instruction is spelled out because link-time optimisation forgets that a
    constant factor has 32 bits, which costs another addition for each product.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = ir.FunctionType(_I64, [_I32, _I32])
        wide = ir.InlineAsm(kind, "mul.wide.u32 $0, $1, $2;", "=l,r,r")
        product = builder.call(wide, arguments, attrs=PURE)
        high = builder.trunc(builder.lshr(product, _I64(32)), _I32)
        low = builder.trunc(product, _I32)
        return context.make_tuple(builder, signature.return_type, (high, low))

    words = types.UniTuple(types.uint32, 2)  # type: ignore[no-untyped-call]
    return words(types.uint32, types.uint32), generate


@intrinsic
def _select(typing_context: Any, condition: Any, a: Any, b: Any) -> Any:
    """One of two values of one type, without a branch."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.select(*arguments)

    # Two types would be a promotion that nobody wrote.
    return (a(types.boolean, a, b), generate) if a == b else None


def _shift(name: str, result: Any, emit: Any) -> Any:
    """Intrinsic that shifts a word in 32 bits; Numba's own shifts work in 64."""

    def typed(typing_context: Any, word: Any, bits: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return emit(builder, *arguments)

        return result(types.uint32, types.int32), generate

    typed.__name__ = name
    return intrinsic(typed)


@intrinsic
def _divide(typing_context: Any, number: Any, divisor: Any) -> Any:
    """Quotient and remainder of words; Numba's own division works in 64 bits."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        number, divisor = (builder.trunc(word, _I32) for word in arguments)
        quotient = builder.udiv(number, divisor)
        remainder = builder.sub(number, builder.mul(quotient, divisor))
        pair = [builder.zext(word, _I64) for word in (quotient, remainder)]
        return context.make_tuple(builder, signature.return_type, pair)

    pair = types.UniTuple(types.int64, 2)  # type: ignore[no-untyped-call]
    return pair(types.int64, types.int64), generate


def _column_index() -> Any:
    """Index of this thread along x, 64-bit."""
    block, size = np.int64(cuda.blockIdx.x), np.int64(cuda.blockDim.x)
    return block * size + np.int64(cuda.threadIdx.x)


def _column_count() -> Any:
    """Number of threads along x, 64-bit."""
    return np.int64(cuda.gridDim.x) * np.int64(cuda.blockDim.x)


def _row_index() -> Any:
    """Index of this thread along y, 64-bit."""
    block, size = np.int64(cuda.blockIdx.y), np.int64(cuda.blockDim.y)
    return block * size + np.int64(cuda.threadIdx.y)


def _row_count() -> Any:
    """Number of threads along y, 64-bit."""
    return np.int64(cuda.gridDim.y) * np.int64(cuda.blockDim.y)


def _group_index() -> Any:
    """Index of this thread's block of threads along x, 64-bit."""
    return np.int64(cuda.blockIdx.x)


def _group_count() -> Any:
    """Number of blocks of threads along x, 64-bit."""
    return np.int64(cuda.gridDim.x)


def _member_index() -> Any:
    """Index of this thread in its block of threads along x, 64-bit."""
    return np.int64(cuda.threadIdx.x)


def _member_count() -> Any:
    """Number of threads of a block along x, 64-bit."""
    return np.int64(cuda.blockDim.x)


def _device(function: Callable[..., Any]) -> Any:
    """Function of the device, merged into its callers by LLVM.

    Numba's own ``inline='always'`` works on its typed form and anew for each kernel,
    which takes ten times as long and leaves the same code.
    """
    return cuda.jit(device=True, forceinline=True)(function)


def _decorate(function: Callable[..., Any], kind: str) -> Any:
    """Scalars and units become device functions; loops stay plain for the compiler."""
    is_unit = function.__module__ == "fastinit_cuda.units"
    return _device(function) if kind == "scalar" or is_unit else function


@functools.cache
def cuda_target() -> Target:
    """Target of numba-cuda's compiler.

    Returns
    -------
    target : Target
        Scalars of the arithmetic are inlined; kernels stay plain functions, for
        `fastinit_cuda.compilation`.
    """
    return Target("cuda", _PRIMITIVES, _decorate, typed_constants=True)


#: Replacements of the functions of `fastinit.arithmetic.primitives`, by name.
_PRIMITIVES: dict[str, Any] = {
    "u8": np.uint8,
    "u16": np.uint16,
    "u32": np.uint32,
    "u64": np.uint64,
    "i32": np.int32,
    "i64": np.int64,
    "single": np.float32,
    "double": np.float64,
    "multiply_wide": _multiply_wide,
    "select": _select,
    "shift_left": _shift("shift_left", types.uint32, lambda b, w, n: b.shl(w, n)),
    "shift_right": _shift("shift_right", types.uint32, lambda b, w, n: b.lshr(w, n)),
    "shift_signed": _shift("shift_signed", types.int32, lambda b, w, n: b.ashr(w, n)),
    "magnitude32": _unary("magnitude32", types.int32, types.int32, _magnitude(_I32)),
    "magnitude64": _unary("magnitude64", types.int64, types.int64, _magnitude(_I64)),
    "fma32": _fma("fma32", types.float32),
    "fma64": _fma("fma64", types.float64),
    "sqrt32": _unary("sqrt32", types.float32, types.float32, _square_root_single),
    "sqrt64": _unary("sqrt64", types.float64, types.float64, _square_root_double),
    "divide32": _quotient("divide32", types.float32, "f"),
    "divide64": _quotient("divide64", types.float64, "d"),
    "bits32": _unary(
        "bits32", types.float32, types.uint32, lambda b, v: b.bitcast(v, _I32)
    ),
    "bits64": _unary(
        "bits64", types.float64, types.uint64, lambda b, v: b.bitcast(v, _I64)
    ),
    "single_from_bits": _unary(
        "single_from_bits", types.uint32, types.float32, lambda b, v: b.bitcast(v, _F32)
    ),
    "double_from_bits": _unary(
        "double_from_bits", types.uint64, types.float64, lambda b, v: b.bitcast(v, _F64)
    ),
    "divide": _divide,
    "load_word64": load_word64,
    "column_index": _device(_column_index),
    "column_count": _device(_column_count),
    "row_index": _device(_row_index),
    "row_count": _device(_row_count),
    "group_index": _device(_group_index),
    "group_count": _device(_group_count),
    "member_index": _device(_member_index),
    "member_count": _device(_member_count),
}
