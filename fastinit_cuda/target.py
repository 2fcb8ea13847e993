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

__all__ = ["cuda_target"]

# numba-cuda is not typed.
cuda: Any = numba.cuda

_I32, _I64 = ir.IntType(32), ir.IntType(64)
_F32, _F64 = ir.FloatType(), ir.DoubleType()
#: Address space of device memory.
_GLOBAL = 1


def _unary(name: str, source: Any, result: Any, emit: Any) -> Any:
    """Intrinsic of one argument of a fixed type."""

    def typed(typing_context: Any, value: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            given = context.cast(builder, arguments[0], signature.args[0], source)
            return emit(builder, given)

        return result(value), generate

    typed.__name__ = name
    return intrinsic(typed)


def _square_root(builder: Any, value: Any) -> Any:
    """Correctly rounded square root: sqrt.rn, whatever the default mode is."""
    kind = value.type
    name = "llvm.nvvm.sqrt.rn.f" if kind is _F32 else "llvm.nvvm.sqrt.rn.d"
    function = builder.module.globals.get(name) or ir.Function(
        builder.module, ir.FunctionType(kind, [kind]), name
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


@intrinsic
def _multiply_wide(typing_context: Any, a: Any, b: Any) -> Any:
    """High and low word of a 64-bit product: one IMAD.WIDE.U32."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wide = [builder.zext(word, _I64) for word in arguments]
        product = builder.mul(*wide)
        high = builder.trunc(builder.lshr(product, _I64(32)), _I32)
        low = builder.trunc(product, _I32)
        return context.make_tuple(builder, signature.return_type, (high, low))

    words = types.UniTuple(types.uint32, 2)  # type: ignore[no-untyped-call]
    return words(types.uint32, types.uint32), generate


def _shift(name: str, result: Any, emit: Any) -> Any:
    """Intrinsic that shifts a word in 32 bits; Numba's own shifts work in 64."""

    def typed(typing_context: Any, word: Any, bits: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return emit(builder, *arguments)

        return result(types.uint32, types.int32), generate

    typed.__name__ = name
    return intrinsic(typed)


@intrinsic
def _store_block(
    typing_context: Any, address: Any, v0: Any, v1: Any, v2: Any, v3: Any
) -> Any:
    """Store the four values of a block with one instruction; aligned to their size."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        kind = arguments[1].type
        vector = ir.VectorType(kind, 4)
        packed = ir.Constant(vector, ir.Undefined)
        for lane, value in enumerate(arguments[1:]):
            packed = builder.insert_element(packed, value, _I32(lane))
        width = kind.width // 8 if isinstance(kind, ir.IntType) else 4
        if kind is _F64:
            width = 8
        pointer = builder.inttoptr(arguments[0], vector.as_pointer(_GLOBAL))
        builder.store(packed, pointer, align=min(16, 4 * width))
        return context.get_dummy_value()

    return types.void(types.int64, v0, v1, v2, v3), generate


def _thread_index() -> Any:
    """Index of this thread in the grid, 64-bit."""
    return np.int64(cuda.blockIdx.x) * np.int64(cuda.blockDim.x) + np.int64(
        cuda.threadIdx.x
    )


def _thread_count() -> Any:
    """Number of threads of the grid, 64-bit."""
    return np.int64(cuda.gridDim.x) * np.int64(cuda.blockDim.x)


def _device(function: Callable[..., Any]) -> Any:
    return cuda.jit(device=True, inline="always")(function)


def _decorate(function: Callable[..., Any], kind: str) -> Any:
    """Scalars become inlined device functions; loops stay plain for `cuda.compile`."""
    return _device(function) if kind == "scalar" else function


@functools.cache
def cuda_target() -> Target:
    """Target of numba-cuda's compiler.

    Returns
    -------
    target : Target
        Scalars of the arithmetic are inlined; kernels stay plain functions, for
        `cuda.jit` or `cuda.compile`.
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
    "shift_left": _shift("shift_left", types.uint32, lambda b, w, n: b.shl(w, n)),
    "shift_right": _shift("shift_right", types.uint32, lambda b, w, n: b.lshr(w, n)),
    "shift_signed": _shift("shift_signed", types.int32, lambda b, w, n: b.ashr(w, n)),
    "magnitude32": _unary("magnitude32", types.int32, types.int32, _magnitude(_I32)),
    "magnitude64": _unary("magnitude64", types.int64, types.int64, _magnitude(_I64)),
    "fma32": _fma("fma32", types.float32),
    "fma64": _fma("fma64", types.float64),
    "sqrt32": _unary("sqrt32", types.float32, types.float32, _square_root),
    "sqrt64": _unary("sqrt64", types.float64, types.float64, _square_root),
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
    "store_block": _store_block,
    "thread_index": _device(_thread_index),
    "thread_count": _device(_thread_count),
}
