"""How many threads a fill may use, and the pool that runs its tasks.

The caller always works itself, so a fill makes progress whatever the pool does,
and a KeyboardInterrupt reaches it between two tasks of at most a few milliseconds.
Pools are kept per process: a forked child starts with none and makes its own.
"""

from __future__ import annotations

import contextlib
import math
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from fastinit.errors import ArgumentError, ArgumentTypeError

__all__ = ["available_threads", "check_threads", "run_tasks"]

Task = Callable[[], int]

_ENVIRONMENT = "FASTINIT_NUM_THREADS"
_CGROUP_LIMIT = Path("/sys/fs/cgroup/cpu.max")
_pool_lock = threading.Lock()
_pools: dict[int, ThreadPoolExecutor] = {}


def _cgroup_cpus() -> int | None:
    """Processors that the container's quota amounts to, or None without one."""
    try:
        quota, _, period = _CGROUP_LIMIT.read_text(encoding="ascii").partition(" ")
        return max(1, math.ceil(int(quota) / int(period)))
    except (OSError, ValueError):
        return None


def available_threads() -> int:
    """Threads that a fill uses unless told otherwise.

    Returns
    -------
    threads : int
        FASTINIT_NUM_THREADS where it is set, else the processors that affinity and
        the container's quota leave to this process; >= 1.

    Raises
    ------
    ArgumentError
        If FASTINIT_NUM_THREADS is not a positive integer.

    Examples
    --------
    >>> available_threads() >= 1
    True
    """
    asked = os.environ.get(_ENVIRONMENT, "")
    if asked:
        if not asked.strip().isdecimal() or int(asked) < 1:
            raise ArgumentError(
                f"{_ENVIRONMENT}={asked!r}",
                "it must be a positive integer",
                "set it to the number of threads, or unset it",
            )
        return int(asked)
    return _usable_processors()


def _usable_processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        count = len(os.sched_getaffinity(0))
    else:
        count = os.cpu_count() or 1
    return min(count, _cgroup_cpus() or count)


def check_threads(threads: Any) -> int | None:
    """Number of threads as given by a caller.

    Parameters
    ----------
    threads : int or None
        None stands for `available_threads`.

    Returns
    -------
    threads : int or None
        The same value.

    Raises
    ------
    ArgumentTypeError
        If it is not an integer.
    ArgumentError
        If it is below 1.

    Examples
    --------
    >>> check_threads(2)
    2
    """
    if threads is None:
        return None
    if isinstance(threads, bool) or not hasattr(threads, "__index__"):
        raise ArgumentTypeError(
            f"threads {threads!r}",
            "threads is a positive integer or None",
            "pass threads=1 for a serial fill, or leave it out",
        )
    if threads < 1:
        raise ArgumentError(
            f"threads {threads!r}",
            "threads must be at least 1",
            "pass threads=1 for a serial fill, or leave it out",
        )
    return int(threads)


def _pool(workers: int) -> ThreadPoolExecutor:
    """Pool of this process with at least `workers` threads."""
    process = os.getpid()
    with _pool_lock:
        pool = _pools.get(process)
        if pool is None or pool._max_workers < workers:
            if pool is not None:
                pool.shutdown(wait=False)
            pool = ThreadPoolExecutor(workers, thread_name_prefix="fastinit")
            _pools.clear()
            _pools[process] = pool
        return pool


def _renew_lock() -> None:
    """Give a forked child a lock that no thread of its parent holds."""
    global _pool_lock  # noqa: PLW0603 - the lock is state of the process
    _pool_lock = threading.Lock()
    _pools.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_lock)


class _Queue:
    """Tasks that several threads take from one iterator."""

    def __init__(self, tasks: Iterator[Task]) -> None:
        self._tasks = tasks
        self._lock = threading.Lock()
        self.is_stopped = False

    def next(self) -> Task | None:
        with self._lock:
            return None if self.is_stopped else next(self._tasks, None)

    def drain(self, progress: Callable[[int], None] | None = None) -> None:
        """Run tasks until none is left; stop all threads on an error."""
        try:
            while (task := self.next()) is not None:
                done = task()
                if progress is not None:
                    progress(done)
        except BaseException:
            self.is_stopped = True
            raise


def run_tasks(
    tasks: Iterator[Task], threads: int, progress: Callable[[int], None] | None = None
) -> None:
    """Run tasks on the caller and on `threads` - 1 helpers, and wait for all.

    Parameters
    ----------
    tasks : iterator of callables
        Each returns the number of elements that it did; taken one at a time.
    threads : int
        Threads to use, >= 1.
    progress : callable, optional
        Called on any of the threads with what each task returned.

    Examples
    --------
    >>> done = []
    >>> run_tasks(iter([lambda: 3, lambda: 4]), 2, done.append)
    >>> sorted(done)
    [3, 4]
    """
    queue = _Queue(tasks)
    helpers: list[Future[None]] = []
    if threads > 1:
        # At the interpreter's exit pools take no more work; the caller does it all.
        with contextlib.suppress(RuntimeError):
            pool = _pool(threads - 1)
            helpers = [pool.submit(queue.drain, progress) for _ in range(threads - 1)]
    try:
        queue.drain(progress)
    finally:
        # An interrupt must not leave helpers writing to memory that the caller may
        # free: stop them and wait for the tasks under way.
        queue.is_stopped = True
        waiting = [helper for helper in helpers if not helper.cancel()]
        failures = [helper.exception() for helper in waiting]
    for failure in failures:
        if failure is not None:
            raise failure
