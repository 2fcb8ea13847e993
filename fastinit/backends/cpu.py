"""The CPU backend: compiled loops and the fills that they run.

By default the caller and helper threads run serial kernels that release the
interpreter lock; this survives forks, concurrent callers and Ctrl-C.
FASTINIT_ENGINE=prange runs Numba's own parallel kernel instead, where memory is
contiguous.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from typing import Any

import numba

from fastinit.backends.batches import batch_tasks
from fastinit.backends.cpu_forks import wait_at_forks
from fastinit.backends.cpu_target import cpu_target
from fastinit.backends.jobs import SPAN, Job, is_one_run
from fastinit.backends.kernels import (
    CALLS,
    Kernel,
    kernel_of,
    make_loop,
    signature_of,
)
from fastinit.backends.parts import part_indices
from fastinit.backends.protocol import Fill, Memory, Options
from fastinit.backends.threads import engine_name, run_tasks, shared_threads
from fastinit.plan import FillPlan
from fastinit.windows import Window

__all__ = ["CpuBackend"]

#: Below this many elements a second thread costs more than it saves.
PARALLEL_MINIMUM = 1 << 17

_compile_lock = threading.RLock()
_prange_lock = threading.Lock()


class _Parallel:
    """Whether Numba's parallel kernels ran here, and whether they may.

    The OpenMP layer kills a forked child whose parent has used it.
    """

    was_used = False
    is_unsafe = False


def _renew_locks() -> None:
    """Give a forked child locks that no thread of its parent holds."""
    global _compile_lock, _prange_lock
    _compile_lock, _prange_lock = threading.RLock(), threading.Lock()
    _Parallel.is_unsafe = _Parallel.was_used


# A fork waits for a compilation under way: the child would inherit the compiler's
# own locks without the thread that holds them.
wait_at_forks()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=lambda: _compile_lock.acquire(),
        after_in_parent=lambda: _compile_lock.release(),
        after_in_child=_renew_locks,
    )


_loops: dict[tuple[str, Kernel], Callable[..., None]] = {}
_dispatchers: dict[tuple[str, Kernel], Any] = {}


def _compiled(name: str, kernel: Kernel) -> Callable[..., None]:
    """Loop compiled for its one signature, once per process, ready to call.

    What is called is the compiled function itself. Numba's dispatcher would first look
    at the types of the arguments, in a table that all code of the process shares: a
    tuple of integers that somebody else passed, with one beyond 2^63, makes it take
    every tuple of as many for one of that kind.
    """
    loop = _loops.get((name, kernel))
    if loop is None:
        (result,) = _dispatcher(name, kernel).overloads.values()
        loop = _loops[name, kernel] = result.entry_point
    return loop


def _dispatcher(name: str, kernel: Kernel) -> Any:
    """Numba's dispatcher of a loop, compiled once per process."""
    found = _dispatchers.get((name, kernel))
    if found is None:
        # Numba's compiler is not safe against itself on several threads.
        with _compile_lock:
            found = _dispatchers.get((name, kernel)) or _compile(name, kernel)
            _dispatchers[name, kernel] = found
    return found


def _compile(name: str, kernel: Kernel) -> Any:
    for called in CALLS.get(name, ()):
        _dispatcher(called, kernel)
    dispatcher: Any = make_loop(name, kernel, cpu_target())
    dispatcher.compile(signature_of(name, kernel))
    # Any other signature would be a mistake of this package, and slow.
    dispatcher.disable_compile()
    return dispatcher


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
            return "NUMBA_DISABLE_JIT is set, and nothing can be compiled: unset it"
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
        size = window.size
        if size == 0:
            return
        threads = 1
        if size >= PARALLEL_MINIMUM:
            threads = options.threads or shared_threads()
        elif is_one_run(window, memory.strides, plan.dtype.itemsize):
            _fill_small(plan, memory, window.first, size)
            if options.progress is not None:
                options.progress(size)
            return
        job = Job(plan, memory, window, _compiled)
        asks_prange = engine_name() == "prange" and not _Parallel.is_unsafe
        if threads > 1 and job.is_contiguous and asks_prange:
            _fill_with_prange(job, threads, options)
        else:
            run_tasks(job.tasks(threads), threads, options.progress)

    def fill_many(self, fills: Sequence[Fill], options: Options) -> None:
        """Write many fills as one job, which keeps all threads busy to its end.

        Parameters
        ----------
        fills : sequence of Fill
            What to write, and where.
        options : Options
            Threads and progress.
        """
        present = [fill for fill in fills if fill.window.size > 0]
        size = sum(fill.window.size for fill in present)
        threads = 1
        if size >= PARALLEL_MINIMUM:
            threads = options.threads or shared_threads()
        tasks = batch_tasks(present, threads, lambda fill: Job(*fill, _compiled))
        run_tasks(tasks, threads, options.progress)

    def gather(self, plan: FillPlan, memory: Memory, indices: Any) -> None:
        """Write the values at some indices to contiguous memory.

        Parameters
        ----------
        plan : FillPlan
            What to write.
        memory : Memory
            Where to write.
        indices : ndarray of int64, shape (n,), C-contiguous
            Stream indices, each in [0, 2^58); of complex elements in [0, 2^57).
        """
        if plan.dtype.is_complex:
            indices = part_indices(indices)
        fill_gathered = _compiled("fill_gathered", kernel_of(plan, memory.is_swapped))
        fill_gathered(
            memory.address,
            indices.size,
            indices.ctypes.data,
            plan.key,
            plan.sampling.parameters,
        )


#: Loops for contiguous runs by sampler, dtype, rounding, whether values are drawn, byte
#: order.
_run_loops: dict[tuple[str, str, str, bool, bool], Callable[..., None]] = {}


def _run_loop(plan: FillPlan, is_swapped: bool) -> Callable[..., None]:
    """Loop for contiguous runs, found without the cost of making a Kernel."""
    sampling, dtype = plan.sampling, plan.dtype
    is_drawn = sampling.pattern is None
    key = (sampling.sampler, dtype.name, dtype.rounding, is_drawn, is_swapped)
    loop = _run_loops.get(key)
    if loop is None:
        loop = _run_loops[key] = _compiled("fill_run", kernel_of(plan, is_swapped))
    return loop


def _fill_small(plan: FillPlan, memory: Memory, first: int, size: int) -> None:
    """Fill a short contiguous run without tasks, which would double its cost."""
    run = _run_loop(plan, memory.is_swapped)
    share = 2 if plan.dtype.is_complex else 1
    where = memory.address, share * size, share * first
    run(*where, plan.key, plan.sampling.parameters)


def _fill_with_prange(job: Job, threads: int, options: Options) -> None:
    """Fill contiguous memory with Numba's parallel kernel, a slice at a time."""
    loop = _compiled("fill_parallel", job.kernel)
    count, itemsize, _ = job.run.fields
    limit = numba.config.NUMBA_NUM_THREADS  # type: ignore[attr-defined]
    workers = min(threads, int(limit))
    # 8 spans a thread are 2 to 12 ms: between two calls Ctrl-C gets its turn.
    step = 8 * workers * SPAN
    for at in range(0, count, step):
        n = min(step, count - at)
        where = (job.address + at * itemsize, n, job.first + at)
        _call_parallel(loop, (*where, *job.tail, SPAN), workers)
        # Not under the lock: progress may itself fill something.
        if options.progress is not None:
            options.progress(n // job.share)


def _call_parallel(loop: Callable[..., None], arguments: Any, workers: int) -> None:
    """One call of a parallel kernel, alone in the process, on some threads."""
    # Numba's workqueue layer aborts the process on concurrent parallel calls.
    with _prange_lock:
        _Parallel.was_used = True
        before = numba.get_num_threads()
        numba.set_num_threads(workers)
        try:
            loop(*arguments)
        finally:
            numba.set_num_threads(before)
