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
from fastinit.backends.cpu_blocks import (
    LANES,
    lane_blocks,
    lane_steps,
    store_lanes,
    store_row,
)
from fastinit.backends.cpu_operators import register_operators
from fastinit.backends.cpu_primitives import ELEMENTWISE

__all__ = ["cpu_target"]

_I32, _I64 = ir.IntType(32), ir.IntType(64)


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


@intrinsic(prefer_literal=True)
def _workspace(typing_context: Any, size: Any) -> Any:
    """Address of a few bytes of the stack, aligned to a line of the caches."""
    if not isinstance(size, types.IntegerLiteral):
        return None
    kind = ir.ArrayType(ir.IntType(8), int(size.literal_value))

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        place = cgutils.alloca_once(builder, kind)  # type: ignore[no-untyped-call]
        place.align = 64
        return builder.ptrtoint(place, _I64)

    return types.int64(size), generate


@intrinsic
def _copy_bytes(typing_context: Any, source: Any, destination: Any, size: Any) -> Any:
    """Copy bytes between places that do not overlap."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        pointer = context.get_value_type(types.voidptr)
        source, destination = (
            builder.inttoptr(value, pointer) for value in arguments[:2]
        )
        cgutils.raw_memcpy(builder, destination, source, arguments[2], 1)  # type: ignore[no-untyped-call]
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


#: Replacements of the functions of `fastinit.arithmetic.primitives`, by name.
_PRIMITIVES: dict[str, Any] = {
    **ELEMENTWISE,
    "lane_blocks": lane_blocks,
    "lane_steps": lane_steps,
    "store_lanes": store_lanes,
    "store_row": store_row,
    "copy_bytes": _copy_bytes,
    "workspace": _workspace,
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
    register_operators()
    return Target(
        *("cpu", _PRIMITIVES, _decorate),
        typed_constants=True,
        lanes=LANES,
    )
