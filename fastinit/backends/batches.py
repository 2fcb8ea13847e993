"""Batches: many fills as one stream of tasks that threads can share."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator

from fastinit.backends.jobs import SPAN, Job
from fastinit.backends.protocol import Fill

__all__ = ["batch_tasks"]

Task = Callable[[], int]


def batch_tasks(
    fills: Iterable[Fill], threads: int, job_of: Callable[[Fill], Job]
) -> Iterator[Task]:
    """Tasks of about `SPAN` elements: parts of large fills, or several small ones.

    Parameters
    ----------
    fills : iterable of Fill
        None of them empty.
    threads : int
        Threads that will share the tasks, >= 1.
    job_of : callable
        job_of(fill) -> its Job; called when a thread comes to it.

    Yields
    ------
    task : callable
        Returns the number of elements that it did.

    Examples
    --------
    >>> list(batch_tasks([], 2, None))
    []
    """
    small: list[Fill] = []
    size = 0
    for fill in fills:
        if fill.window.size >= SPAN:
            yield from job_of(fill).tasks(threads)
            continue
        small.append(fill)
        size += fill.window.size
        if size >= SPAN:
            yield functools.partial(_fill_all, small, job_of)
            small, size = [], 0
    if small:
        yield functools.partial(_fill_all, small, job_of)


def _fill_all(fills: list[Fill], job_of: Callable[[Fill], Job]) -> int:
    """Fill one after the other on this thread."""
    return sum(task() for fill in fills for task in job_of(fill).tasks(1))
