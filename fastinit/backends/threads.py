"""How many threads a fill may use, and the queue from which they take its tasks.

The caller always works itself, so a fill makes progress whatever its helpers do,
and a KeyboardInterrupt reaches it between two tasks of at most a few milliseconds.
"""

from __future__ import annotations

import functools
import math
import os
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from numbers import Integral
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from fastinit.backends.crew import crew_of
from fastinit.c_lookups import environment_variable
from fastinit.errors import ArgumentError, ArgumentTypeError, shown

__all__ = [
    "available_threads",
    "check_threads",
    "engine_name",
    "run_tasks",
    "shared_threads",
]

Task = Callable[[], int]

_ENVIRONMENT = "FASTINIT_NUM_THREADS"
#: More threads than any machine of today has processors.
MOST_THREADS = 1024
_CGROUP_LIMIT = Path("/sys/fs/cgroup/cpu.max")


def _cgroup_cpus() -> int | None:
    """Processors that the container's quota amounts to, or None without one."""
    return _quota_of(_CGROUP_LIMIT, int(time.monotonic()))


# Reading it can take as long as a fill of 100,000 elements; once a second will do.
@functools.lru_cache(maxsize=1)
def _quota_of(limit: Path, second: int) -> int | None:
    """Processors that a file of a quota and its period amounts to."""
    del second
    try:
        quota, _, period = limit.read_text(encoding="ascii").partition(" ")
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
        If FASTINIT_NUM_THREADS is not an integer from 1 to 1024.

    Examples
    --------
    >>> available_threads() >= 1
    True
    """
    return _environment_threads() or _usable_processors()


def shared_threads() -> int:
    """Threads for one more fill whose caller left their number to the library.

    Returns
    -------
    threads : int
        `available_threads` divided by the fills under way, this one included, so
        that the workers of a pool which all fill do not ask for the square of the
        processors; >= 1.

    Raises
    ------
    ArgumentError
        If FASTINIT_NUM_THREADS is not an integer from 1 to 1024.

    Examples
    --------
    >>> 1 <= shared_threads() <= available_threads()
    True
    """
    return max(1, available_threads() // (1 + len(_under_way)))


def _environment_threads() -> int | None:
    """FASTINIT_NUM_THREADS as a number, or None where it is not set."""
    asked = environment_variable(_ENVIRONMENT).strip()
    if not asked:
        return None
    is_short = asked.isdecimal() and len(asked) < 9
    if not (is_short and 1 <= int(asked) <= MOST_THREADS):
        raise ArgumentError(
            f"{_ENVIRONMENT}={shown(asked)}",
            f"it must be an integer from 1 to {MOST_THREADS}",
            "set it to the number of threads, or unset it",
        )
    return int(asked)


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
        In [1, 1024]; None stands for `available_threads`.

    Returns
    -------
    threads : int or None
        The same value, that of FASTINIT_NUM_THREADS, or None.

    Raises
    ------
    ArgumentTypeError
        If it is not an integer.
    ArgumentError
        If it, or FASTINIT_NUM_THREADS in its place, is outside its interval.

    Examples
    --------
    >>> check_threads(2)
    2
    """
    if threads is None:
        return _environment_threads()
    if isinstance(threads, bool) or not isinstance(threads, Integral):
        raise ArgumentTypeError(
            f"threads {shown(threads)}",
            "threads is a positive integer or None",
            "pass threads=1 for a serial fill, or leave it out",
        )
    count = int(threads)
    if not 1 <= count <= MOST_THREADS:
        raise ArgumentError(
            f"threads {shown(threads)}",
            f"threads must be from 1 to {MOST_THREADS}",
            "pass threads=1 for a serial fill, or leave it out",
        )
    return count


def engine_name() -> str:
    """Engine that fills contiguous memory: 'threads' or 'prange'.

    Raises
    ------
    ArgumentError
        If FASTINIT_ENGINE names another.

    Examples
    --------
    >>> engine_name() in {"threads", "prange"}
    True
    """
    asked = environment_variable("FASTINIT_ENGINE").strip() or "threads"
    if asked not in {"threads", "prange"}:
        raise ArgumentError(
            f"FASTINIT_ENGINE={shown(asked)}",
            "engines are 'threads' and 'prange'",
            "set it to one of these, or unset it",
        )
    return asked


def _forget_fills() -> None:
    """A forked child has none of its parent's fills under way."""
    _under_way.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_fills)


class _Queue:
    """Tasks that several threads take from one iterator.

    Its locks are one C call each, as in `fastinit.backends.crew`.
    """

    def __init__(self, tasks: Iterator[Task]) -> None:
        self._tasks = tasks
        self._lock = threading.Lock()
        self._process = os.getpid()
        # Counted here: the crew may come to a call when the fill has long ended.
        self._joined = 0
        self._left: list[bool] = []
        self._wake: SimpleQueue[None] = SimpleQueue()
        self.is_stopped = False
        self.failure: BaseException | None = None

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

    def help(self, progress: Callable[[int], None] | None) -> None:
        """Drain on a helper thread, which the caller then waits for."""
        with self._lock:
            if self.is_stopped:
                return
            self._joined += 1
        try:
            self.drain(progress)
        except BaseException as error:
            # The caller raises it; the crew has no one to tell.
            self.failure = error
            raise
        finally:
            # In this order: who is woken finds the helper gone.
            self._left.append(True)
            self._wake.put(None)

    def finish(self) -> None:
        """Stop, and wait for the helpers' tasks under way; may be called again."""
        _under_way.discard(self)
        with self._lock:
            self.is_stopped = True
        # Nobody joins from here on. An interrupt may swallow what `get` returns, but
        # not that the helper has left.
        while len(self._left) < self._joined and self._is_at_home():
            self._wake.get()

    def _is_at_home(self) -> bool:
        """False in a child that a progress callback forked: it has no helpers."""
        return self._process == os.getpid()


#: Fills under way in this process; weak, as an interrupt may come before any line.
_under_way: weakref.WeakSet[_Queue] = weakref.WeakSet()


def _call_helpers(count: int, queue: _Queue, progress: Any) -> None:
    """Call helpers; where there are fewer, the caller does more itself."""
    crew = crew_of(count)
    for _ in range(count):
        crew.call(queue.help, progress)


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
    interrupt: KeyboardInterrupt | None = None
    try:
        _under_way.add(queue)
        if threads > 1:
            _call_helpers(threads - 1, queue, progress)
        queue.drain(progress)
    finally:
        # An interrupt must not leave helpers writing to memory that the caller may
        # free, and it may come at the first step of any function of Python.
        while True:
            try:
                queue.finish()
                break
            except KeyboardInterrupt as error:
                interrupt = error
        if interrupt is not None:
            raise interrupt
    if queue.failure is not None:
        raise queue.failure
