"""Scan a source: spans on all threads, one state at the end."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar

from fastinit.backends.threads import available_threads, run_tasks
from fastinit.conformance.streaming.scan_plan import SPAN, ScanPlan
from fastinit.conformance.streaming.sources import WINDOW_BYTES, Source
from fastinit.conformance.streaming.state import StreamState, merge_states
from fastinit.conformance.streaming.tally import Tally

__all__ = ["SpanWorker", "measure", "merge", "run_pass"]


class SpanWorker(Protocol):
    """What one thread of a pass has done so far."""

    def add(self, values: Any, start: int, n_own: int) -> None:
        """Look at a span: its elements, some beyond, its start and its size."""


Worker = TypeVar("Worker", bound=SpanWorker)


def run_pass(
    source: Source,
    make: Callable[[], Worker],
    *,
    reach: int = 0,
    spans: tuple[int, int] | None = None,
    threads: int | None = None,
) -> list[Worker]:
    """Show all spans of a source to the workers of some threads.

    Parameters
    ----------
    source : Source
        The elements.
    make : callable
        make() -> a worker; one for each thread that finds work.
    reach : int, optional
        Elements beyond a span that its worker is shown too.
    spans : tuple of int, optional
        First span and the one after the last; all.
    threads : int, optional
        Threads to use; those that a fill would use.

    Returns
    -------
    workers : list
        All that were made; which saw which span is left to chance.

    Examples
    --------
    >>> import numpy as np
    >>> from fastinit.conformance.streaming import open_source
    >>> class Counter:
    ...     seen = 0
    ...     def add(self, values, start, n_own):
    ...         self.seen += n_own
    >>> [worker.seen for worker in run_pass(open_source(np.zeros(10)), Counter)]
    [10]
    """
    count = threads or available_threads()
    workers: list[Worker] = []
    free: list[Worker] = []

    def work(values: Any, start: int, n_own: int) -> int:
        # Both operations on the list are one step of the interpreter.
        try:
            worker = free.pop()
        except IndexError:
            worker = make()
            workers.append(worker)
        worker.add(values, start, n_own)
        free.append(worker)
        return n_own

    for start, stop, end in _windows(source, reach, spans):
        values = source.read(start, end)
        tasks = (
            functools.partial(
                work,
                values[at - start : min(at + SPAN, stop) + reach - start],
                at,
                min(SPAN, stop - at),
            )
            for at in range(start, stop, SPAN)
        )
        run_tasks(tasks, min(count, -(-(stop - start) // SPAN)))
        source.release(start, stop)
    return workers


def measure(
    source: Source,
    plan: ScanPlan,
    spans: tuple[int, int] | None = None,
    *,
    threads: int | None = None,
) -> StreamState:
    """Scan a source, or the part of it between two spans.

    Parameters
    ----------
    source : Source
        The elements.
    plan : ScanPlan
        What to count and sum; made for the whole source.
    spans : tuple of int, optional
        First span and the one after the last, in [0, plan.n_spans].
    threads : int, optional
        Threads to use; those that a fill would use.

    Returns
    -------
    state : StreamState
        Of that part; states of all parts merge to that of the whole.

    Examples
    --------
    >>> import numpy as np
    >>> from fastinit.conformance.streaming import open_source, plan_scan
    >>> from fastinit.distributions import DISTRIBUTIONS
    >>> source = open_source(np.zeros(10))
    >>> law = DISTRIBUTIONS["normal"].law((0.0, 1.0))
    >>> measure(source, plan_scan(law, source)).n
    10
    """
    tallies = run_pass(
        source,
        functools.partial(Tally, plan),
        reach=plan.reach,
        spans=spans,
        threads=threads,
    )
    return merge([tally.state() for tally in tallies or [Tally(plan)]])


def merge(states: list[StreamState]) -> StreamState:
    """State of all parts of one array.

    Parameters
    ----------
    states : list of StreamState
        At least one; made by one plan.

    Returns
    -------
    state : StreamState
        In any order the same.

    Examples
    --------
    >>> merge([])
    Traceback (most recent call last):
    ...
    TypeError: reduce() of empty iterable with no initial value
    """
    return functools.reduce(merge_states, states)


def _windows(
    source: Source, reach: int, spans: tuple[int, int] | None
) -> Iterator[tuple[int, int, int]]:
    """Start, stop and end of the reach of the windows of some spans."""
    first, last = spans or (0, -(-source.n // SPAN))
    stop = min(last * SPAN, source.n)
    size = max(stop - first * SPAN, 1)
    if not source.in_memory:
        size = max(WINDOW_BYTES // source.dtype.itemsize // SPAN, 1) * SPAN
    for start in range(first * SPAN, stop, size):
        end = min(start + size, stop)
        # The disk is read while the processors look at what it has given.
        source.prepare(end, min(end + size, stop))
        yield start, end, min(end + reach, source.n)
