"""The helper threads of this process, which run what they are called for.

Made of primitives that are one C call each. A KeyboardInterrupt falls between two
steps of Python, and locks that are written in Python (`threading.Condition`, and so
`ThreadPoolExecutor`) stay locked for ever where it falls into theirs.
"""

from __future__ import annotations

import _thread
import contextlib
import os
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any

__all__ = ["Crew", "crew_of"]


class Crew:
    """Threads that wait for calls; they end with the process."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self._calls: SimpleQueue[tuple[Any, ...]] = SimpleQueue()
        self._size = 0

    def grow(self, size: int) -> None:
        """Have at least `size` threads.

        Raises
        ------
        RuntimeError
            If the system has no more threads, or the interpreter is at its exit.
        """
        while self._size < size:
            _thread.start_new_thread(_serve, (self._calls,))
            # An interrupt in between costs a thread that nobody counts, but no call.
            self._size += 1

    def call(self, function: Callable[..., object], *arguments: Any) -> None:
        """Have a thread call a function as soon as one is free.

        What the function raises is lost: it tells its caller itself.
        """
        self._calls.put((function, *arguments))


def _serve(calls: SimpleQueue[tuple[Any, ...]]) -> None:
    """Run calls for ever."""
    while True:
        function, *arguments = calls.get()
        with contextlib.suppress(BaseException):
            function(*arguments)
        # While it waits, a thread keeps nothing of its last call alive.
        del function, arguments


_lock = _thread.allocate_lock()
_crews: dict[int, Crew] = {}


def crew_of(size: int) -> Crew:
    """Crew of this process.

    Parameters
    ----------
    size : int
        Threads that it should have, >= 0; it keeps those that it has.

    Returns
    -------
    crew : Crew
        With fewer threads where the system has no more.

    Examples
    --------
    >>> crew_of(1) is crew_of(2)
    True
    """
    process = os.getpid()
    with _lock:
        crew = _crews.get(process)
        if crew is None:
            _crews.clear()
            crew = _crews[process] = Crew()
        with contextlib.suppress(RuntimeError):
            crew.grow(size)
    return crew


def _renew() -> None:
    """Give a forked child a lock that no thread of its parent holds."""
    global _lock  # noqa: PLW0603 - the lock is state of the process
    _lock = _thread.allocate_lock()
    _crews.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew)
