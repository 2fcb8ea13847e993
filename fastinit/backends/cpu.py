"""The CPU backend: Numba's compiler as a target, and the fills that it runs.

No fastmath anywhere: LLVM may then neither contract a * b + c nor reorder, so the
bits do not depend on the instruction set. `llvm.fma` becomes one instruction where
the processor has it, and a call of the exact function of libm where it has not.

By default the caller and helper threads run serial kernels that release the
interpreter lock; this survives forks, concurrent callers and Ctrl-C.
FASTINIT_ENGINE=prange runs Numba's own parallel kernel instead, where memory is
contiguous.
"""

from __future__ import annotations

import functools
import os
import pickle
import threading
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from fastinit.arithmetic.targets import Target
from fastinit.backends.jobs import SPAN, Job, is_one_run
from fastinit.backends.kernels import CALLS, SIGNATURES, Kernel, kernel_of, make_loop
from fastinit.backends.protocol import Memory, Options
from fastinit.backends.threads import available_threads, engine_name, run_tasks
from fastinit.plan import FillPlan
from fastinit.windows import Window

__all__ = ["CpuBackend", "cpu_target"]

#: Below this many elements a second thread costs more than it saves.
PARALLEL_MINIMUM = 1 << 17

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


@intrinsic
def _shift_signed(typing_context: Any, word: Any, bits: Any) -> Any:
    """Arithmetic shift in 32 bits: as 64-bit code it costs 7 % of the uniform loop."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return builder.ashr(arguments[0], arguments[1])

    return types.int32(types.uint32, types.int32), generate


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
    "shift_signed": _shift_signed,
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
        and is kept in Numba's disk cache where that can be written.

    Returns
    -------
    compiled : callable
        Numba dispatcher.
    """
    if kind == "scalar":
        return njit(inline="always")(function)
    parallel = kind == "parallel"
    try:
        return njit(cache=True, nogil=True, parallel=parallel)(function)
    except RuntimeError as error:
        # Numba found no place for its cache; compiling anew each time is slower,
        # not wrong, and `fastinit info` reports it.
        if "no locator available" not in str(error):
            raise
        return njit(nogil=True, parallel=parallel)(function)


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


_compile_lock = threading.RLock()
_prange_lock = threading.Lock()


def _renew_locks() -> None:
    """Give a forked child locks that no thread of its parent holds."""
    global _compile_lock, _prange_lock
    _compile_lock, _prange_lock = threading.RLock(), threading.Lock()


# A fork waits for a compilation under way: the child would inherit the compiler's
# own locks without the thread that holds them.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=lambda: _compile_lock.acquire(),
        after_in_parent=lambda: _compile_lock.release(),
        after_in_child=_renew_locks,
    )


_loops: dict[tuple[str, Kernel], Callable[..., None]] = {}


def _compiled(name: str, kernel: Kernel) -> Callable[..., None]:
    """Loop compiled for its one signature, once per process."""
    loop = _loops.get((name, kernel))
    if loop is None:
        # Numba's compiler is not safe against itself on several threads.
        with _compile_lock:
            loop = _loops.get((name, kernel)) or _compile(name, kernel)
            _loops[name, kernel] = loop
    return loop


#: What Numba raises on a cache that is full, torn or not its own.
_CACHE_ERRORS = (OSError, EOFError, pickle.UnpicklingError)


def _uncached(dispatcher: Any, name: str) -> Any:
    """Same loop without the disk cache, wherever the target handed it out.

    A torn or full cache must not stop a fill: compiling anew is slower, not wrong.
    """
    parallel = name.endswith("_parallel")
    fresh = njit(nogil=True, parallel=parallel)(dispatcher.py_func)
    made = cpu_target()._made
    for identity, held in list(made.items()):
        if held is dispatcher:
            made[identity] = fresh
    return fresh


def _compile(name: str, kernel: Kernel) -> Callable[..., None]:
    for called in CALLS.get(name, ()):
        _compiled(called, kernel)
    dispatcher: Any = make_loop(name, kernel, cpu_target())
    try:
        dispatcher.compile(SIGNATURES[name])
    except _CACHE_ERRORS:
        dispatcher = _uncached(dispatcher, name)
        dispatcher.compile(SIGNATURES[name])
    # Any other signature would be a mistake of this package, and slow.
    dispatcher.disable_compile()
    loop: Callable[..., None] = dispatcher
    return loop


class CpuBackend:
    """Fills host memory with Numba kernels."""

    def unavailable(self) -> str:
        """Reason why this backend cannot run here: none, it always can.

        Raises
        ------
        ArgumentError
            If FASTINIT_ENGINE names no engine; known before a fill starts.
        """
        engine_name()
        if numba.config.DISABLE_JIT:  # type: ignore[attr-defined]
            return "NUMBA_DISABLE_JIT is set, and nothing can be compiled"
        return ""

    def fill(
        self, plan: FillPlan, memory: Memory, window: Window, options: Options
    ) -> None:
        """Write a plan's values of a window to memory.

        Parameters
        ----------
        plan : FillPlan
            What to write.
        memory : Memory
            Where to write; strides in bytes for the axes of `window`.
        window : Window
            Stream indices of the elements.
        options : Options
            Threads and progress.
        """
        if window.size == 0:
            return
        threads = 1
        if window.size >= PARALLEL_MINIMUM:
            threads = options.threads or available_threads()
        elif is_one_run(window, memory.strides, plan.dtype.itemsize):
            _fill_small(plan, memory.address, window, options)
            return
        job = Job(plan, memory, window, _compiled)
        if threads > 1 and job.is_contiguous and engine_name() == "prange":
            _fill_with_prange(job, threads, options)
        else:
            run_tasks(job.tasks(threads), threads, options.progress)

    def gather(self, plan: FillPlan, memory: Memory, indices: Any) -> None:
        """Write the values at some indices to contiguous memory.

        Parameters
        ----------
        plan : FillPlan
            What to write.
        memory : Memory
            Where to write.
        indices : ndarray of int64, shape (n,), C-contiguous
            Stream indices, each in [0, 2^58).
        """
        fill_gathered = _compiled("fill_gathered", kernel_of(plan))
        fill_gathered(
            memory.address,
            indices.size,
            indices.ctypes.data,
            plan.key,
            plan.sampling.parameters,
        )


#: Loops for contiguous runs by sampler, dtype, and whether values are drawn.
_run_loops: dict[tuple[str, str, bool], Callable[..., None]] = {}


def _run_loop(plan: FillPlan) -> Callable[..., None]:
    """Loop for contiguous runs, found without the cost of making a Kernel."""
    key = (plan.sampling.sampler, plan.dtype.name, plan.sampling.pattern is None)
    loop = _run_loops.get(key)
    if loop is None:
        loop = _run_loops[key] = _compiled("fill_run", kernel_of(plan))
    return loop


def _fill_small(plan: FillPlan, address: int, window: Window, options: Options) -> None:
    """Fill a short contiguous run without tasks, which would double its cost."""
    parameters = plan.sampling.parameters
    _run_loop(plan)(address, window.size, window.first, plan.key, parameters)
    if options.progress is not None:
        options.progress(window.size)


def _fill_with_prange(job: Job, threads: int, options: Options) -> None:
    """Fill contiguous memory with Numba's parallel kernel, a slice at a time."""
    loop = _compiled("fill_parallel", job.kernel)
    count, itemsize, _ = job.run.fields
    limit = numba.config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]
    workers = min(threads, int(limit))
    # 32 spans a thread are some 10 ms: between two calls Ctrl-C gets its turn.
    step = 32 * workers * SPAN
    # Numba's workqueue layer aborts the process on concurrent parallel calls.
    with _prange_lock:
        before = numba.get_num_threads()
        numba.set_num_threads(workers)
        try:
            for at in range(0, count, step):
                n = min(step, count - at)
                loop(job.address + at * itemsize, n, job.first + at, *job.tail, SPAN)
                if options.progress is not None:
                    options.progress(n)
        finally:
            numba.set_num_threads(before)
