"""Numba's compiler of CPU code as a target of the arithmetic.

No fastmath anywhere: LLVM may then neither contract a * b + c nor reorder, so the
bits do not depend on the instruction set. `llvm.fma` becomes one instruction where
the processor has it, and a call of the exact function of libm where it has not.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from fastinit.arithmetic.targets import Target
from fastinit.backends.code_cache import CodeCache

__all__ = ["cpu_target"]

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


def _square_root(suffix: str, kind: Any) -> Any:
    """Emitter of llvm.sqrt, which is correctly rounded by definition of IEEE 754."""

    def emit(builder: Any, value: Any) -> Any:
        function = builder.module.declare_intrinsic(f"llvm.sqrt.{suffix}", [kind])
        return builder.call(function, [value])

    return emit


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
def _to_pointer(typing_context: Any, address: Any) -> Any:
    """Address as a pointer that carray takes."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.inttoptr(arguments[0], context.get_value_type(types.voidptr))

    return types.voidptr(types.int64), generate


@intrinsic
def _store_at(typing_context: Any, address: Any, value: Any) -> Any:
    """Store one value at an address of any alignment."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        held = context.get_data_type(signature.args[1])
        pointer = builder.inttoptr(arguments[0], held.as_pointer())
        data = context.data_model_manager[signature.args[1]].as_data(
            builder, arguments[1]
        )
        builder.store(data, pointer, align=1)
        return context.get_dummy_value()

    return types.void(types.int64, value), generate


@intrinsic
def _store_line(typing_context: Any, address: Any, word: Any) -> Any:
    """Store a 64-byte line past the caches.

    An ordinary store reads the line first, which doubles the traffic. LLVM makes
    scalar code of scalar stores with this mark, so the vector is spelled out.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        lanes = ir.VectorType(_I64, 8)
        line = builder.insert_element(
            ir.Constant(lanes, ir.Undefined), arguments[1], _I32(0)
        )
        zeros = ir.Constant(ir.VectorType(_I32, 8), [0] * 8)
        line = builder.shuffle_vector(line, ir.Constant(lanes, ir.Undefined), zeros)
        pointer = builder.inttoptr(arguments[0], lanes.as_pointer())
        store = builder.store(line, pointer, align=64)
        store.set_metadata("nontemporal", builder.module.add_metadata([_I32(1)]))
        return context.get_dummy_value()

    return types.void(types.int64, types.uint64), generate


@intrinsic
def _clear(typing_context: Any, address: Any, size: Any) -> Any:
    """Set bytes to zero."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = builder.inttoptr(arguments[0], context.get_value_type(types.voidptr))
        cgutils.memset(builder, pointer, arguments[1], 0)  # type: ignore[no-untyped-call]
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), generate


@intrinsic
def _fence(typing_context: Any) -> Any:
    """Drain the stores past the caches before another thread is told."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        builder.fence("seq_cst")
        return context.get_dummy_value()

    return types.void(), generate


@njit(inline="always")
def _array_at(address: Any, count: Any, stored: Any) -> Any:
    to_pointer: Any = _to_pointer
    return numba.carray(to_pointer(address), (count,), stored)  # type: ignore[attr-defined]


@njit(inline="always")
def _address_of(array: Any) -> Any:
    return np.int64(array.ctypes.data)


@intrinsic
def _multiply_wide(typing_context: Any, a: Any, b: Any) -> Any:
    """High and low word of the 64-bit product of two words."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        wide = [builder.zext(word, _I64) for word in arguments]
        product = builder.mul(*wide)
        high = builder.trunc(builder.lshr(product, _I64(32)), _I32)
        low = builder.trunc(product, _I32)
        return context.make_tuple(builder, signature.return_type, (high, low))

    words = types.UniTuple(types.uint32, 2)  # type: ignore[no-untyped-call]
    return words(types.uint32, types.uint32), generate


def _shift(name: str, result: Any, emit: Any) -> Any:
    """Intrinsic that shifts a word in 32 bits.

    Numba's own shifts work in 64 bits, on half as many lanes.
    """

    def typed(typing_context: Any, word: Any, bits: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return emit(builder, *arguments)

        return result(types.uint32, types.int32), generate

    typed.__name__ = name
    return intrinsic(typed)


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
    "sqrt32": _unary("sqrt32", types.float32, types.float32, _square_root("f32", _F32)),
    "sqrt64": _unary("sqrt64", types.float64, types.float64, _square_root("f64", _F64)),
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
    "address_of": _address_of,
    "array_at": _array_at,
    "store_at": _store_at,
    "store_line": _store_line,
    "fence": _fence,
    "clear": _clear,
    "prange": numba.prange,
}


def _decorate(function: Callable[..., Any], kind: str) -> Any:
    """Compile a function of the arithmetic for the CPU.

    Parameters
    ----------
    function : callable
        Plain function over these primitives.
    kind : {'scalar', 'loop', 'parallel'}
        A scalar is merged into its callers; a loop releases the interpreter lock
        and is kept in the disk cache of kernels where that can be written.

    Returns
    -------
    compiled : callable
        Numba dispatcher.
    """
    if kind == "scalar":
        return njit(inline="always")(function)
    dispatcher: Any = njit(nogil=True, parallel=kind == "parallel")(function)
    dispatcher._cache = CodeCache(function)
    return dispatcher


@functools.cache
def cpu_target() -> Target:
    """Target of Numba's CPU compiler.

    Returns
    -------
    target : Target
        Scalars of the arithmetic are inlined; loops become compiled functions
        that release the global interpreter lock.
    """
    return Target("cpu", _PRIMITIVES, _decorate, typed_constants=True)
