"""A fork waits for Numba's compiler, whoever uses it.

A child that inherits the compiler's lock without the thread that holds it would wait
for ever at its first compilation.
"""

from __future__ import annotations

import functools
import os
from typing import Any

from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target

__all__ = ["wait_at_forks"]


@functools.cache
def wait_at_forks() -> None:
    """Have forks of this process wait for compilations under way, from now on.

    Notes
    -----
    The system runs such hooks in the reverse order of their registration: what is
    locked before a compilation begins has to be registered after this.

    Examples
    --------
    >>> wait_at_forks()
    """
    if not hasattr(os, "register_at_fork"):
        return
    # Numba's own lock, which it takes for every compilation; it is not typed.
    lock: Any = global_compiler_lock
    os.register_at_fork(
        before=lock.acquire,
        after_in_parent=lock.release,
        after_in_child=lock.release,
    )
    # Numba makes its context at the first use, behind a lock of its own; made here,
    # no fork can meet that one.
    with lock:
        cpu_target.target_context  # noqa: B018
